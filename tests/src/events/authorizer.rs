//! The cases of the authorizer, in the two formats of a REST API.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, FUTURE, Fixture, PAST, Seeded};
use crate::jwt;

const STAGE: &str = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod";

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let valid = fixture.access_token(Seeded::New, FUTURE);
    let expired = fixture.access_token(Seeded::New, PAST + 60);
    let forged = jwt::with_flipped_bit(&valid, 100);
    let header = |token: &str| format!("Bearer {token}");
    let case = |name, event, expected| Case { function: "authorizer", name, event, expected };
    let (valid, expired, forged) = (header(&valid), header(&expired), header(&forged));
    vec![
        case("token_valid", token(Some(&valid)), allow(fixture)),
        case("token_expired", token(Some(&expired)), deny_expired()),
        case("token_forged", token(Some(&forged)), deny_invalid()),
        case("token_missing", token(None), deny_missing()),
        case("request_valid", request(&[&valid]), allow(fixture)),
        case("request_expired", request(&[&expired]), deny_expired()),
        case("request_forged", request(&[&forged]), deny_invalid()),
        case("request_missing", request(&[]), deny_missing()),
        case("request_two_headers", request(&[&valid, &valid]), deny_invalid()),
    ]
}

fn token(header: Option<&str>) -> Value {
    let mut event = json!({ "type": "TOKEN", "methodArn": format!("{STAGE}/GET/weather") });
    if let Some(header) = header {
        event["authorizationToken"] = header.into();
    }
    event
}

fn request(authorization: &[&str]) -> Value {
    let host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
    let (mut headers, mut multi) = (json!({ "Host": host }), json!({ "Host": [host] }));
    if let Some(last) = authorization.last() {
        headers["Authorization"] = json!(last);
        multi["Authorization"] = json!(authorization);
    }
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/GET/weather"),
        "resource": "/weather",
        "path": "/weather",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": multi,
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "httpMethod": "GET",
            "identity": { "sourceIp": "192.0.2.10" },
            "path": "/prod/weather",
            "requestId": "8f14e45f-ceea-467f-9e0c-1b2d3c4e5f60",
            "resourceId": "r1s2t3",
            "resourcePath": "/weather",
            "stage": "prod",
        },
    })
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

fn allow(fixture: &Fixture) -> Value {
    let context = json!({
        "sub": fixture.user_id,
        "sid": Seeded::New.id(),
        "email": EMAIL,
        "name": "Ada Lovelace",
        "roles": "",
        "exp": FUTURE.to_string(),
    });
    policy("Allow", &json!(fixture.user_id), &context)
}

fn deny(challenge: &str, token_expired: &str, description: &str) -> Value {
    let context = json!({
        "challenge": challenge,
        "token_expired": token_expired,
        "error": "invalid_token",
        "error_description": description,
    });
    policy("Deny", &json!("anonymous"), &context)
}

fn deny_expired() -> Value {
    let challenge = r#"Bearer error="invalid_token", error_description="The access token has expired.""#;
    deny(challenge, "true", "The access token has expired.")
}

fn deny_invalid() -> Value {
    let challenge = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;
    deny(challenge, "false", "The access token is not valid.")
}

fn deny_missing() -> Value {
    deny("Bearer", "false", "The access token is missing.")
}
