//! The cases of `passkeys`. None of them has an authenticator.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, Fixture, PASSWORD, Seeded};
use super::http::{answer, authorized, error, get, post};

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let by = |event: Value| authorized(event, &fixture.user_id.to_string(), &Seeded::New.id().to_string());
    let case = |name, event, expected| Case { function: "passkeys", name, event, expected };
    let to = |path: &str, body: Value| post(path, &body.to_string());
    let unknown = json!({ "challenge_id": "AAAAAAAAAAAAAAAAAAAAAA", "credential": credential() });
    vec![
        case("options", to("/passkeys/options", json!({})), answer(200, challenge(&to_sign_in()))),
        case(
            "sign_in_unknown_challenge",
            to("/passkeys/sign-in", unknown),
            error(401, "invalid_credentials", "The passkey is not accepted."),
        ),
        case(
            "creation_options",
            by(to("/passkeys/creation-options", json!({ "current_password": PASSWORD }))),
            answer(200, challenge(&to_create())),
        ),
        case("list", by(get("/passkeys")), answer(200, json!({ "passkeys": [] }))),
        case("off", to("/passkeys/options", json!({})), error(404, "not_found", "There is no such route.")),
    ]
}

/// An answer to a challenge, well formed and worth nothing.
fn credential() -> Value {
    json!({
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "response": {
            "clientDataJSON": "e30",
            "authenticatorData": "AAAA",
            "signature": "AAAA",
            "userHandle": "AQEBAQEBQQGBAQEBAQEBAQ",
        },
        "clientExtensionResults": {},
    })
}

fn challenge(public_key: &Value) -> Value {
    json!({ "challenge_id": "<any>", "public_key": public_key, "expires_in": 300 })
}

fn to_sign_in() -> Value {
    json!({
        "challenge": "<any>",
        "timeout": 300_000,
        "rpId": "example.com",
        "allowCredentials": [],
        "userVerification": "required",
        "extensions": { "uvm": true },
    })
}

fn to_create() -> Value {
    let algorithms = [-7, -35, -257].map(|alg| json!({ "type": "public-key", "alg": alg }));
    json!({
        "rp": { "id": "example.com", "name": "example.com" },
        "user": { "id": "<any>", "name": EMAIL, "displayName": "Ada Lovelace" },
        "challenge": "<any>",
        "pubKeyCredParams": algorithms,
        "timeout": 300_000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
        "extensions": "<any>",
    })
}
