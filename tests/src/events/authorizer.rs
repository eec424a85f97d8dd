//! The cases of the authorizer, in the formats of every service that asks one.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, FUTURE, Fixture, PAST, Seeded};
use crate::authorizer_events::{Format, STAGE};
use crate::jwt;

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let valid = fixture.access_token(Seeded::New, FUTURE);
    let expired = fixture.access_token(Seeded::New, PAST + 60);
    let forged = jwt::with_flipped_bit(&valid, 100);
    let header = |token: &str| format!("Bearer {token}");
    let case = |name, event, expected| Case { function: "authorizer", name, event, expected };
    let (valid, expired, forged) = (header(&valid), header(&expired), header(&forged));
    let refused = json!({ "isAuthorized": false, "ttlOverride": 0 });
    vec![
        case("token_valid", Format::RestToken.event(&[&valid]), allow(fixture)),
        case("token_expired", Format::RestToken.event(&[&expired]), deny(&expired_context())),
        case("token_forged", Format::RestToken.event(&[&forged]), deny(&invalid_context())),
        case("token_missing", Format::RestToken.event(&[]), deny(&missing_context())),
        case("request_valid", Format::RestRequest.event(&[&valid]), allow(fixture)),
        case("request_expired", Format::RestRequest.event(&[&expired]), deny(&expired_context())),
        case("request_forged", Format::RestRequest.event(&[&forged]), deny(&invalid_context())),
        case("request_missing", Format::RestRequest.event(&[]), deny(&missing_context())),
        case("request_two_headers", Format::RestRequest.event(&[&valid, &valid]), deny(&invalid_context())),
        case("http_1_valid", Format::HttpApi1.event(&[&valid]), allow(fixture)),
        case("http_1_two_headers", Format::HttpApi1.event(&[&valid, &valid]), deny(&invalid_context())),
        case("http_2_valid", Format::HttpApi2.event(&[&valid]), simple(true, &caller(fixture))),
        case("http_2_expired", Format::HttpApi2.event(&[&expired]), simple(false, &expired_context())),
        case("websocket_valid", Format::WebSocket.event(&[&valid]), allow(fixture)),
        case("websocket_subprotocol_valid", Format::WebSocketPage.event(&[&valid]), allow(fixture)),
        case(
            "websocket_subprotocol_forged",
            Format::WebSocketPage.event(&[&forged]),
            deny(&invalid_context()),
        ),
        // The token lives until 2100, and AppSync remembers an answer for an hour at most.
        case(
            "appsync_valid",
            Format::AppSync.event(&[&valid]),
            json!({ "isAuthorized": true, "resolverContext": caller(fixture), "ttlOverride": 3600 }),
        ),
        case("appsync_expired", Format::AppSync.event(&[&expired]), refused),
    ]
}

fn simple(is_authorized: bool, context: &Value) -> Value {
    json!({ "isAuthorized": is_authorized, "context": context })
}

fn policy(effect: &str, principal_id: &Value, context: &Value) -> Value {
    json!({
        "principalId": principal_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                { "Action": "execute-api:Invoke", "Effect": effect, "Resource": format!("{STAGE}/*") },
            ],
        },
        "context": context,
    })
}

fn caller(fixture: &Fixture) -> Value {
    json!({
        "sub": fixture.user_id,
        "sid": Seeded::New.id(),
        "email": EMAIL,
        "email_verified": "false",
        "amr": "pwd",
        "name": "Ada Lovelace",
        "roles": "",
        "exp": FUTURE.to_string(),
    })
}

fn allow(fixture: &Fixture) -> Value {
    policy("Allow", &json!(fixture.user_id), &caller(fixture))
}

fn deny(context: &Value) -> Value {
    policy("Deny", &json!("anonymous"), context)
}

fn refusal(challenge: &str, token_expired: &str, description: &str) -> Value {
    json!({
        "challenge": challenge,
        "token_expired": token_expired,
        "error": "invalid_token",
        "error_description": description,
    })
}

fn expired_context() -> Value {
    let challenge = r#"Bearer error="invalid_token", error_description="The access token has expired.""#;
    refusal(challenge, "true", "The access token has expired.")
}

fn invalid_context() -> Value {
    let challenge = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;
    refusal(challenge, "false", "The access token is not valid.")
}

fn missing_context() -> Value {
    refusal("Bearer", "false", "The access token is missing.")
}
