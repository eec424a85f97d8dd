use lambda_runtime::Context;
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn app() -> App {
    // The public key of RFC 8037 appendix A.2.
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1",
                      "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let keys = json!({ "keys": [key] }).to_string();
    let lookup = |name: &str| match name {
        "PUBLIC_KEYS" => Some(keys.clone()),
        "ISSUER" => Some("https://auth.example".to_owned()),
        "AUDIENCE" => Some("https://api.example".to_owned()),
        _ => None,
    };
    App::new(&lookup).unwrap()
}

fn invoked(event: &str) -> Result<Answer, Diagnostic> {
    let event = RawValue::from_string(event.to_owned()).unwrap();
    invoke(&app(), &LambdaEvent::new(event, Context::default()), NOW)
}

#[test]
fn an_event_is_answered_from_its_text() {
    let event = json!({ "type": "TOKEN", "authorizationToken": "Bearer x",
                        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:api/prod/GET/weather" });
    let answer = serde_json::to_value(invoked(&event.to_string()).unwrap()).unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny");
    assert_eq!(answer["context"]["error"], "invalid_token");
}

#[test]
fn json_that_cannot_be_held_is_no_event() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    for text in [deep.as_str(), "1e999", r#"{ "type": "\ud800" }"#, "null", "[]", "{}"] {
        let error = invoked(text).unwrap_err();
        assert_eq!(error.error_type, "UnknownEvent", "{text:.20}");
        assert!(!error.error_message.contains("column"), "{}", error.error_message);
    }
}
