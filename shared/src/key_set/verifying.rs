//! Public halves: they verify access tokens.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{DecodingKey, Validation};

use super::Algorithm;

/// All public keys that access tokens are verified with, by key id.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(BTreeMap<String, VerifyingKey>);

/// A public key and the one algorithm it is used with.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    pub(crate) key: DecodingKey,
    pub(crate) validation: Validation,
}

/// Why a JWK set can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not JSON of the form of RFC 7517 section 5.
    #[error("is not a JWK set: a JSON object with a member \"keys\" that lists keys")]
    Form,
    /// A set without keys would refuse everybody.
    #[error("has no key")]
    Empty,
    /// A key without `kid` can't be chosen.
    #[error("has a key without \"kid\"")]
    NoKeyId,
    /// Two keys with one `kid`.
    #[error("has two keys with the kid {0:?}")]
    Twice(String),
    /// A key of another type or algorithm, or a damaged one.
    #[error(
        "has a key, kid {0:?}, whose \"alg\" is none of EdDSA, ES256 and RS256, or whose type does not go with it"
    )]
    Key(String),
}

impl VerifyingKeys {
    /// Reads a JWK set (RFC 7517 section 5), the form of the setting `PUBLIC_KEYS`.
    ///
    /// # Errors
    /// [`JwkSetError`] if any key of it could not be used.
    pub fn from_jwk_set(json: &str) -> Result<Self, JwkSetError> {
        let set: JwkSet = serde_json::from_str(json).map_err(|_| JwkSetError::Form)?;
        Self::from_jwks(&set.keys)
    }

    /// Takes these public keys.
    ///
    /// # Errors
    /// [`JwkSetError`] if any of them could not be used.
    pub fn from_jwks<'a>(jwks: impl IntoIterator<Item = &'a Jwk>) -> Result<Self, JwkSetError> {
        let mut keys = BTreeMap::new();
        for jwk in jwks {
            let key_id = jwk.common.key_id.clone().ok_or(JwkSetError::NoKeyId)?;
            let key = VerifyingKey::from_jwk(jwk).ok_or_else(|| JwkSetError::Key(key_id.clone()))?;
            if keys.insert(key_id.clone(), key).is_some() {
                return Err(JwkSetError::Twice(key_id));
            }
        }
        if keys.is_empty() { Err(JwkSetError::Empty) } else { Ok(Self(keys)) }
    }

    pub(crate) fn find(&self, key_id: &str) -> Option<&VerifyingKey> {
        self.0.get(key_id)
    }
}

impl VerifyingKey {
    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let algorithm = algorithm_of(jwk)?.for_jsonwebtoken();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        // The family of the key material decides, so that an RSA key marked ES256 is refused here, not at first use.
        (key.family() == algorithm.family()).then(|| Self { key, validation: signature_alone(algorithm) })
    }
}

/// Lets jsonwebtoken check the signature with the key's own algorithm and nothing else: it would read the clock itself,
/// allow a leeway, and accept claims that are missing or of another type. `access_token` checks them strictly.
fn signature_alone(algorithm: jsonwebtoken::Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
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
