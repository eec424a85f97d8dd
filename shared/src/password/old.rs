//! The functions with which other systems hash passwords.
//!
//! # Invariants
//! * Parameters are within limits, whether they come from an import or from a row of the table. A comparison therefore
//!   takes a few seconds at most and limited memory, whoever wrote the row.
//! * A function gets the bytes that the other system got: the password as typed, in UTF-8, not in NFC.

mod compute;
mod text;

use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::HashCost;
use super::argon2id;

/// A function with its parameters, without salt and length of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldFunction {
    /// bcrypt, in the variants `2a`, `2b` and `2y`, which are one function. It sees 72 bytes of a password.
    Bcrypt {
        /// The logarithm of the number of rounds.
        cost: u32,
    },
    /// PBKDF2 (RFC 8018 section 5.2) with HMAC.
    Pbkdf2 {
        /// The hash function of the HMAC.
        digest: Digest,
        /// The number of iterations.
        iterations: u32,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        /// The logarithm of N.
        log_n: u32,
        /// The block size.
        r: u32,
        /// The parallelism.
        p: u32,
    },
    /// Firebase's: the stream of AES-256 in CTR mode, begun at zero, whose key is the output of scrypt with p = 1. Firebase
    /// stores it combined with the project's signer key (XOR), so a hash without that key is the stream itself.
    FirebaseScrypt {
        /// The logarithm of N: `mem_cost`.
        log_n: u32,
        /// The block size: `rounds`.
        r: u32,
    },
    /// Argon2id, version 1.3 (RFC 9106).
    Argon2id(HashCost),
}

/// The hash functions with which PBKDF2 is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// A parameter exceeds its limits. The message names the parameter and the limits, and nothing of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} must be {}", range(*.least, *.most))]
pub struct LimitError {
    parameter: &'static str,
    least: u64,
    most: u64,
}

/// The inputs of a password hash: a function, its salt, and the length of its output in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    function: OldFunction,
    salt: Vec<u8>,
    length: usize,
}

/// A hash of another system. It has no `Debug`, because it reveals weak passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct OldHash {
    pub(super) recipe: Recipe,
    pub(super) output: Zeroizing<Vec<u8>>,
}

impl OldHash {
    /// Takes a function, its salt and its output.
    ///
    /// # Errors
    /// Returns [`LimitError`] for a parameter that exceeds its limits.
    pub fn new(function: OldFunction, salt: &[u8], output: &[u8]) -> Result<Self, LimitError> {
        let recipe = Recipe::new(function, salt.to_vec(), output.len())?;
        Ok(Self { recipe, output: Zeroizing::new(output.to_vec()) })
    }

    /// Returns the cost of Argon2id that is at least OWASP's minimum (Password Storage Cheat Sheet: from
    /// 7 MiB and five passes to 46 MiB and one): such a hash may stay as it is.
    pub(super) fn strong_argon2id(&self) -> Option<HashCost> {
        match self.recipe.function {
            OldFunction::Argon2id(cost) => {
                let work = u64::from(cost.memory_kib) * u64::from(cost.iterations);
                (cost.memory_kib >= 7168 && work >= 35_840).then_some(cost)
            }
            OldFunction::Bcrypt { .. }
            | OldFunction::Pbkdf2 { .. }
            | OldFunction::Scrypt { .. }
            | OldFunction::FirebaseScrypt { .. } => None,
        }
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.recipe.salt
    }
}

impl Recipe {
    pub(super) fn new(function: OldFunction, salt: Vec<u8>, length: usize) -> Result<Self, LimitError> {
        function.check()?;
        let (salts, lengths) = match function {
            OldFunction::Bcrypt { .. } => (16..=16, 23..=23),
            // A hash that stays as it is must have a salt that the PHC string format allows.
            OldFunction::Argon2id(_) => (8..=48, 16..=64),
            OldFunction::Pbkdf2 { .. } | OldFunction::Scrypt { .. } | OldFunction::FirebaseScrypt { .. } => {
                (1..=64, 16..=64)
            }
        };
        within("bytes of salt", salt.len(), salts)?;
        within("bytes of hash", length, lengths)?;
        Ok(Self { function, salt, length })
    }
}

impl OldFunction {
    /// Checks the parameters, separately and in combination.
    fn check(self) -> Result<(), LimitError> {
        match self {
            Self::Bcrypt { cost } => within("cost", cost, 4..=14),
            Self::Pbkdf2 { iterations, .. } => within("iterations", iterations, 1..=2_000_000),
            Self::Scrypt { log_n, r, p } => check_scrypt(log_n, r, p),
            Self::FirebaseScrypt { log_n, r } => check_scrypt(log_n, r, 1),
            Self::Argon2id(cost) => check_argon2id(cost),
        }
    }
}

fn check_scrypt(log_n: u32, r: u32, p: u32) -> Result<(), LimitError> {
    within("r", r, 1..=64)?;
    // RFC 7914 section 2: N is less than 2 to the power of 16 r.
    within("ln, the logarithm of N,", log_n, 1..=u64::from(r * 16 - 1).min(18))?;
    within("p", p, 1..=16)?;
    let blocks = u64::from(r) << log_n;
    within("N \u{b7} r", blocks, 1..=524_288)?; // 64 MiB
    within("N \u{b7} r \u{b7} p", blocks * u64::from(p), 1..=1_048_576)
}

fn check_argon2id(cost: HashCost) -> Result<(), LimitError> {
    within("m", cost.memory_kib, 8..=262_144)?;
    within("t", cost.iterations, 1..=10)?;
    within("p", cost.parallelism, 1..=64)?;
    within("p", cost.parallelism, 1..=u64::from(cost.memory_kib / 8))?;
    match argon2id::is_defined(cost) {
        true => Ok(()),
        false => Err(LimitError { parameter: "m", least: 8, most: 262_144 }),
    }
}

fn within(
    parameter: &'static str,
    value: impl TryInto<u64>,
    limits: RangeInclusive<u64>,
) -> Result<(), LimitError> {
    let is_within = value.try_into().is_ok_and(|value| limits.contains(&value));
    if is_within {
        Ok(())
    } else {
        Err(LimitError { parameter, least: *limits.start(), most: *limits.end() })
    }
}

fn range(least: u64, most: u64) -> String {
    if least == most { most.to_string() } else { format!("from {least} to {most}") }
}

#[cfg(test)]
mod tests;
