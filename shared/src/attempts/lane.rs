//! Lanes: attempts in one lane are counted together.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::code::Purpose;
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::UserId;
use crate::refresh_token::RefreshKeys;

const COMMON: &[u8] = b"ratchet-attempts-email-v1\0";
const OF_A_DEVICE: &[u8] = b"ratchet-attempts-device-v2\0";
const MAIL: &[u8] = b"ratchet-mail-email-v1\0";
const MAIL_BY_A_USER: &[u8] = b"ratchet-mail-user-v1\0";
const MAIL_OF_A_DEVICE: &[u8] = b"ratchet-mail-device-v1\0";
const ALL_MAIL: &[u8] = b"ratchet-mail-all-v1\0";

/// The key of a row of attempts: an HMAC, so that the table contains neither addresses nor passwords that somebody typed into
/// the wrong field.
///
/// The HMAC key is the current refresh-token key: a rotation clears all counts once. Another key of the set would
/// only postpone that, because no key stays permanently.
#[derive(Clone, PartialEq, Eq)]
pub struct Lane(String);

impl Lane {
    /// Returns the common lane of an address, for attempts without a device token.
    #[must_use]
    pub fn common(email: &Email, keys: &RefreshKeys) -> Self {
        Self::of(COMMON, &[email.as_str().as_bytes()], keys)
    }

    /// Returns the lane of a device that has signed in to this account before. It includes the account's id and `ended_version`:
    /// a token of a deleted account, or from before a password change, must not block the lane of its
    /// successor.
    #[must_use]
    pub fn of_device(email: &Email, device: &DeviceToken, keys: &RefreshKeys) -> Self {
        // Fields of fixed length come first, so that no two lanes have the same input.
        let (device_id, user_id) = (device.device_id.as_bytes(), device.user_id.as_bytes());
        let version = device.ended_version.to_be_bytes();
        Self::of(OF_A_DEVICE, &[device_id, user_id, &version, email.as_str().as_bytes()], keys)
    }

    /// Returns the common lane of requests for a mail of this kind to an address.
    #[must_use]
    pub fn of_mail(purpose: Purpose, email: &Email, keys: &RefreshKeys) -> Self {
        Self::of(MAIL, &[purpose.name().as_bytes(), &[0], email.as_str().as_bytes()], keys)
    }

    /// Returns the lane for a mail of this kind, requested by a device that has signed in to this account before.
    #[must_use]
    pub fn of_mail_from(device: &DeviceToken, purpose: Purpose, email: &Email, keys: &RefreshKeys) -> Self {
        let (device_id, user_id) = (device.device_id.as_bytes(), device.user_id.as_bytes());
        let parts: [&[u8]; 5] =
            [device_id, user_id, purpose.name().as_bytes(), &[0], email.as_str().as_bytes()];
        Self::of(MAIL_OF_A_DEVICE, &parts, keys)
    }

    /// Returns the lane of a user who has mails of this kind sent to others.
    #[must_use]
    pub fn of_mail_by(user_id: UserId, purpose: Purpose, keys: &RefreshKeys) -> Self {
        Self::of(MAIL_BY_A_USER, &[user_id.as_bytes(), purpose.name().as_bytes()], keys)
    }

    /// Returns the lane of all mail that is requested without a session in this minute.
    #[must_use]
    pub fn of_all_mail(minute: i64, keys: &RefreshKeys) -> Self {
        Self::of(ALL_MAIL, &[&minute.to_be_bytes()], keys)
    }

    fn of(label: &[u8], parts: &[&[u8]], keys: &RefreshKeys) -> Self {
        Self(URL_SAFE_NO_PAD.encode(keys.current_mac(label, parts)))
    }

    /// Returns the key of the row.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lane(..)")
    }
}
