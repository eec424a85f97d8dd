//! The names of keys in the setting `RevokeKeys`.

use std::fmt;
use std::str::FromStr;

/// What the name of a data key begins with, since refresh-token keys have the same ids.
const DATA: &str = "data-";

/// Names a key of a set: the `kid` of a signing key, or the id of a refresh-token key, or `data-` and
/// the id of a data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// An RFC 7638 thumbprint.
    Signing(String),
    /// 1 to 255.
    RefreshToken(u8),
    /// 1 to 65535.
    Data(u16),
}

/// The text is not the name of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is neither the kid of a signing key (43 characters) nor the id of a refresh-token key (1 to 255) nor that of a \
     data key (data-1 to data-65535)"
)]
pub struct KeyNameError(String);

/// Reads a list of names separated by commas. An empty list has no names.
///
/// # Errors
/// Returns [`KeyNameError`] for the first invalid name.
pub fn key_names(list: &str) -> Result<Vec<KeyName>, KeyNameError> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::parse).collect()
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        /// SHA-256 in base64url without padding.
        const THUMBPRINT: usize = 43;
        let is_base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.len() == THUMBPRINT && text.chars().all(is_base64url) {
            return Ok(Self::Signing(text.to_owned()));
        }
        // Cut, because a whole document pasted here by mistake must not be repeated.
        let bad = || KeyNameError(text.chars().take(THUMBPRINT).collect());
        match text.strip_prefix(DATA) {
            Some(id) => id.parse().ok().filter(|id| *id > 0).map(Self::Data).ok_or_else(bad),
            None => text.parse().ok().filter(|id| *id > 0).map(Self::RefreshToken).ok_or_else(bad),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signing(kid) => f.write_str(kid),
            Self::RefreshToken(id) => id.fmt(f),
            Self::Data(id) => write!(f, "{DATA}{id}"),
        }
    }
}
