//! The text of an access token.

use shared::Timestamp;
use shared::access_token::{AccessTokenError, names_unknown_key, verify};

use super::Target;
use super::genuine::{ACCESS_TOKENS, FIXTURE, policy};
use crate::jwt;

/// Any text. [`super::signed_claims`] goes on behind the signature.
pub const TARGET: Target = Target {
    name: "access_token",
    check,
    seeds,
    words: &[
        ".",
        "..",
        "=",
        "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6I",
        "eyJhbGciOiJub25lIn0",
        "e30",
    ],
};

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let keys = &FIXTURE.keys.verifying;
    let verified = verify(text, keys, &policy());
    let unknown_key = matches!(verified, Err(AccessTokenError::UnknownKey));
    assert_eq!(names_unknown_key(text, keys), unknown_key, "{text:?}");
    match (verified, ACCESS_TOKENS.get(text)) {
        (Ok(token), Some(exp)) => {
            let at = |seconds| token.clone().unexpired_at(Timestamp::from_seconds(seconds));
            assert!(at(exp - 1).is_ok_and(|claims| claims.exp == *exp), "{text:?}");
            assert_eq!(at(*exp), Err(AccessTokenError::Expired), "{text:?}");
        }
        (Err(error), None) => assert!(!error.is_expired(), "{text:?} is called expired, and is not genuine"),
        (Ok(_), None) => panic!("nobody has minted {text:?}"),
        (Err(error), Some(_)) => panic!("{text:?} is genuine, and refused as {error}"),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let genuine = ACCESS_TOKENS.first_key_value().expect("a token").0;
    let (message, signature) = genuine.rsplit_once('.').expect("a JWT");
    let (header, claims) = message.split_once('.').expect("a JWT");
    let other_header = |text: &str| format!("{}.{claims}.{signature}", jwt::encode(text));
    let mut seeds: Vec<_> = ACCESS_TOKENS.keys().cloned().collect();
    seeds.extend([
        jwt::with_flipped_bit(genuine, 100),
        format!("{genuine}="),
        format!("{message}."),
        format!("{header}..{signature}"),
        other_header(r#"{"typ":"at+jwt","alg":"none"}"#),
        other_header(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"unknown"}"#),
        other_header(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"unknown","crit":["exp"]}"#),
        other_header(r#"{"typ":"JWT","alg":"HS256","kid":"unknown"}"#),
    ]);
    seeds.into_iter().map(String::into_bytes).collect()
}
