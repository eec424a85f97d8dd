//! JWTs taken apart and put together by hand, without the code under test.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::key_set::SigningKey;

/// The header of a token, unverified.
#[must_use]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token, unverified.
#[must_use]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, position: usize) -> Value {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "a JWT has three parts: {token}");
    let json = URL_SAFE_NO_PAD.decode(parts[position]).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}

/// Header and claims as the text that is signed.
#[must_use]
pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}

/// A token with this header and these claims, signed with `key` whatever the header says.
///
/// # Panics
/// If the key can't sign.
#[must_use]
pub fn sign(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let message = message(header, claims);
    format!("{message}.{}", signature(&message, key))
}

/// The signature of this text in base64url.
///
/// # Panics
/// If the key can't sign.
#[must_use]
pub fn signature(message: &str, key: &SigningKey) -> String {
    encode(key.sign(message.as_bytes()).expect("a signature"))
}

/// The token with one bit of its signature flipped.
///
/// # Panics
/// If it is no JWT, or `bit` is not one of its signature.
#[must_use]
pub fn with_flipped_bit(token: &str, bit: usize) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a JWT");
    let mut signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    signature[bit / 8] ^= 1 << (bit % 8);
    format!("{message}.{}", encode(signature))
}

/// Base64url without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether it is written in the alphabet of base64url, without padding.
#[must_use]
pub fn is_base64url(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
