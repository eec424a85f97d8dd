//! Requirements on public keys, without which a signature proves nothing.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::edwards::CompressedEdwardsY;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse, RSAKeyParameters,
};

use super::Algorithm;

/// The reason why a public key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeKeyError {
    /// `use` or `key_ops` does not allow verifying (RFC 7517 sections 4.2 and 4.3).
    #[error("whose \"use\" is not \"sig\", or whose \"key_ops\" have no \"verify\"")]
    Use,
    /// Its type or curve does not match its algorithm, or its members are damaged.
    #[error("whose \"alg\" is none of EdDSA, ES256 and RS256, or whose type does not go with it")]
    Kind,
    /// Its size is not allowed. RFC 7518 section 3.3 requires 2,048 bits; the cryptographic library accepts at most 8,192.
    #[error("whose modulus has {0} bits: it needs 2048 to 8192")]
    Modulus(usize),
    /// Its exponent is too small: lax verifiers then accept forged signatures.
    #[error("whose exponent is even or below 65537")]
    Exponent,
    /// It is not on the curve.
    #[error("that is no point of its curve")]
    NotOnCurve,
    /// It has small order: anybody can make its signatures.
    #[error("whose point is of small order")]
    SmallOrder,
}

/// Checks that a key is safe to verify with by this algorithm.
pub(super) fn check(jwk: &Jwk, algorithm: Algorithm) -> Result<(), UnsafeKeyError> {
    if !matches!(&jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Err(UnsafeKeyError::Use);
    }
    let verifies = |operations: &Vec<KeyOperations>| operations.contains(&KeyOperations::Verify);
    if !jwk.common.key_operations.as_ref().is_none_or(verifies) {
        return Err(UnsafeKeyError::Use);
    }
    match (algorithm, &jwk.algorithm) {
        (Algorithm::RS256, AlgorithmParameters::RSA(key)) => check_rsa(key),
        (Algorithm::ES256, AlgorithmParameters::EllipticCurve(key)) if key.curve == EllipticCurve::P256 => {
            check_p256(&key.x, &key.y)
        }
        (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(key)) if key.curve == EllipticCurve::Ed25519 => {
            check_ed25519(&key.x)
        }
        (Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA, _) => Err(UnsafeKeyError::Kind),
    }
}

fn check_rsa(key: &RSAKeyParameters) -> Result<(), UnsafeKeyError> {
    let (modulus, exponent) = (unsigned(&key.n)?, unsigned(&key.e)?);
    let bits = bits(&modulus);
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    if !(2048..=8192).contains(&bits) || !is_odd(&modulus) {
        Err(UnsafeKeyError::Modulus(bits))
    } else if !is_odd(&exponent) || exponent.len() < 3 {
        // An odd number of three bytes is 65537 or more.
        Err(UnsafeKeyError::Exponent)
    } else {
        Ok(())
    }
}

/// Checks a point of P-256. Coordinates have 32 bytes (RFC 7518 section 6.2.1.2).
fn check_p256(x: &str, y: &str) -> Result<(), UnsafeKeyError> {
    let coordinates = [bytes(x)?, bytes(y)?];
    if coordinates.iter().any(|coordinate| coordinate.len() != 32) {
        return Err(UnsafeKeyError::NotOnCurve);
    }
    let point = [&[4][..], &coordinates.concat()].concat();
    let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    parsed.map(drop).map_err(|_| UnsafeKeyError::NotOnCurve)
}

fn check_ed25519(x: &str) -> Result<(), UnsafeKeyError> {
    let encoded = bytes(x)?.try_into().map(CompressedEdwardsY).map_err(|_| UnsafeKeyError::NotOnCurve)?;
    let point = encoded.decompress().ok_or(UnsafeKeyError::NotOnCurve)?;
    if point.is_small_order() { Err(UnsafeKeyError::SmallOrder) } else { Ok(()) }
}

fn bytes(text: &str) -> Result<Vec<u8>, UnsafeKeyError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| UnsafeKeyError::Kind)
}

/// Decodes the bytes of a whole number, without leading zeros.
fn unsigned(text: &str) -> Result<Vec<u8>, UnsafeKeyError> {
    bytes(text).map(|bytes| bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len() * 8 - unused
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{JwkSetError, VerifyingKeys};
    use super::UnsafeKeyError::{self, *};
    use super::*;

    #[track_caller]
    fn check(key: Value, expected: Result<(), UnsafeKeyError>) {
        let set = json!({ "keys": [key] }).to_string();
        let expected = expected.map_err(|error| JwkSetError::Key("k".to_owned(), error));
        assert_eq!(VerifyingKeys::from_jwk_set(&set).map(drop), expected, "{set}");
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Value {
        let [n, e] = [modulus, exponent].map(|number| URL_SAFE_NO_PAD.encode(number));
        json!({ "kty": "RSA", "alg": "RS256", "kid": "k", "n": n, "e": e })
    }

    /// Returns an odd number of this many bits.
    fn odd(bits: usize) -> Vec<u8> {
        let mut number = vec![0xff; bits.div_ceil(8)];
        if let Some(first) = number.first_mut() {
            *first >>= bits.next_multiple_of(8) - bits;
        }
        number
    }

    #[test]
    fn an_rsa_key_has_2048_bits_and_an_exponent_of_65537_or_more() {
        const E: &[u8] = &[1, 0, 1];
        for bits in [2048, 3072, 8192] {
            check(rsa(&odd(bits), E), Ok(()));
        }
        for bits in [0, 512, 1024, 2040, 2047, 8193] {
            check(rsa(&odd(bits), E), Err(Modulus(bits)));
        }
        check(rsa(&[&[0; 128][..], &odd(1024)].concat(), E), Err(Modulus(1024)));
        for exponent in [&[][..], &[1], &[3], &[0, 0, 0, 17], &[1, 1], &[0xff, 0xff], &[1, 0, 0], &[1, 0, 2]]
        {
            check(rsa(&odd(2048), exponent), Err(Exponent));
        }
        check(rsa(&odd(2048), &[1, 0, 3]), Ok(()));
    }

    fn p256(x: &[u8], y: &[u8]) -> Value {
        let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "k", "x": x, "y": y })
    }

    #[test]
    fn a_p256_key_is_a_point_of_p256() {
        // The base point of the curve (FIPS 186-4 appendix D.1.2.3).
        let number = |hex: &str| -> Vec<u8> {
            (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
        };
        let x = number("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
        let y = number("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
        check(p256(&x, &y), Ok(()));
        check(p256(&y, &x), Err(NotOnCurve));
        check(p256(&[0; 32], &[0; 32]), Err(NotOnCurve));
        check(p256(&[0xff; 32], &y), Err(NotOnCurve));
        check(p256(&x[1..], &y), Err(NotOnCurve));
        check(p256(&[&[0][..], &x].concat(), &y), Err(NotOnCurve));
        for curve in ["P-384", "P-521", "Ed25519"] {
            let mut other = p256(&x, &y);
            other["crv"] = curve.into();
            check(other, Err(Kind));
        }
    }

    fn ed25519(x: &[u8]) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "k", "x": URL_SAFE_NO_PAD.encode(x) })
    }

    #[test]
    fn an_ed25519_key_is_a_point_of_its_curve_of_large_order() {
        // The base point (RFC 8032 section 5.1).
        let mut base = [0x66; 32];
        base[0] = 0x58;
        check(ed25519(&base), Ok(()));
        let mut one = [0; 32];
        one[0] = 1;
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        for small in [[0; 32], one, minus_one] {
            check(ed25519(&small), Err(SmallOrder));
        }
        let mut two = [0; 32];
        two[0] = 2;
        check(ed25519(&two), Err(NotOnCurve));
        check(ed25519(&base[..31]), Err(NotOnCurve));
        check(ed25519(&[0x58; 33]), Err(NotOnCurve));
    }

    #[test]
    fn a_key_for_another_use_or_of_another_type_is_refused() {
        let mut base = [0x66; 32];
        base[0] = 0x58;
        let with = |member: &str, value: &str| {
            let mut key = ed25519(&base);
            key[member] = value.into();
            key
        };
        check(with("use", "sig"), Ok(()));
        check(with("use", "enc"), Err(Use));
        check(with("use", "other"), Err(Use));
        check(with("alg", "ES256"), Err(Kind));
        check(with("alg", "HS256"), Err(Kind));
        check(with("crv", "P-256"), Err(Kind));
        check(with("x", "not base64!"), Err(Kind));
    }
}
