//! Passwords: NFC-normalised, hashed with Argon2id (RFC 9106), stored as PHC strings.
//!
//! Hashes of other systems are stored wrapped (`password/stored.rs`) until their users sign in.
//!
//! # Invariants
//! Verifying costs one hash, whether the account exists or not, so neither response time nor load reveals
//! accounts. An imported account costs the other system's function too, until its first sign-in.

mod argon2id;
mod breached;
mod forms;
mod old;
mod stored;
mod strength;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use phc::PasswordHash;
use rand::{CryptoRng, RngExt};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::text::is_damaged;
use argon2id::Memory;
pub use breached::{MAX_ANSWER_BYTES, RangeAnswerError, RangeApi, RangeQuery};
pub use old::{Digest, LimitError, OldFunction, OldHash};
use stored::{Hashed, Stored};
pub use strength::{Guessable, OwnWords};

/// The maximum length of any password, in bytes before normalisation.
pub const MAX_BYTES: usize = 1024;

/// The maximum length of a new password, in code points after normalisation (NIST SP 800-63B-4 requires at least 64).
pub const MAX_CODE_POINTS: usize = 128;

/// The length of a salt (RFC 9106 section 3.1).
const SALT_BYTES: usize = 16;

/// A typed password, normalised to NFC so that all keyboards produce the same password
/// (RFC 8265 section 4.2). `Debug` shows nothing; the memory is cleared afterwards.
pub struct Password {
    normalised: Zeroizing<String>,
    /// The password as typed, for the functions of other systems, if normalisation has changed it.
    typed: Option<Zeroizing<String>>,
}

/// The reason why a password is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRuleError {
    /// Longer than [`MAX_BYTES`].
    #[error("must be at most 1024 bytes long")]
    TooManyBytes,
    /// It contains U+FFFD: two passwords may have become one.
    #[error("must not contain U+FFFD, which stands for text that was not UTF-8")]
    Damaged,
    /// Shorter than the setting `PASSWORD_MIN_LENGTH`.
    #[error("must be at least {0} characters long")]
    TooShort(usize),
    /// Longer than [`MAX_CODE_POINTS`].
    #[error("must be at most 128 characters long")]
    TooLong,
    /// Its score is below the setting `PASSWORD_MIN_SCORE`.
    #[error("is too easy to guess: {0}")]
    Guessable(Guessable),
    /// The API of the setting `BREACHED_PASSWORDS` lists it.
    #[error("has become known in a data breach: choose another one, and change it wherever else you have it")]
    Breached,
}

/// The requirements on a new password: the settings `PASSWORD_MIN_LENGTH` and `PASSWORD_MIN_SCORE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The minimum number of code points, after normalisation.
    pub min_length: usize,
    /// The minimum score of zxcvbn, from 0 to 4: above 0, 10^3 guesses or more; 1, 10^6; 2, 10^8; 3, 10^10.
    pub min_score: u8,
}

/// The settings `PASSWORD_MEMORY_KIB`, `PASSWORD_ITERATIONS` and `PASSWORD_PARALLELISM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl HashCost {
    /// The maximum for settings and for stored hashes.
    pub const GREATEST: Self = Self { memory_kib: 524_288, iterations: 100, parallelism: 64 };
}

/// The reason why a hasher cannot have this cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashCostError {
    /// Argon2id is not defined for this combination of numbers.
    #[error("must be at least 8 KiB for each of the lanes of PASSWORD_PARALLELISM")]
    TooLittleMemory,
    /// This processor computes another hash than others would.
    #[error("can't be used here: on this processor a known password has another hash than elsewhere")]
    WrongAnswer,
}

/// Hashes and verifies passwords at one cost. After the first hash it keeps that much memory, cleared.
#[derive(Debug)]
pub struct Hasher {
    cost: HashCost,
    /// A hash of the same cost that no password has: the password for an unknown account is compared with it.
    nobodys: PasswordHash,
    memory: Memory,
    computed: AtomicU64,
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is the account's password.
    Right,
    /// It is the account's password, but its hash was made at another cost or by another system, and should be replaced.
    RightButStale,
    /// It is not the account's password, or the account does not exist.
    Wrong,
}

/// The stored hash is not a PHC string that can be verified, or there was not enough memory to hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password hash can't be computed or read")]
pub struct HashError;

impl Password {
    /// Takes a password for comparison.
    ///
    /// # Errors
    /// Returns [`PasswordRuleError::TooManyBytes`] above [`MAX_BYTES`]: hashing is expensive, and no password is that long.
    /// Returns [`PasswordRuleError::Damaged`] with U+FFFD, which gateways put in place of any bytes that are not
    /// UTF-8.
    pub fn parse(text: &str) -> Result<Self, PasswordRuleError> {
        if text.len() > MAX_BYTES {
            return Err(PasswordRuleError::TooManyBytes);
        }
        if is_damaged(text) {
            return Err(PasswordRuleError::Damaged);
        }
        let normalised = Zeroizing::new(text.nfc().collect::<String>());
        let typed = (*normalised != *text).then(|| Zeroizing::new(text.to_owned()));
        Ok(Self { normalised, typed })
    }

    /// Checks that it may become the password of an account with these `own` words: its length in code points and its
    /// resistance to guessing, but not its composition (NIST SP 800-63B-4 section 3.1.1.2).
    ///
    /// # Errors
    /// Returns [`PasswordRuleError`], which states the reason.
    pub fn check_new(&self, rules: Rules, own: &OwnWords) -> Result<(), PasswordRuleError> {
        match self.normalised.chars().count() {
            length if length < rules.min_length => Err(PasswordRuleError::TooShort(rules.min_length)),
            length if length > MAX_CODE_POINTS => Err(PasswordRuleError::TooLong),
            _ => {
                strength::check(&self.normalised, rules.min_score, own).map_err(PasswordRuleError::Guessable)
            }
        }
    }

    fn normalised(&self) -> &[u8] {
        self.normalised.as_bytes()
    }

    fn typed(&self) -> &[u8] {
        self.typed.as_ref().unwrap_or(&self.normalised).as_bytes()
    }
}

impl Hasher {
    /// Returns a hasher of this cost.
    ///
    /// # Errors
    /// Returns [`HashCostError`] if Argon2id is not defined for it, or computes a wrong answer on this processor.
    pub fn new(cost: HashCost) -> Result<Self, HashCostError> {
        if !argon2id::is_defined(cost) {
            return Err(HashCostError::TooLittleMemory);
        }
        if !argon2id::known_answer() {
            return Err(HashCostError::WrongAnswer);
        }
        let nobodys = argon2id::unmatched(cost, &[0; SALT_BYTES]).ok_or(HashCostError::TooLittleMemory)?;
        Ok(Self { cost, nobodys, memory: Memory::of_one(cost), computed: AtomicU64::new(0) })
    }

    /// Returns the PHC string of a new password, with a salt of 16 random bytes.
    ///
    /// # Errors
    /// Returns [`HashError`] if there is not enough memory.
    pub fn hash(&self, password: &Password, rng: &mut impl CryptoRng) -> Result<String, HashError> {
        Ok(self.hash_bytes(password.normalised(), rng)?.to_string())
    }

    /// Returns the text to store for another system's hash (`password/stored.rs`). Argon2id that is strong enough stays
    /// as it is; all others are hashed once more at the cost of this hasher.
    ///
    /// # Errors
    /// Returns [`HashError`] if there is not enough memory.
    pub fn wrap(&self, old: &OldHash, rng: &mut impl CryptoRng) -> Result<String, HashError> {
        let stored = match old.strong_argon2id() {
            Some(cost) => Stored {
                hashed: Hashed::Typed,
                hash: argon2id::phc_string(cost, old.salt(), &old.output).ok_or(HashError)?,
            },
            None => Stored {
                hashed: Hashed::Output(old.recipe.clone()),
                hash: self.hash_bytes(&old.output, rng)?,
            },
        };
        Ok(stored.to_string())
    }

    /// Returns whether a stored text is what [`Hasher::wrap`] makes of this hash, at any cost.
    ///
    /// # Errors
    /// Returns [`HashError`] if there is not enough memory. A text of another form counts as different.
    pub fn is_wrapped(&self, old: &OldHash, stored: &str) -> Result<bool, HashError> {
        match (Stored::parse(stored), old.strong_argon2id()) {
            (Some(Stored { hashed: Hashed::Typed, hash }), Some(cost)) => {
                Ok(argon2id::phc_string(cost, old.salt(), &old.output).is_some_and(|own| own == hash))
            }
            (Some(Stored { hashed: Hashed::Output(recipe), hash }), None) if recipe == old.recipe => {
                cost_of(&hash)?;
                self.is_of(&old.output, &hash)
            }
            (Some(_) | None, _) => Ok(false),
        }
    }

    fn hash_bytes(&self, bytes: &[u8], rng: &mut impl CryptoRng) -> Result<PasswordHash, HashError> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let salt: [u8; SALT_BYTES] = rng.random();
        argon2id::hash(&self.memory, self.cost, bytes, &salt).ok_or(HashError)
    }

    /// Compares a password with the stored text, or with an unused hash of the same cost if there is no account. A
    /// wrapped hash is never [`PasswordCheck::Right`], because it should be replaced.
    ///
    /// # Errors
    /// Returns [`HashError`] if `stored` is neither a PHC string of Argon2id, version 19, with only `m`, `t` and `p`,
    /// nor such a string after a recipe.
    pub fn verify(&self, password: &Password, stored: Option<&str>) -> Result<PasswordCheck, HashError> {
        let stored = stored.map(|text| Stored::parse(text).ok_or(HashError)).transpose()?;
        let (hashed, expected) = match &stored {
            Some(Stored { hashed, hash }) => (hashed, hash),
            None => (&Hashed::Normalised, &self.nobodys),
        };
        let cost = cost_of(expected)?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        let is_right = match hashed {
            Hashed::Normalised => self.is_of(password.normalised(), expected),
            Hashed::Typed => self.is_of(password.typed(), expected),
            Hashed::Output(recipe) => {
                let output = recipe.output(&self.memory, password.typed()).ok_or(HashError)?;
                self.is_of(&output, expected)
            }
        }?;
        let is_ours = matches!(hashed, Hashed::Normalised) && cost == self.cost;
        Ok(match is_right && stored.is_some() {
            true if is_ours => PasswordCheck::Right,
            true => PasswordCheck::RightButStale,
            false => PasswordCheck::Wrong,
        })
    }

    fn is_of(&self, bytes: &[u8], expected: &PasswordHash) -> Result<bool, HashError> {
        argon2id::is_of(&self.memory, bytes, expected).ok_or(HashError)
    }

    /// Returns the number of hashes computed so far, to set or to compare passwords.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }
}

/// Checks that [`Hasher::verify`] can read a text, which may then be stored.
///
/// # Errors
/// Returns [`HashError`] if it cannot.
pub fn check_stored(text: &str) -> Result<(), HashError> {
    cost_of(&Stored::parse(text).ok_or(HashError)?.hash).map(drop)
}

fn cost_of(hash: &PasswordHash) -> Result<HashCost, HashError> {
    argon2id::cost_of(hash).filter(|cost| argon2id::is_defined(*cost)).ok_or(HashError)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests;
