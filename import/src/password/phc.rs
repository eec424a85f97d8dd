//! PHC strings of Argon2id, scrypt and PBKDF2, and those of Python's passlib, which write PBKDF2's iterations without a name
//! and a dot for a plus.

use shared::password::{Digest, HashCost, OldFunction, OldHash};

use super::{HASH, malformed, within_limits};
use crate::members::base64;
use crate::reason::Reason;

/// `$name$`, for Argon2id `v=19$`, `parameters$salt$output`.
struct Parts<'a> {
    parameters: &'a str,
    salt: &'a str,
    output: &'a str,
}

pub(super) fn read(text: &str) -> Result<OldHash, Reason> {
    let (name, rest) = text
        .strip_prefix('$')
        .and_then(|text| text.split_once('$'))
        .ok_or_else(|| malformed("a PHC string, which begins with $ and the name of a function"))?;
    match name {
        "argon2id" => {
            let rest = rest.strip_prefix("v=19$").ok_or_else(|| malformed("Argon2id of v=19"))?;
            let parts =
                Parts::of(rest).ok_or_else(|| malformed("$argon2id$v=19$m=..,t=..,p=..$salt$hash"))?;
            parts.hash(argon2id)
        }
        "scrypt" => {
            let parts = Parts::of(rest).ok_or_else(|| malformed("$scrypt$ln=..,r=..,p=..$salt$hash"))?;
            parts.hash(scrypt)
        }
        "pbkdf2" | "pbkdf2-sha1" => pbkdf2(Digest::Sha1, rest),
        "pbkdf2-sha256" => pbkdf2(Digest::Sha256, rest),
        "pbkdf2-sha512" => pbkdf2(Digest::Sha512, rest),
        _ => Err(malformed(
            "of one of the functions argon2id, scrypt, pbkdf2, pbkdf2-sha1, pbkdf2-sha256, pbkdf2-sha512",
        )),
    }
}

fn pbkdf2(digest: Digest, rest: &str) -> Result<OldHash, Reason> {
    let parts = Parts::of(rest).ok_or_else(|| malformed("$pbkdf2-..$i=..,l=..$salt$hash"))?;
    parts.hash(|numbers| {
        let iterations = match numbers {
            [("i", iterations), ("l", _)] | [("i" | "", iterations)] => *iterations,
            _ => return None,
        };
        Some(OldFunction::Pbkdf2 { digest, iterations })
    })
}

fn scrypt(numbers: &[(&str, u32)]) -> Option<OldFunction> {
    let [("ln", log_n), ("r", r), ("p", p)] = *numbers else { return None };
    Some(OldFunction::Scrypt { log_n, r, p })
}

fn argon2id(numbers: &[(&str, u32)]) -> Option<OldFunction> {
    let [("m", memory_kib), ("t", iterations), ("p", parallelism)] = *numbers else { return None };
    Some(OldFunction::Argon2id(HashCost { memory_kib, iterations, parallelism }))
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.split('$');
        let parts_of_it = (parts.next()?, parts.next()?, parts.next()?);
        let (parameters, salt, output) = Some(parts_of_it).filter(|_| parts.next().is_none())?;
        Some(Self { parameters, salt, output })
    }

    /// Takes the function of these parameters, which have the order of its format.
    fn hash(&self, function: impl Fn(&[(&str, u32)]) -> Option<OldFunction>) -> Result<OldHash, Reason> {
        let numbers: Option<Vec<_>> = self.parameters.split(',').map(number).collect();
        let function = numbers.as_deref().and_then(function).ok_or_else(|| {
            malformed("a PHC string whose function has its usual parameters, in their order")
        })?;
        let [salt, output] = [self.salt, self.output].map(|text| base64(HASH, &text.replace('.', "+")));
        let (salt, output) = (salt?, output?);
        let length = numbers.iter().flatten().find(|(name, _)| *name == "l");
        if length.is_some_and(|(_, length)| usize::try_from(*length) != Ok(output.len())) {
            return Err(malformed("as long as its l says"));
        }
        within_limits(function, &salt, &output)
    }
}

/// `name=number`, or a number alone.
fn number(text: &str) -> Option<(&str, u32)> {
    let (name, number) = text.split_once('=').unwrap_or(("", text));
    Some((name, number.parse().ok()?))
}
