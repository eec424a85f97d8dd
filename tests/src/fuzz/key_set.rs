//! The documents with keys: the set with its private halves, and the public halves of one.

use shared::key_set::{KeySet, VerifyingKeys};
use shared::refresh_token::{Generation, Nonce, RefreshToken};

use super::Target;
use super::genuine::{ACCESS_TOKENS, FIXTURE, policy};

/// A document as JSON, read as both.
pub const TARGET: Target = Target {
    name: "key_set",
    check,
    seeds,
    words: &[
        "\"signing_keys\":[",
        "\"refresh_token_keys\":[",
        "\"rotations\":[",
        "\"revoked\":[",
        "\"longest_session\":1",
        "\"kid\":",
        "\"alg\":\"EdDSA\"",
        "\"alg\":\"ES256\"",
        "\"alg\":\"RS256\"",
        "\"state\":\"current\"",
        "\"state\":\"next\"",
        "\"state\":\"retired\"",
        "\"used_until\":1",
        "\"private_key\":",
        "\"public_key\":{",
        "\"id\":255",
        "\"keys\":[",
        "\"kty\":\"OKP\"",
        "\"kty\":\"EC\"",
        "\"kty\":\"RSA\"",
        "\"crv\":\"Ed25519\"",
        "\"use\":\"sig\"",
    ],
};

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(keys) = KeySet::parse(text) {
        what_is_stored_is_read_back(&keys);
        the_keys_work(&keys);
    }
    if let Ok(keys) = VerifyingKeys::from_jwk_set(text) {
        let (token, _) = ACCESS_TOKENS.first_key_value().expect("a token");
        let accepted = shared::access_token::verify(token, &keys, &policy()).is_ok();
        assert!(
            !accepted || text.contains(FIXTURE.keys.signing.key_id()),
            "verified with another key: {text}"
        );
    }
}

fn what_is_stored_is_read_back(keys: &KeySet) {
    let again = KeySet::parse(&keys.to_json()).expect("what was written can be read");
    assert_eq!(again.to_json(), keys.to_json());
    assert_eq!(again.version(), keys.version());
    assert_eq!(again.public_jwk_set(), keys.public_jwk_set());
}

/// Tokens of the current keys are recognised, and the current key is published.
fn the_keys_work(keys: &KeySet) {
    assert!(keys.refresh.has(keys.refresh.current()));
    let token = RefreshToken {
        user_id: FIXTURE.user_id,
        session_id: crate::events::Seeded::New.id(),
        key_id: keys.refresh.current(),
        generation: Generation::FIRST,
        nonce: Nonce::from_bytes([7; 12]),
    };
    let text = token.to_text(&keys.refresh).expect("the current key is there");
    assert_eq!(RefreshToken::parse(text.expose(), &keys.refresh), Ok(token));

    let message = crate::jwt::message(
        &serde_json::json!({ "typ": "at+jwt", "alg": keys.signing.algorithm(), "kid": keys.signing.key_id() }),
        &crate::jwt::claims(ACCESS_TOKENS.first_key_value().expect("a token").0),
    );
    let signature = keys.signing.sign(message.as_bytes()).expect("a signature");
    let token = format!("{message}.{}", crate::jwt::encode(signature));
    let published =
        VerifyingKeys::from_jwk_set(&keys.public_jwk_set()).expect("what is published can be read");
    for keys in [&keys.verifying, &published] {
        assert!(shared::access_token::verify(&token, keys, &policy()).is_ok());
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let keys = &FIXTURE.keys;
    [keys.to_json(), keys.public_jwk_set()].map(String::into_bytes).into()
}
