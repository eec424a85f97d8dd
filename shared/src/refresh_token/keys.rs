//! The keys for the tags of refresh tokens, and for other secrets that only need a label of their own.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;

/// The length of a refresh-token key in bytes: that of SHA-256's output, as RFC 2104 section 3 advises.
pub(super) const KEY_BYTES: usize = 32;

/// The id of a refresh-token key: 1 to 255, one byte in each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshKeyId(pub u8);

/// The key set lacks this key id: the key has been dropped, or the set is older than the table's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no refresh-token key has the id {}", .0.0)]
pub struct RefreshKeyError(pub RefreshKeyId);

/// All keys that recognise refresh tokens, and the one that makes new ones. `Debug` shows only ids.
#[derive(Clone)]
pub struct RefreshKeys {
    current: RefreshKeyId,
    current_key: hmac::Key,
    keys: BTreeMap<RefreshKeyId, hmac::Key>,
}

impl RefreshKeys {
    /// Returns a set with the single key `current`.
    #[must_use]
    pub fn new(current: RefreshKeyId, secret: &[u8; KEY_BYTES]) -> Self {
        let current_key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self { current, keys: BTreeMap::from([(current, current_key.clone())]), current_key }
    }

    /// Returns the set with one more key that only recognises tokens.
    #[must_use]
    pub fn with(mut self, id: RefreshKeyId, secret: &[u8; KEY_BYTES]) -> Self {
        self.keys.insert(id, hmac::Key::new(hmac::HMAC_SHA256, secret));
        self
    }

    /// Returns the id of the key that makes new tokens.
    #[must_use]
    pub fn current(&self) -> RefreshKeyId {
        self.current
    }

    /// Returns whether the set has this key.
    #[must_use]
    pub fn has(&self, id: RefreshKeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// Computes HMAC-SHA-256 with the current key. Every use has its own `label`, which ends in a zero byte and is not the
    /// beginning of another, so that a result for one use is useless for others.
    pub(crate) fn current_mac(&self, label: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        mac(&self.current_key, label, parts)
    }

    /// Computes it with the key that has this id, if the set has it.
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
