//! A recipe as text: `name$parameters$salt`, similar to PHC strings, with `l` for the length of the output.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use phc::ParamsString;

use super::{Digest, OldFunction, Recipe};
use crate::password::HashCost;

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name())?;
        match self.function {
            OldFunction::Bcrypt { cost } => write!(f, "$c={cost}"),
            OldFunction::Pbkdf2 { iterations, .. } => write!(f, "$i={iterations}"),
            OldFunction::Scrypt { log_n, r, p } => write!(f, "$ln={log_n},r={r},p={p}"),
            OldFunction::FirebaseScrypt { log_n, r } => write!(f, "$ln={log_n},r={r}"),
            OldFunction::Argon2id(HashCost { memory_kib, iterations, parallelism }) => {
                write!(f, "$m={memory_kib},t={iterations},p={parallelism}")
            }
        }?;
        write!(f, ",l={}${}", self.length, STANDARD_NO_PAD.encode(&self.salt))
    }
}

impl Recipe {
    /// Reads the three parts. Returns `None` if they are not a recipe of this module, or exceed the limits.
    pub(in crate::password) fn parse(name: &str, parameters: &str, salt: &str) -> Option<Self> {
        let numbers: ParamsString = parameters.parse().ok()?;
        let number = |name: &str| numbers.get_decimal(name);
        let pbkdf2 = |digest| Some(OldFunction::Pbkdf2 { digest, iterations: number("i")? });
        let function = match name {
            "bcrypt" => OldFunction::Bcrypt { cost: number("c")? },
            "pbkdf2-sha1" => pbkdf2(Digest::Sha1)?,
            "pbkdf2-sha256" => pbkdf2(Digest::Sha256)?,
            "pbkdf2-sha512" => pbkdf2(Digest::Sha512)?,
            "scrypt" => OldFunction::Scrypt { log_n: number("ln")?, r: number("r")?, p: number("p")? },
            "firebase-scrypt" => OldFunction::FirebaseScrypt { log_n: number("ln")?, r: number("r")? },
            "argon2id" => OldFunction::Argon2id(HashCost {
                memory_kib: number("m")?,
                iterations: number("t")?,
                parallelism: number("p")?,
            }),
            _ => return None,
        };
        let length = usize::try_from(number("l")?).ok()?;
        let recipe = Self::new(function, STANDARD_NO_PAD.decode(salt).ok()?, length).ok()?;
        (recipe.to_string() == format!("{name}${parameters}${salt}")).then_some(recipe)
    }
}

impl OldFunction {
    fn name(self) -> &'static str {
        match self {
            Self::Bcrypt { .. } => "bcrypt",
            Self::Pbkdf2 { digest: Digest::Sha1, .. } => "pbkdf2-sha1",
            Self::Pbkdf2 { digest: Digest::Sha256, .. } => "pbkdf2-sha256",
            Self::Pbkdf2 { digest: Digest::Sha512, .. } => "pbkdf2-sha512",
            Self::Scrypt { .. } => "scrypt",
            Self::FirebaseScrypt { .. } => "firebase-scrypt",
            Self::Argon2id(_) => "argon2id",
        }
    }
}
