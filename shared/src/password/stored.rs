//! The texts of which `password_hash` in the table of users is one.
//!
//! * A password that was set here is a PHC string: `$argon2id$v=19$m=..,t=..,p=..$salt$hash`, of the password in NFC.
//! * A hash that another system made is **wrapped**: Argon2id of the other function's output. The text is
//!   `$wrapped$v=1$name$parameters$salt` and a PHC string behind it, such as
//!   `$wrapped$v=1$pbkdf2-sha256$i=600000,l=32$salt$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. The other function's output,
//!   `l` bytes long, is not in it, so whoever reads the row has to compute both functions for each password that they try.
//!   They can tell what the other system used, and whether a hash that they have from there is of this account.
//! * Argon2id that another system made, strong enough to stay, is `$wrapped$v=1$typed` and its PHC string: Argon2id of the
//!   password as it was typed.
//!
//! The first sign-in replaces both by a PHC string. `v` is the version of this form; a text of another version, or with more
//! than [`MAX_BYTES`], is not read.

use std::fmt;

use phc::PasswordHash;

use super::old::Recipe;

/// The longest text that is read.
const MAX_BYTES: usize = 512;

/// What a wrapped hash begins with.
const WRAPPED: &str = "$wrapped$v=1$";

/// In place of a recipe: there is no other function.
const TYPED: &str = "typed";

/// A stored hash: what was hashed by Argon2id, and its PHC string.
pub(super) struct Stored {
    pub(super) hashed: Hashed,
    pub(super) hash: PasswordHash,
}

/// What Argon2id has hashed.
pub(super) enum Hashed {
    /// The password in NFC, as everywhere in this service.
    Normalised,
    /// The password as it was typed.
    Typed,
    /// What another function computed of the password as it was typed.
    Output(Recipe),
}

impl Stored {
    /// Reads a text; none if it is of no such form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (hashed, hash) = match text.strip_prefix(WRAPPED) {
            None => (Hashed::Normalised, text),
            Some(wrapped) => match wrapped.strip_prefix(TYPED) {
                Some(hash) => (Hashed::Typed, hash),
                None => recipe_and_hash(wrapped)?,
            },
        };
        Some(Self { hashed, hash: PasswordHash::new(hash).ok()? })
    }
}

/// The hash begins with a dollar sign.
fn recipe_and_hash(wrapped: &str) -> Option<(Hashed, &str)> {
    let (name, rest) = wrapped.split_once('$')?;
    let (parameters, rest) = rest.split_once('$')?;
    let (salt, hash) = rest.split_at_checked(rest.find('$')?)?;
    Some((Hashed::Output(Recipe::parse(name, parameters, salt)?), hash))
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hashed {
            Hashed::Normalised => Ok(()),
            Hashed::Typed => write!(f, "{WRAPPED}{TYPED}"),
            Hashed::Output(recipe) => write!(f, "{WRAPPED}{recipe}"),
        }?;
        write!(f, "{}", self.hash)
    }
}
