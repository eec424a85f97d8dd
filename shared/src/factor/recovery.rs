//! Recovery codes, as an account's row has them: HMACs under a data key.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;

use super::RecoveryCode;
use crate::data_key::{DataKeyError, DataKeyId, DataKeys};
use crate::ids::UserId;

/// How many recovery codes a user gets at a time.
pub const RECOVERY_CODES: usize = 10;

/// How much of a HMAC is kept, in bytes.
const HASH_BYTES: usize = 16;

/// The recovery codes that are left.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// The data key of the HMACs.
    pub key_id: DataKeyId,
    /// base64url of the first 16 bytes of HMACs over user id and code.
    pub hashes: BTreeSet<String>,
}

impl RecoveryCodes {
    /// Draws new ones: what the user keeps, and what the row does.
    ///
    /// # Errors
    /// [`DataKeyError::None`] if there is no data key.
    pub fn draw(
        user_id: UserId,
        keys: &DataKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<RecoveryCode>, Self), DataKeyError> {
        let key_id = keys.current()?;
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::random(rng)).collect();
        let hashes = codes.iter().map(|code| hash(key_id, user_id, code, keys)).collect::<Result<_, _>>()?;
        Ok((codes, Self { key_id, hashes }))
    }

    /// Returns how many are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.hashes.len()
    }

    /// Returns the HMAC of this code if it is one of those that are left.
    pub(super) fn find(
        &self,
        user_id: UserId,
        code: &RecoveryCode,
        keys: &DataKeys,
    ) -> Result<Option<String>, DataKeyError> {
        let hash = hash(self.key_id, user_id, code, keys)?;
        Ok(self.hashes.contains(&hash).then_some(hash))
    }

    /// Returns those that are left without one. None if that was the last.
    #[must_use]
    pub fn without(&self, hash: &str) -> Option<Self> {
        let hashes: BTreeSet<_> = self.hashes.iter().filter(|own| *own != hash).cloned().collect();
        (!hashes.is_empty()).then_some(Self { key_id: self.key_id, hashes })
    }
}

fn hash(
    key_id: DataKeyId,
    user_id: UserId,
    code: &RecoveryCode,
    keys: &DataKeys,
) -> Result<String, DataKeyError> {
    let tag: hmac::Tag = keys.mac(key_id, &[user_id.as_bytes(), code.as_bytes()])?;
    Ok(URL_SAFE_NO_PAD.encode(tag.as_ref().get(..HASH_BYTES).unwrap_or_default()))
}
