//! The events that verifiers are asked: those of `events/authorizer`, with the claims of their access tokens signed by a key
//! of choice, because the tokens there are of one algorithm.

use ::tests::{jwt, project};
use axum::body::Bytes;
use serde_json::{Value, json};
use shared::key_set::SigningKey;

use crate::Failure;

/// Events whose tokens one key has signed.
pub(super) struct Events {
    /// With a token that is good until 2100.
    pub(super) valid: Bytes,
    /// With tokens that must be refused, each with its name.
    pub(super) refused: [(&'static str, Bytes); 2],
}

/// The bit of a signature that is another in a forged token, as in `events/`.
const FLIPPED_BIT: usize = 100;

impl Events {
    pub(super) fn signed_with(key: &SigningKey) -> Result<Self, Failure> {
        let signed = |name: &str| with_another_token(name, |token| signed_with(key, token));
        // A forged token of `events/` is good but for its signature.
        let forged = |name: &str| {
            with_another_token(name, |token| jwt::with_flipped_bit(&signed_with(key, token), FLIPPED_BIT))
        };
        Ok(Self {
            valid: signed("request_valid")?,
            refused: [("forged", forged("request_forged")?), ("expired", signed("request_expired")?)],
        })
    }
}

/// The event of this name. Its token may stand in it several times.
fn with_another_token(name: &str, token: impl Fn(&str) -> String) -> Result<Bytes, Failure> {
    let event = project::read(&format!("events/authorizer/{name}.json"));
    let former = token_of(&event).ok_or_else(|| format!("{name} has no token"))?;
    Ok(Bytes::from(event.replace(&former, &token(&former))))
}

fn token_of(event: &str) -> Option<String> {
    let event: Value = serde_json::from_str(event).ok()?;
    let header = event.pointer("/headers/Authorization")?.as_str()?;
    Some(header.strip_prefix("Bearer ")?.to_owned())
}

/// A token with the claims of this one.
fn signed_with(key: &SigningKey, token: &str) -> String {
    let header = json!({ "typ": "at+jwt", "alg": key.algorithm().name(), "kid": key.key_id() });
    jwt::sign(&header, &jwt::claims(token), key)
}

#[cfg(test)]
mod tests {
    use shared::Timestamp;
    use shared::access_token::{self, Policy};
    use shared::key_set::{Algorithm, KeySet};

    use super::*;
    use crate::ratchet;

    /// After the expired token's hour, and before the year in which the good one expires.
    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

    #[derive(Debug, PartialEq, Eq)]
    enum Verdict {
        Good,
        Expired,
        Forged,
    }

    /// Of the token in both places of the event.
    fn verdict(event: &Bytes, keys: &KeySet) -> Verdict {
        let policy = Policy { issuer: "urn:ratchet:local".to_owned(), audience: "ratchet".to_owned() };
        let text = std::str::from_utf8(event).unwrap();
        let token = token_of(text).unwrap();
        assert_eq!(text.matches(&format!("\"Bearer {token}\"")).count(), text.matches("Bearer ").count());
        match access_token::verify(&token, &keys.verifying, &policy).map(|genuine| genuine.unexpired_at(NOW))
        {
            Ok(Ok(_)) => Verdict::Good,
            Ok(Err(_)) => Verdict::Expired,
            Err(_) => Verdict::Forged,
        }
    }

    #[test]
    fn tokens_are_good_forged_and_expired_under_each_key() {
        let sets = [(Algorithm::ES256, ratchet::default_keys()), (Algorithm::EdDSA, ratchet::keys())];
        for (algorithm, keys) in sets {
            let keys = keys.unwrap();
            assert_eq!(keys.signing.algorithm(), algorithm);
            let Events { valid, refused: [(_, forged), (_, expired)] } =
                Events::signed_with(&keys.signing).unwrap();
            let verdicts = [&valid, &forged, &expired].map(|event| verdict(event, &keys));
            assert_eq!(verdicts, [Verdict::Good, Verdict::Forged, Verdict::Expired]);
        }
    }

    #[test]
    fn the_keys_of_a_new_stack_are_the_same_in_each_run() {
        let made = || ratchet::default_keys().unwrap().to_json();
        assert_eq!(made(), made());
    }
}
