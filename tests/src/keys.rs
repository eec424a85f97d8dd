//! Key sets for each algorithm.

use std::sync::OnceLock;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde_json::{Value, json};
use shared::key_set::{Algorithm, SigningKey};

use crate::jwt::encode;

/// All algorithms of access tokens.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];

/// A new private key as PKCS#8. There is one RSA key per run, since making one takes long.
///
/// # Panics
/// If the cryptographic library refuses.
#[must_use]
pub fn private_key(algorithm: Algorithm) -> Vec<u8> {
    static RSA: OnceLock<Vec<u8>> = OnceLock::new();
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8v1(&random).expect("a key").as_ref().to_vec(),
        Algorithm::ES256 => {
            let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
            key.expect("a key").as_ref().to_vec()
        }
        Algorithm::RS256 => RSA
            .get_or_init(|| {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
                pair.as_der().expect("PKCS#8").as_ref().to_vec()
            })
            .clone(),
    }
}

/// The private key, ready to sign.
///
/// # Panics
/// If it is not of that algorithm.
#[must_use]
pub fn signing_key(algorithm: Algorithm, pkcs8: &[u8]) -> SigningKey {
    SigningKey::from_pkcs8(algorithm, pkcs8).expect("a signing key")
}

/// A key-set document with this signing key and one refresh-token key, made of 32 times `refresh`.
#[must_use]
pub fn key_set(algorithm: Algorithm, pkcs8: &[u8], refresh: u8) -> String {
    let signing = signing_key(algorithm, pkcs8);
    json!({
        "signing_keys": [{
            "kid": signing.key_id(),
            "alg": algorithm,
            "state": "current",
            "private_key": encode(pkcs8),
        }],
        "refresh_token_keys": [{ "id": 1, "state": "current", "key": encode([refresh; 32]) }],
    })
    .to_string()
}

/// The members of a public key that RFC 7638 section 3.2 names, in the order of their names.
#[must_use]
pub fn public_members(jwk: &Value) -> Value {
    ["crv", "e", "kty", "n", "x", "y"]
        .into_iter()
        .filter_map(|name| Some((name, jwk.get(name)?.clone())))
        .collect()
}

/// The thumbprint of a public key (RFC 7638 section 3).
#[must_use]
pub fn thumbprint(jwk: &Value) -> String {
    encode(digest::digest(&digest::SHA256, public_members(jwk).to_string().as_bytes()))
}
