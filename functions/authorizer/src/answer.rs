//! Answers to the gateway: an IAM policy, and a context whose values are strings.

use serde::Serialize;
use shared::access_token::{Claims, InvalidToken};
use shared::api::ApiError;

use crate::Denied;

/// The answer of a REST authorizer, in the gateway's own names. No member is ever null, which the gateway refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    principal_id: String,
    policy_document: PolicyDocument,
    context: Context,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: Effect,
    resource: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Context {
    /// What functions behind the gateway learn about the caller.
    Caller { sub: String, sid: String, email: String, name: String, roles: String, exp: String },
    /// What the gateway response `ACCESS_DENIED` makes headers and body of.
    Refusal { challenge: String, token_expired: String, error: &'static str, error_description: String },
}

impl Answer {
    pub(crate) fn allow(method_arn: &str, claims: &Claims) -> Self {
        let context = Context::Caller {
            sub: claims.sub.clone(),
            sid: claims.sid.clone(),
            email: claims.email.clone(),
            name: claims.name.clone(),
            roles: claims.roles.join(" "),
            exp: claims.exp.to_string(),
        };
        Self::new(Effect::Allow, claims.sub.clone(), method_arn, context)
    }

    pub(crate) fn deny(method_arn: &str, denied: Denied) -> Self {
        let error = ApiError::InvalidToken { expired: denied == Denied::Token(InvalidToken::Expired) };
        let missing = denied == Denied::Missing;
        let context = Context::Refusal {
            // Without a token there is nothing to say about it (RFC 6750 section 3.1).
            challenge: if missing { "Bearer".to_owned() } else { error.challenge() },
            token_expired: (denied == Denied::Token(InvalidToken::Expired)).to_string(),
            error: error.code(),
            error_description: if missing { MISSING.to_owned() } else { error.to_string() },
        };
        Self::new(Effect::Deny, "anonymous".to_owned(), method_arn, context)
    }

    fn new(effect: Effect, principal_id: String, method_arn: &str, context: Context) -> Self {
        let statement = Statement { action: "execute-api:Invoke", effect, resource: whole_stage(method_arn) };
        let policy_document = PolicyDocument { version: "2012-10-17", statement: [statement] };
        Self { principal_id, policy_document, context }
    }
}

/// As the template's gateway response `UNAUTHORIZED` words it, for the case that the gateway itself sees no header.
const MISSING: &str = "The access token is missing.";

/// Every method and path of the stage, so that an answer that the gateway cached is right for the next route too.
fn whole_stage(method_arn: &str) -> String {
    let mut parts = method_arn.splitn(3, '/');
    let (api, stage) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{api}/{stage}/*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:api/prod/GET/weather/today";

    #[test]
    fn a_refusal_denies_the_whole_stage_and_says_expired_only_of_expired_tokens() {
        let answer = serde_json::to_value(Answer::deny(ARN, Denied::Token(InvalidToken::Expired))).unwrap();
        assert_eq!(
            answer,
            json!({
                "principalId": "anonymous",
                "policyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{
                        "Action": "execute-api:Invoke",
                        "Effect": "Deny",
                        "Resource": "arn:aws:execute-api:eu-west-1:123456789012:api/prod/*",
                    }],
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
        let of = |denied| serde_json::to_value(Answer::deny(ARN, denied)).unwrap();
        let expected = of(Denied::Token(InvalidToken::Signature));
        assert_eq!(expected["context"]["token_expired"], "false");
        for reason in [
            InvalidToken::Malformed,
            InvalidToken::Type,
            InvalidToken::Critical,
            InvalidToken::UnknownKey,
            InvalidToken::ClaimsForm,
            InvalidToken::Issuer,
            InvalidToken::Audience,
        ] {
            assert_eq!(of(Denied::Token(reason)), expected, "{reason}");
        }
    }

    #[test]
    fn without_a_token_the_challenge_names_no_error() {
        let answer = serde_json::to_value(Answer::deny(ARN, Denied::Missing)).unwrap();
        assert_eq!(answer["context"]["challenge"], "Bearer");
        assert_eq!(answer["context"]["error_description"], "The access token is missing.");
    }
}
