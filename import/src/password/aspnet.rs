//! ASP.NET Core Identity's `PasswordHasher`, both of its layouts, which differ in their first byte.
//!
//! * Version 2: 0, a salt of 16 bytes, 32 bytes of PBKDF2 with HMAC-SHA-1 and 1000 iterations.
//! * Version 3: 1, the hash function, the number of iterations and the length of the salt, as 32-bit numbers with the highest
//!   byte first, the salt, and the output of PBKDF2.

use shared::password::{Digest, OldFunction, OldHash};

use super::{malformed, within_limits};
use crate::reason::Reason;

const WHAT: &str = "of version 2 or 3 of ASP.NET Core Identity's layout";

pub(super) fn read(bytes: &[u8]) -> Result<OldHash, Reason> {
    let (function, salt, output) = parts(bytes).ok_or_else(|| malformed(WHAT))?;
    within_limits(function, salt, output)
}

fn parts(bytes: &[u8]) -> Option<(OldFunction, &[u8], &[u8])> {
    match bytes.split_first()? {
        (0, rest) if rest.len() == 48 => {
            let (salt, output) = rest.split_at_checked(16)?;
            Some((OldFunction::Pbkdf2 { digest: Digest::Sha1, iterations: 1000 }, salt, output))
        }
        (1, rest) => {
            let (digest, rest) = number(rest)?;
            let digest = match digest {
                0 => Digest::Sha1,
                1 => Digest::Sha256,
                2 => Digest::Sha512,
                _ => return None,
            };
            let (iterations, rest) = number(rest)?;
            let (length, rest) = number(rest)?;
            let (salt, output) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            Some((OldFunction::Pbkdf2 { digest, iterations }, salt, output))
        }
        _ => None,
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}
