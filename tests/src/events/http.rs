//! Events of a Lambda proxy integration of a REST API, and the cases of the functions that only read.

use serde_json::{Map, Value, json};

use super::Case;
use super::fixture::{EMAIL, FUTURE, Fixture, PAST};

const DOMAIN: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";

/// A request, as API Gateway describes it. A header with a list of values was sent in so many lines; `headers` has the
/// last.
pub(super) fn request(method: &str, path: &str, headers: &Value, body: Option<&str>) -> Value {
    let mut all = json!({
        "Accept": "*/*",
        "Host": DOMAIN,
        "User-Agent": "curl/8.0",
        "X-Forwarded-For": "192.0.2.10",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    });
    let mut multi: Map<String, Value> =
        all.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), json!([value]))).collect();
    for (name, value) in headers.as_object().into_iter().flatten() {
        let lines = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        all[name] = lines.last().cloned().unwrap_or_default();
        multi.insert(name.clone(), lines.into());
    }
    json!({
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": all,
        "multiValueHeaders": multi,
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": DOMAIN,
            "domainPrefix": "a1b2c3d4e5",
            "extendedRequestId": "Zm9yIHRlc3Rz",
            "httpMethod": method,
            "identity": { "sourceIp": "192.0.2.10", "userAgent": "curl/8.0" },
            "path": format!("/prod{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "8f14e45f-ceea-467f-9e0c-1b2d3c4e5f60",
            "requestTime": "01/Nov/2026:00:00:00 +0000",
            "requestTimeEpoch": PAST * 1000,
            "resourceId": "r1s2t3",
            "resourcePath": path,
            "stage": "prod",
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// A POST of this text as JSON.
pub(super) fn post(path: &str, body: &str) -> Value {
    request("POST", path, &json!({ "Content-Type": "application/json" }), Some(body))
}

/// A POST of these parameters as a form.
pub(super) fn post_form(path: &str, parameters: &[(&str, &str)]) -> Value {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    request("POST", path, &json!({ "Content-Type": "application/x-www-form-urlencoded" }), Some(&body))
}

pub(super) fn get(path: &str) -> Value {
    request("GET", path, &json!({}), None)
}

/// An answer that no cache keeps.
pub(super) fn answer(status: u16, body: Value) -> Value {
    let mut headers = json!({ "access-control-allow-origin": "*", "cache-control": "no-store" });
    if !body.is_null() {
        headers["content-type"] = "application/json".into();
    }
    json!({ "statusCode": status, "headers": headers, "body": body })
}

/// An error.
pub(super) fn error(status: u16, code: &str, description: &str) -> Value {
    answer(status, json!({ "error": code, "error_description": description }))
}

/// The refusal of an access token, as one that has not expired.
pub(super) fn invalid_token(description: &str) -> Value {
    let mut refused = error(401, "invalid_token", description);
    refused["headers"]["is-token-expired"] = "false".into();
    refused["headers"]["www-authenticate"] =
        format!(r#"Bearer error="invalid_token", error_description="{description}""#).into();
    refused
}

/// The event with what the authorizer lets the function know.
pub(super) fn authorized(mut event: Value, user_id: &str, session_id: &str) -> Value {
    event["requestContext"]["authorizer"] = json!({
        "principalId": user_id,
        "integrationLatency": 3,
        "sub": user_id,
        "sid": session_id,
        "email": EMAIL,
        "email_verified": "false",
        "amr": "pwd",
        "name": "Ada Lovelace",
        "roles": "",
        "exp": FUTURE.to_string(),
    });
    event
}

pub(super) fn metadata_cases(fixture: &Fixture) -> Vec<Case> {
    let document = |name: &'static str, path: &str, body: Value| {
        let headers = json!({
            "access-control-allow-origin": "*",
            "cache-control": "public, max-age=300",
            "content-type": "application/json",
        });
        let expected = json!({ "statusCode": 200, "headers": headers, "body": body });
        Case { function: "metadata", name, event: get(&format!("/.well-known/{path}")), expected }
    };
    let server = json!({
        "issuer": "urn:ratchet:local",
        "jwks_uri": format!("https://{DOMAIN}/prod/.well-known/jwks.json"),
        "token_endpoint": format!("https://{DOMAIN}/prod/oauth2/token"),
        "revocation_endpoint": format!("https://{DOMAIN}/prod/oauth2/revoke"),
        "response_types_supported": [],
        "grant_types_supported": ["refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "ratchet_mail_enabled": true,
        "ratchet_passkeys_enabled": false,
        "ratchet_totp_enabled": true,
    });
    let mut openid = server.clone();
    openid["subject_types_supported"] = json!(["public"]);
    openid["id_token_signing_alg_values_supported"] = json!(["EdDSA"]);
    vec![
        document("jwks", "jwks.json", fixture.public_keys()),
        document("oauth_authorization_server", "oauth-authorization-server", server),
        document("openid_configuration", "openid-configuration", openid),
    ]
}

pub(super) fn weather_cases() -> Vec<Case> {
    let (user_id, session_id) =
        ("5f1d7e84-9a3b-4c61-8d2e-0f4b6a7c8d9e", "0c9a1b2d-3e4f-4a5b-8c6d-7e8f90a1b2c3");
    let with_authorizer = authorized(get("/weather"), user_id, session_id);
    let day = json!({
        "date": "<date>",
        "temperature_c": "<number>",
        "temperature_f": "<number>",
        "summary": "<any>",
    });
    vec![
        Case {
            function: "weather",
            name: "with_authorizer",
            event: with_authorizer,
            expected: answer(200, json!([day, day, day, day, day])),
        },
        Case {
            function: "weather",
            name: "without_authorizer",
            event: get("/weather"),
            expected: invalid_token("The access token is not valid."),
        },
    ]
}
