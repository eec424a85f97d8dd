//! The formats of password hashes.

mod aspnet;
mod bcrypt;
mod django;
mod firebase;
mod keycloak;
mod phc;

use shared::password::{self, HashError, Hasher, LimitError, OldFunction, OldHash};

use crate::members::Members;
use crate::reason::Reason;

/// All formats, with the members of each beside `format`.
pub(crate) const FORMATS: [(&str, &[&str]); 7] = [
    ("phc", &["format", "hash"]),
    ("aspnet-identity", &["format", "hash"]),
    ("bcrypt", &["format", "hash"]),
    ("django-pbkdf2", &["format", "hash"]),
    ("firebase-scrypt", &["format", "hash", "salt", "signer_key", "salt_separator", "rounds", "memory_cost"]),
    ("keycloak-pbkdf2", &["format", "hash", "salt", "iterations", "algorithm"]),
    ("ratchet", &["format", "hash"]),
];

/// A password hash to import. It has no `Debug`, because it reveals weak passwords.
#[derive(Clone, PartialEq, Eq)]
pub enum ImportedPassword {
    /// A hash of another system.
    Old(OldHash),
    /// A hash of Ratchet, from an export, which is stored as it is.
    Own(String),
}

impl ImportedPassword {
    /// Returns the text to store. A hash of another system is wrapped, which takes a hash at the hasher's cost.
    ///
    /// # Errors
    /// Returns [`HashError`] if there is not enough memory.
    pub fn stored(&self, hasher: &Hasher, rng: &mut impl rand::CryptoRng) -> Result<String, HashError> {
        match self {
            Self::Old(hash) => hasher.wrap(hash, rng),
            Self::Own(text) => Ok(text.clone()),
        }
    }

    /// Returns whether a stored text is the result of [`ImportedPassword::stored`].
    ///
    /// # Errors
    /// Returns [`HashError`] if there is not enough memory.
    pub fn is_in(&self, stored: &str, hasher: &Hasher) -> Result<bool, HashError> {
        match self {
            Self::Old(hash) => hasher.is_wrapped(hash, stored),
            Self::Own(text) => Ok(text == stored),
        }
    }

    pub(crate) fn read(members: &Members<'_>) -> Result<Self, Reason> {
        let format = members.text("password.format")?;
        let (format, known) = FORMATS.iter().find(|(name, _)| *name == format).ok_or_else(unknown_format)?;
        members.only("password", known)?;
        let old = match *format {
            "phc" => phc::read(members.text(HASH)?),
            "aspnet-identity" => aspnet::read(&members.bytes(HASH)?),
            "bcrypt" => bcrypt::read(members.text(HASH)?),
            "django-pbkdf2" => django::read(members.text(HASH)?),
            "firebase-scrypt" => firebase::read(members),
            "keycloak-pbkdf2" => keycloak::read(members),
            _ => return own(members.text(HASH)?),
        };
        old.map(Self::Old)
    }
}

const HASH: &str = "password.hash";

fn own(text: &str) -> Result<ImportedPassword, Reason> {
    password::check_stored(text).map_err(|_| malformed("a hash as Ratchet exports it"))?;
    Ok(ImportedPassword::Own(text.to_owned()))
}

fn unknown_format() -> Reason {
    Reason::new("password.format", format!("must be one of {}", FORMATS.map(|(name, _)| name).join(", ")))
}

/// The hash does not match its format.
fn malformed(what: &str) -> Reason {
    Reason::new(HASH, format!("must be {what}"))
}

/// Combines the parts, if they are within the limits.
fn within_limits(function: OldFunction, salt: &[u8], output: &[u8]) -> Result<OldHash, Reason> {
    OldHash::new(function, salt, output).map_err(beyond)
}

fn beyond(error: LimitError) -> Reason {
    Reason::new("password", format!("is beyond a limit: {error}"))
}

#[cfg(test)]
mod tests;
