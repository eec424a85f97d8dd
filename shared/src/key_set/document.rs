//! The key-set document, as it is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use rand::{CryptoRng, RngExt};
use serde::{Deserialize, Serialize};

use super::{Algorithm, KeySetError, SigningKey};

// No `Debug`: these contain private keys as text.

/// All lists are in the order in which their keys are used: retired, current, next.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) signing_keys: Vec<SigningEntry>,
    pub(super) refresh_token_keys: Vec<RefreshEntry>,
    /// A set from before there were any has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) data_keys: Vec<DataEntry>,
    /// The keys that each rotation has made current. Empty for a set that was never rotated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rotations: Vec<Step>,
    /// The names of revoked keys, to tell a repeated revocation from a typing error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) revoked: Vec<String>,
    /// The longest lifetime that sessions of this set have ever been allowed, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) longest_session: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// The key only verifies what it has signed.
    Retired,
    /// The key makes new tokens.
    Current,
    /// The key is published already, so that every verifier knows it when it becomes current.
    Next,
}

/// A past rotation: its `KeyRotation` value, and the keys that it made current.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) value: String,
    pub(super) signing_key: String,
    pub(super) refresh_token_key: u8,
    /// None in a step from before there were data keys, until there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data_key: Option<u16>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningEntry {
    pub(super) kid: String,
    pub(super) alg: Algorithm,
    pub(super) state: State,
    /// When it was last current, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) used_until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) private_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) public_key: Option<Jwk>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretEntry<Id> {
    pub(super) id: Id,
    pub(super) state: State,
    /// When it was last current, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) used_until: Option<i64>,
    key: String,
}

/// A refresh-token key.
pub(super) type RefreshEntry = SecretEntry<u8>;

/// A data key.
pub(super) type DataEntry = SecretEntry<u16>;

/// The content of a signing entry: both halves, or the public one alone.
pub(super) enum Half {
    Private(Box<SigningKey>),
    Public(Box<Jwk>),
}

impl SigningEntry {
    pub(super) fn generate(
        alg: Algorithm,
        state: State,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeySetError> {
        let failed = |_| KeySetError::SigningKey(String::new());
        let pkcs8 = alg.generate(rng).map_err(failed)?;
        let key = SigningKey::from_pkcs8(alg, &pkcs8).map_err(failed)?;
        Ok(Self {
            kid: key.key_id().to_owned(),
            alg,
            state,
            used_until: None,
            private_key: Some(URL_SAFE_NO_PAD.encode(&pkcs8)),
            public_key: None,
        })
    }
}

impl<Id> SecretEntry<Id> {
    pub(super) fn generate(id: Id, state: State, rng: &mut impl CryptoRng) -> Self {
        let secret: [u8; 32] = rng.random();
        Self { id, state, used_until: None, key: URL_SAFE_NO_PAD.encode(secret) }
    }

    /// Returns the key. None if it is not base64url of 32 bytes.
    pub(super) fn secret(&self) -> Option<[u8; 32]> {
        URL_SAFE_NO_PAD.decode(&self.key).ok()?.try_into().ok()
    }
}

impl Half {
    pub(super) fn thumbprint(&self) -> Option<String> {
        self.public().thumbprint(ThumbprintHash::SHA256).ok()
    }

    pub(super) fn names(&self, kid: &str) -> bool {
        self.public().common.key_id.as_deref() == Some(kid)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
