//! Public halves: they verify access tokens.

use std::collections::BTreeMap;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use serde_json::Value;

use super::Algorithm;
use super::safety::{self, UnsafeKeyError};

/// The public keys that verify access tokens, by key id.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(BTreeMap<String, VerifyingKey>);

/// A public key and the one algorithm it is used with.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    key: DecodingKey,
    pub(crate) algorithm: jsonwebtoken::Algorithm,
}

/// The reason why a JWK set is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// It is not JSON of the form of RFC 7517 section 5.
    #[error("is not a JWK set: a JSON object with a member \"keys\" that lists keys")]
    Form,
    /// It has no keys, and would refuse everybody.
    #[error("has no key")]
    Empty,
    /// A key has no `kid` to select it by.
    #[error("has a key without \"kid\"")]
    NoKeyId,
    /// It contains a private or secret half, which would be published with the set.
    #[error("has a private or secret key")]
    Private,
    /// Two keys have the same `kid`.
    #[error("has two keys with the kid {0:?}")]
    Twice(String),
    /// A key is invalid or unsafe.
    #[error("has a key, kid {0:?}, {1}")]
    Key(String, UnsafeKeyError),
}

impl VerifyingKeys {
    /// Reads a JWK set (RFC 7517 section 5), the form of the setting `PUBLIC_KEYS`.
    ///
    /// # Errors
    /// Returns [`JwkSetError`] if any of its keys is refused.
    pub fn from_jwk_set(json: &str) -> Result<Self, JwkSetError> {
        let document: Value = serde_json::from_str(json).map_err(|_| JwkSetError::Form)?;
        if has_private_half(&document) {
            return Err(JwkSetError::Private);
        }
        let set: JwkSet = serde_json::from_value(document).map_err(|_| JwkSetError::Form)?;
        Self::from_jwks(&set.keys)
    }

    /// Makes a set of these public keys.
    ///
    /// # Errors
    /// Returns [`JwkSetError`] if any of them is refused.
    pub fn from_jwks<'a>(jwks: impl IntoIterator<Item = &'a Jwk>) -> Result<Self, JwkSetError> {
        let mut keys = BTreeMap::new();
        for jwk in jwks {
            let key_id = jwk.common.key_id.clone().filter(|key_id| !key_id.is_empty());
            let key_id = key_id.ok_or(JwkSetError::NoKeyId)?;
            let key = VerifyingKey::from_jwk(jwk).map_err(|error| JwkSetError::Key(key_id.clone(), error))?;
            if keys.insert(key_id.clone(), key).is_some() {
                return Err(JwkSetError::Twice(key_id));
            }
        }
        if keys.is_empty() { Err(JwkSetError::Empty) } else { Ok(Self(keys)) }
    }

    /// Returns the algorithms of the keys, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let is_used =
            |algorithm: &Algorithm| self.0.values().any(|key| key.algorithm == algorithm.for_jsonwebtoken());
        Algorithm::ALL.into_iter().filter(is_used).collect()
    }

    pub(crate) fn find(&self, key_id: &str) -> Option<&VerifyingKey> {
        self.0.get(key_id)
    }
}

impl VerifyingKey {
    fn from_jwk(jwk: &Jwk) -> Result<Self, UnsafeKeyError> {
        let algorithm = algorithm_of(jwk).ok_or(UnsafeKeyError::Kind)?;
        // A weak key, or an RSA key marked ES256, is refused here and not at its first use.
        safety::check(jwk, algorithm)?;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| UnsafeKeyError::Kind)?;
        Ok(Self { key, algorithm: algorithm.for_jsonwebtoken() })
    }

    /// Returns whether the signature, in base64url, is valid for this key and message. The library verifies with the algorithm
    /// that it is given: the key's own.
    pub(crate) fn verifies(&self, signature: &str, message: impl AsRef<[u8]>) -> bool {
        jsonwebtoken::crypto::verify(signature, message.as_ref(), &self.key, self.algorithm).unwrap_or(false)
    }
}

/// Secret members (RFC 7518 section 6).
fn has_private_half(document: &Value) -> bool {
    const SECRET: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    let mut keys = document.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.any(|key| SECRET.iter().any(|member| key.get(member).is_some()))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other algorithms of the library are refused")]
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    match jwk.common.key_algorithm? {
        KeyAlgorithm::EdDSA => Some(Algorithm::EdDSA),
        KeyAlgorithm::ES256 => Some(Algorithm::ES256),
        KeyAlgorithm::RS256 => Some(Algorithm::RS256),
        _ => None,
    }
}
