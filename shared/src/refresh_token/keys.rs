//! The keys that make the tags of refresh tokens, and other secrets for which a label of their own is enough.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;

/// The length of a refresh-token key in bytes: the output of SHA-256, as RFC 2104 section 3 advises.
pub(super) const KEY_BYTES: usize = 32;

/// Names a refresh-token key: 1 to 255, one byte in each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshKeyId(pub u8);

/// A key id that the key set does not have: the key has been dropped, or the set is older than the table's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no refresh-token key has the id {}", .0.0)]
pub struct RefreshKeyError(pub RefreshKeyId);

/// All keys that recognise a refresh token, and the one that makes new ones. `Debug` shows ids alone.
#[derive(Clone)]
pub struct RefreshKeys {
    current: RefreshKeyId,
    current_key: hmac::Key,
    keys: BTreeMap<RefreshKeyId, hmac::Key>,
}

impl RefreshKeys {
    /// A set whose key `current` is `secret`.
    #[must_use]
    pub fn new(current: RefreshKeyId, secret: &[u8; KEY_BYTES]) -> Self {
        let current_key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self { current, keys: BTreeMap::from([(current, current_key.clone())]), current_key }
    }

    /// The same set with one more key that only recognises.
    #[must_use]
    pub fn with(mut self, id: RefreshKeyId, secret: &[u8; KEY_BYTES]) -> Self {
        self.keys.insert(id, hmac::Key::new(hmac::HMAC_SHA256, secret));
        self
    }

    /// The id of the key that makes new tokens.
    #[must_use]
    pub fn current(&self) -> RefreshKeyId {
        self.current
    }

    /// Whether the set has this key.
    #[must_use]
    pub fn has(&self, id: RefreshKeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// HMAC-SHA-256 under the current key. Every use has a `label` of its own that ends in a zero byte and is no other's
    /// beginning, so that what is made for one use is good for no other.
    pub(crate) fn current_mac(&self, label: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        mac(&self.current_key, label, parts)
    }

    /// The same under the key with this id, if the set has it.
    pub(crate) fn mac(&self, id: RefreshKeyId, label: &[u8], parts: &[&[u8]]) -> Option<hmac::Tag> {
        Some(mac(self.get(id)?, label, parts))
    }

    pub(super) fn get(&self, id: RefreshKeyId) -> Option<&hmac::Key> {
        self.keys.get(&id)
    }
}

fn mac(key: &hmac::Key, label: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(label);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

impl fmt::Debug for RefreshKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshKeys").field("current", &self.current).finish_non_exhaustive()
    }
}
