//! Private halves: they sign access tokens.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use rand::{CryptoRng, RngExt};

/// The signature algorithms of access tokens (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Algorithm {
    /// Ed25519: the fastest to sign. Many verifiers do not support it.
    EdDSA,
    /// ECDSA on P-256 with SHA-256: the default.
    #[default]
    ES256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: what API Gateway's own JWT authorizer and ALB accept.
    RS256,
}

/// A key that signs access tokens. `Debug` shows only its id.
pub struct SigningKey {
    key_id: String,
    public: Jwk,
    pair: Pair,
}

enum Pair {
    EdDSA(Ed25519KeyPair),
    ES256(EcdsaKeyPair),
    RS256(Box<RsaKeyPair>),
}

/// The key is invalid: not PKCS#8 of the algorithm, or of a size that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private key is not a PKCS#8 document of its algorithm")]
pub struct SigningKeyError;

/// The cryptographic library failed to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signing failed")]
pub struct SigningError;

/// The text is not the name of one of [`Algorithm::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be ES256, EdDSA or RS256")]
pub struct AlgorithmError;

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 3] = [Self::ES256, Self::EdDSA, Self::RS256];

    /// Returns the name, as in a JWT header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
        }
    }

    /// Makes a private key, as PKCS#8. The library draws RSA keys by itself.
    pub(super) fn generate(self, rng: &mut impl CryptoRng) -> Result<Vec<u8>, SigningKeyError> {
        let pkcs8 = match self {
            Self::EdDSA => {
                let seed: [u8; 32] = rng.random();
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| SigningKeyError)?;
                pair.to_pkcs8v1().map(|document| document.as_ref().to_vec())
            }
            Self::ES256 => p256_pair(rng)?.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Self::RS256 => RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| {
                AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map(|document| document.as_ref().to_vec())
            }),
        };
        pkcs8.map_err(|_| SigningKeyError)
    }

    pub(crate) fn for_jsonwebtoken(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDSA => jsonwebtoken::Algorithm::EdDSA,
            Self::ES256 => jsonwebtoken::Algorithm::ES256,
            Self::RS256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}

/// Draws a private number. One draw in four billion is out of range and repeated.
fn p256_pair(rng: &mut impl CryptoRng) -> Result<EcdsaKeyPair, SigningKeyError> {
    const DRAWS: usize = 4;
    let pair = |_| {
        let secret: [u8; 32] = rng.random();
        let public = PrivateKey::from_private_key(&ECDH_P256, &secret).ok()?.compute_public_key().ok()?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &secret, public.as_ref()).ok()
    };
    (0..DRAWS).find_map(pair).ok_or(SigningKeyError)
}

impl FromStr for Algorithm {
    type Err = AlgorithmError;

    fn from_str(text: &str) -> Result<Self, AlgorithmError> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == text).ok_or(AlgorithmError)
    }
}

impl SigningKey {
    /// Reads a private key. A damaged one is found here, at start, and not at the first signature.
    ///
    /// # Errors
    /// Returns [`SigningKeyError`] if `pkcs8` is not a key for `algorithm`.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, SigningKeyError> {
        let pair = Pair::from_pkcs8(algorithm, pkcs8)?;
        let mut public = Jwk::from_decoding_key(&pair.public_half(), Some(algorithm.for_jsonwebtoken()))
            .map_err(|_| SigningKeyError)?;
        let key_id = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| SigningKeyError)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key_id, public, pair })
    }

    /// Returns the `kid`: the RFC 7638 thumbprint of the public half.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the public half, as published (RFC 7517).
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Returns the algorithm of this key, the only one that it is used with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::EdDSA(_) => Algorithm::EdDSA,
            Pair::ES256(_) => Algorithm::ES256,
            Pair::RS256(_) => Algorithm::RS256,
        }
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// Returns [`SigningError`] if the library fails, which for ECDSA and RSA requires a failing random generator.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match &self.pair {
            Pair::EdDSA(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::ES256(pair) => match pair.sign(&SystemRandom::new(), message) {
                Ok(signature) => Ok(signature.as_ref().to_vec()),
                Err(_) => Err(SigningError),
            },
            Pair::RS256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| SigningError)?;
                Ok(signature)
            }
        }
    }
}

impl Pair {
    fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, SigningKeyError> {
        let pair = match algorithm {
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::EdDSA),
            Algorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::ES256)
            }
            Algorithm::RS256 => RsaKeyPair::from_pkcs8(pkcs8).map(|pair| Self::RS256(Box::new(pair))),
        };
        pair.map_err(|_| SigningKeyError)
    }

    fn public_half(&self) -> DecodingKey {
        match self {
            Self::EdDSA(pair) => DecodingKey::from_ed_der(pair.public_key().as_ref()),
            Self::ES256(pair) => DecodingKey::from_ec_der(pair.public_key().as_ref()),
            Self::RS256(pair) => DecodingKey::from_rsa_der(pair.public_key().as_ref()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
