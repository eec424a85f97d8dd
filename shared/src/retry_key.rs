//! Retry keys: a client stores one before it sends a refresh token, so that only this client can ask for a lost answer again.
//!
//! # Invariants
//! A key is hashed as soon as it is read. The table stores the hash, which cannot be used as a key.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// The minimum length of a key in characters: 128 random bits in base64.
pub const MIN_CHARS: usize = 22;

/// The maximum length of a key in characters.
pub const MAX_CHARS: usize = 128;

/// The first 16 bytes of the SHA-256 hash of a retry key. `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetryKeyHash([u8; 16]);

/// The text is not a retry key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {MIN_CHARS} to {MAX_CHARS} visible ASCII characters")]
pub struct RetryKeyError;

impl RetryKeyHash {
    /// Hashes the key in a request.
    ///
    /// # Errors
    /// Returns [`RetryKeyError`] unless it is [`MIN_CHARS`] to [`MAX_CHARS`] characters from `!` to `~`.
    pub fn of(key: &str) -> Result<Self, RetryKeyError> {
        let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_visible || !(MIN_CHARS..=MAX_CHARS).contains(&key.len()) {
            return Err(RetryKeyError);
        }
        digest(&SHA256, key.as_bytes()).as_ref().first_chunk().copied().map(Self).ok_or(RetryKeyError)
    }

    /// Returns the hash with these bytes, as the table stores it.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the hash's bytes, for the table.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for RetryKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryKeyHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_22_to_128_visible_ascii_characters() {
        for key in ["x".repeat(22), "~!".repeat(64), "abcdefghijklmnopqrstu\"\\".to_owned()] {
            assert!(RetryKeyHash::of(&key).is_ok(), "{key}");
        }
        let of_21 = "x".repeat(21);
        for key in [String::new(), of_21.clone(), "x".repeat(129)] {
            assert_eq!(RetryKeyHash::of(&key), Err(RetryKeyError), "{key}");
        }
        for foreign in [" ", "\u{7f}", "\n", "\u{e9}"] {
            assert_eq!(RetryKeyHash::of(&format!("{of_21}{foreign}")), Err(RetryKeyError), "{foreign:?}");
        }
    }

    #[test]
    fn the_hash_is_the_beginning_of_sha_256() {
        // From `printf %s abcdefghijklmnopqrstuvwxyz | sha256sum`.
        let hash = RetryKeyHash::of("abcdefghijklmnopqrstuvwxyz").unwrap();
        let expected = 0x71c4_80df_93d6_ae2f_1efa_d144_7c66_c952_u128.to_be_bytes();
        assert_eq!(hash.as_bytes(), &expected);
    }

    #[test]
    fn g7_debug_shows_no_hash() {
        assert_eq!(format!("{:?}", RetryKeyHash::from_bytes([7; 16])), "RetryKeyHash(..)");
    }
}
