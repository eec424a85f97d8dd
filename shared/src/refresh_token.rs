//! Refresh tokens: 64 bytes that name a session and a generation, and prove that we made them.
//!
//! ```text
//! user id 16 | session id 16 | key id 1 | generation 3 (big endian) | nonce 12 | tag 16
//! tag = first 16 bytes of HMAC-SHA-256(key, "ratchet-refresh-v1\0" | the 48 bytes before it)
//! ```
//!
//! # Invariants
//! * A [`RefreshToken`] is genuine: [`RefreshToken::parse`] checks the tag first, before any I/O.
//! * The table stores a [`Nonce`], from which no token can be made without the key.

mod keys;

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::{CryptoRng, RngExt};

use crate::ids::{SessionId, UserId};
pub use keys::{RefreshKeyError, RefreshKeyId, RefreshKeys};

/// The length of a refresh token as text, in bytes.
pub const TEXT_BYTES: usize = 86;

const BYTES: usize = 64;
const TAG_BYTES: usize = 16;
const SIGNED_BYTES: usize = BYTES - TAG_BYTES;
const LABEL: &[u8] = b"ratchet-refresh-v1\0";

/// A refresh token that we made: parsed and its tag checked, or just minted.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The user of the session.
    pub user_id: UserId,
    /// The session that the token moves forward.
    pub session_id: SessionId,
    /// The key that made its tag.
    pub key_id: RefreshKeyId,
    /// The number of refreshes of the session before this token was minted.
    pub generation: Generation,
    /// The secret that only the table and the token contain.
    pub nonce: Nonce,
}

/// The number of refreshes of a session: 24 bits, the space in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u32);

/// 12 random bytes, fresh for each generation of a session.
///
/// The token contains it and the table stores it. A token can be made only with both the nonce and the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 12]);

/// The text of a refresh token, for a response. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct RefreshTokenText(String);

/// The text is not a refresh token of these keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshTokenError {
    /// The text is damaged or forged.
    #[error("not a refresh token of this service")]
    Forged,
    /// Its key has been dropped or is newer than the set, or it is forged: the tag cannot be checked.
    #[error("of an unknown refresh-token key")]
    UnknownKey,
}

impl RefreshToken {
    /// Reads a token and checks its tag in constant time.
    ///
    /// # Errors
    /// Returns [`RefreshTokenError`] unless the text is the one canonical encoding of a token made with a key of `keys`.
    pub fn parse(text: &str, keys: &RefreshKeys) -> Result<Self, RefreshTokenError> {
        let mut bytes = [0; BYTES];
        // The decoder refuses padding, foreign characters and non-zero spare bits (RFC 4648 section 3.5).
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == TEXT_BYTES => {}
            Ok(_) | Err(_) => return Err(RefreshTokenError::Forged),
        }
        let (signed, tag) = bytes.split_first_chunk::<SIGNED_BYTES>().ok_or(RefreshTokenError::Forged)?;
        let token = Self::from_signed_bytes(signed).ok_or(RefreshTokenError::Forged)?;
        let expected = tag_of(signed, keys.get(token.key_id).ok_or(RefreshTokenError::UnknownKey)?);
        constant_time::verify_slices_are_equal(&expected, tag).map_err(|_| RefreshTokenError::Forged)?;
        Ok(token)
    }

    /// Returns the token's text: always the same bytes for the same token.
    ///
    /// # Errors
    /// Returns [`RefreshKeyError`] if `keys` lacks the key that the token names.
    pub fn to_text(&self, keys: &RefreshKeys) -> Result<RefreshTokenText, RefreshKeyError> {
        let signed = self.signed_bytes();
        let key = keys.get(self.key_id).ok_or(RefreshKeyError(self.key_id))?;
        let mut bytes = [0; BYTES];
        let (head, tail) = bytes.split_at_mut(SIGNED_BYTES);
        head.copy_from_slice(&signed);
        tail.copy_from_slice(&tag_of(&signed, key));
        Ok(RefreshTokenText(URL_SAFE_NO_PAD.encode(bytes)))
    }

    fn from_signed_bytes(bytes: &[u8; SIGNED_BYTES]) -> Option<Self> {
        let (user_id, rest) = bytes.split_first_chunk()?;
        let (session_id, rest) = rest.split_first_chunk()?;
        let (&[key_id, generation @ ..], nonce) = rest.split_first_chunk::<4>()?;
        Some(Self {
            user_id: UserId::from_bytes(*user_id),
            session_id: SessionId::from_bytes(*session_id),
            key_id: RefreshKeyId(key_id),
            generation: Generation::from_bytes(generation),
            nonce: Nonce(nonce.try_into().ok()?),
        })
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            self.user_id.as_bytes(),
            self.session_id.as_bytes(),
            &[self.key_id.0],
            &self.generation.to_bytes(),
            &self.nonce.0,
        ];
        parts.concat()
    }
}

fn tag_of(signed: &[u8], key: &hmac::Key) -> [u8; TAG_BYTES] {
    let mut context = hmac::Context::with_key(key);
    context.update(LABEL);
    context.update(signed);
    let mut tag = [0; TAG_BYTES];
    for (byte, full) in tag.iter_mut().zip(context.sign().as_ref()) {
        *byte = *full;
    }
    tag
}

impl Generation {
    /// The generation of a session that has never been refreshed.
    pub const FIRST: Self = Self(0);
    /// The last generation that fits into a token: a session that reaches it ends.
    pub const LAST: Self = Self(0x00ff_ffff);

    /// Returns the generation with this number, if it fits into a token.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        (number <= Self::LAST.0).then_some(Self(number))
    }

    /// Returns the number of refreshes.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// Reads the number in big endian.
    #[must_use]
    pub fn from_bytes([high, middle, low]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, high, middle, low]))
    }

    /// Returns the number in big endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 3] {
        let [_, bytes @ ..] = self.0.to_be_bytes();
        bytes
    }

    /// Returns the next generation, unless this is the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

impl Nonce {
    /// Draws a fresh nonce.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(rng.random())
    }

    /// Returns the nonce with these bytes, as the table stores it.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// Returns the nonce's bytes, for the table.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }
}

impl RefreshTokenText {
    /// Returns the text itself, for use in the response body only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("session_id", &self.session_id)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}

impl fmt::Debug for RefreshTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokenText(..)")
    }
}

#[cfg(test)]
mod tests;
