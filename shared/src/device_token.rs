//! Device tokens: 57 bytes that give a device that has signed in before a lane of its own for its attempts, so that
//! strangers who guess at an account do not lock its owner out.
//!
//! ```text
//! key id 1 | device id 16 | user id 16 | ended version 8 (big endian) | tag 16
//! tag = first 16 bytes of HMAC-SHA-256(refresh-token key named by key id,
//!                                      "ratchet-device-v2\0" | the 41 bytes before it | email)
//! ```
//!
//! # Invariants
//! * A [`DeviceToken`] is genuine for the address that it was parsed for: [`DeviceToken::parse`] checks the tag
//!   before any I/O.
//! * It proves an earlier sign-in and never replaces a password.

use std::fmt;

use aws_lc_rs::constant_time;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;

use crate::account::Account;
use crate::email::Email;
use crate::ids::{DeviceId, UserId};
use crate::refresh_token::{RefreshKeyId, RefreshKeys};

/// The length of a device token as text, in bytes.
pub const TEXT_BYTES: usize = 76;

const BYTES: usize = 57;
const TAG_BYTES: usize = 16;
const SIGNED_BYTES: usize = BYTES - TAG_BYTES;
const LABEL: &[u8] = b"ratchet-device-v2\0";

/// A device token that we made: parsed and its tag checked, or made for a sign-in that has just succeeded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceToken {
    /// The device. It stays the same across its sign-ins.
    pub device_id: DeviceId,
    /// The account. A later account with the same address has another id.
    pub user_id: UserId,
    /// The account's `ended_version` at the sign-in. A change that ends sessions makes the token stale; a change of
    /// the name does not.
    pub ended_version: i64,
}

/// The text of a device token, for a response. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct DeviceTokenText(String);

/// The text is not a device token that these keys have made for this address: it is damaged, forged, another account's, or of a
/// dropped key. The reason is not disclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device token for this account")]
pub struct DeviceTokenError;

impl DeviceToken {
    /// Returns the token of the device that has just signed in to this account. The device stays that of `before` if it
    /// is this account's.
    #[must_use]
    pub fn after_sign_in(
        before: Option<Self>,
        user_id: UserId,
        ended_version: i64,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let before = before.filter(|token| token.user_id == user_id);
        let device_id = before.map_or_else(|| DeviceId::random(rng), |token| token.device_id);
        Self { device_id, user_id, ended_version }
    }

    /// Returns whether the token belongs to the current state of the account.
    #[must_use]
    pub fn is_of(&self, account: &Account) -> bool {
        (self.user_id, self.ended_version) == (account.user_id, account.ended_version)
    }

    /// Reads a token and checks its tag in constant time. The caller must check whether it still belongs to the account
    /// ([`Self::is_of`]).
    ///
    /// # Errors
    /// Returns [`DeviceTokenError`] unless the text is the one canonical encoding of a token made for `email` with a key of
    /// `keys`.
    pub fn parse(text: &str, email: &Email, keys: &RefreshKeys) -> Result<Self, DeviceTokenError> {
        Self::read(text, email, keys).ok_or(DeviceTokenError)
    }

    fn read(text: &str, email: &Email, keys: &RefreshKeys) -> Option<Self> {
        let mut bytes = [0; BYTES];
        // The decoder refuses padding, foreign characters and non-zero spare bits (RFC 4648 section 3.5).
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if length != BYTES {
            return None;
        }
        let (signed, tag) = bytes.split_first_chunk::<SIGNED_BYTES>()?;
        let ([key_id], rest) = signed.split_first_chunk()?;
        let (device_id, rest) = rest.split_first_chunk()?;
        let (user_id, version) = rest.split_first_chunk()?;
        let expected = keys.mac(RefreshKeyId(*key_id), LABEL, &[signed, email.as_str().as_bytes()])?;
        constant_time::verify_slices_are_equal(expected.as_ref().get(..TAG_BYTES)?, tag).ok()?;
        Some(Self {
            device_id: DeviceId::from_bytes(*device_id),
            user_id: UserId::from_bytes(*user_id),
            ended_version: i64::from_be_bytes(version.try_into().ok()?),
        })
    }

    /// Returns the token's text for `email`, made with the current key.
    #[must_use]
    pub fn to_text(&self, email: &Email, keys: &RefreshKeys) -> DeviceTokenText {
        let (key_id, version) = ([keys.current().0], self.ended_version.to_be_bytes());
        let mut bytes = [&key_id[..], self.device_id.as_bytes(), self.user_id.as_bytes(), &version].concat();
        let tag = keys.current_mac(LABEL, &[&bytes, email.as_str().as_bytes()]);
        bytes.extend(tag.as_ref().iter().take(TAG_BYTES));
        DeviceTokenText(URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl DeviceTokenText {
    /// Returns the text itself, for use in the response body only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

impl fmt::Debug for DeviceTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceTokenText(..)")
    }
}

#[cfg(test)]
mod tests;
