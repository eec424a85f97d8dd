//! The forms of `password_hash` in the users table.
//!
//! * The hash of a password that was set here is a PHC string: `$argon2id$v=19$m=..,t=..,p=..$salt$hash`, of the password in NFC.
//! * A hash of another system is **wrapped**: Argon2id of the other function's output. The text is
//!   `$wrapped$v=1$name$parameters$salt` followed by a PHC string, such as
//!   `$wrapped$v=1$pbkdf2-sha256$i=600000,l=32$salt$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. The other function's output,
//!   `l` bytes long, is not in it, so a thief of the row has to compute both functions for each guess.
//!   The row shows which function the other system used, and whether a hash known from there is that of this account.
//! * An Argon2id hash of another system that is strong enough to stay is `$wrapped$v=1$typed` followed by its PHC
//!   string: Argon2id of the password as typed.
//!
//! The first sign-in replaces both by a PHC string. `v` is the version of this form; a text of another version, or of more
//! than [`MAX_BYTES`], is refused.

use std::fmt;

use phc::PasswordHash;

use super::old::Recipe;

/// The maximum length of a text.
const MAX_BYTES: usize = 512;

/// The beginning of a wrapped hash.
const WRAPPED: &str = "$wrapped$v=1$";

/// Replaces the recipe if there is no other function.
const TYPED: &str = "typed";

/// A stored hash: the input of Argon2id, and its PHC string.
pub(super) struct Stored {
    pub(super) hashed: Hashed,
    pub(super) hash: PasswordHash,
}

/// The input of Argon2id.
pub(super) enum Hashed {
    /// The password in NFC, as usual in this service.
    Normalised,
    /// The password as typed.
    Typed,
    /// The output of another function for the password as typed.
    Output(Recipe),
}

impl Stored {
    /// Reads a text. Returns `None` if it has none of these forms.
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

/// Reads the hash, which begins with a dollar sign.
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
