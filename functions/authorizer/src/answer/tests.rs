use super::*;
use serde_json::{Value, json};
use shared::route_roles::AuthorizationError;

const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:api/prod/*";

fn deny(denied: DenialError) -> Value {
    serde_json::to_value(AuthorizerResponse::policy(&Err(denied), STAGE.to_owned())).unwrap()
}

#[test]
fn a_refusal_denies_the_whole_stage_and_only_expired_is_called_expired() {
    assert_eq!(
        deny(DenialError::Token(AccessTokenError::Expired)),
        json!({
            "principalId": "anonymous",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{ "Action": "execute-api:Invoke", "Effect": "Deny", "Resource": STAGE }],
            },
            "context": {
                "challenge": r#"Bearer error="invalid_token", error_description="The access token has expired.""#,
                "token_expired": "true",
                "error": "invalid_token",
                "error_description": "The access token has expired.",
            },
        })
    );
}

#[test]
fn all_other_refusals_look_alike() {
    let expected = deny(DenialError::Token(AccessTokenError::Signature));
    assert_eq!(expected["context"]["token_expired"], "false");
    for reason in [
        AccessTokenError::Malformed,
        AccessTokenError::Type,
        AccessTokenError::Critical,
        AccessTokenError::UnknownKey,
        AccessTokenError::ClaimsForm,
        AccessTokenError::Issuer,
        AccessTokenError::Audience,
    ] {
        assert_eq!(deny(DenialError::Token(reason)), expected, "{reason}");
    }
}

#[test]
fn without_a_token_the_challenge_names_no_error() {
    let answer = deny(DenialError::Missing);
    assert_eq!(answer["context"]["challenge"], "Bearer");
    assert_eq!(answer["context"]["error_description"], "The access token is missing.");
}

#[test]
fn a_missing_role_is_no_fault_of_the_token() {
    for refused in [AuthorizationError::Role, AuthorizationError::Unlisted, AuthorizationError::Unclear] {
        let context = &deny(DenialError::Route(refused))["context"];
        assert_eq!(context["error"], "insufficient_scope");
        assert_eq!(context["token_expired"], "false");
        assert!(context["challenge"].as_str().unwrap().starts_with(r#"Bearer error="insufficient_scope""#));
    }
}

#[test]
fn a_refusal_is_remembered_by_nobody_and_tells_resolvers_nothing() {
    for denied in [
        DenialError::Missing,
        DenialError::Token(AccessTokenError::Expired),
        DenialError::Token(AccessTokenError::UnknownKey),
    ] {
        let answer =
            serde_json::to_value(AuthorizerResponse::app_sync(&Err(denied), Timestamp::from_seconds(0)))
                .unwrap();
        assert_eq!(answer, json!({ "isAuthorized": false, "ttlOverride": 0 }));
    }
}
