//! The event for a Lambda authorizer, and the meaning of its answer.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::Value;

use super::policy::{self, Evaluation, PolicyError};
use template::Authorizer;

/// The context of an authorizer, for the function and the gateway responses: every value has become text.
pub(super) type Context = BTreeMap<String, String>;

/// The decision of an authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    /// The request is allowed.
    Allow(Context),
    /// The request is denied.
    Deny {
        /// Whether a statement denies it, rather than none allowing it.
        explicit: bool,
        /// The context of the answer.
        context: Context,
    },
}

/// The reason why an authorizer's answer is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AuthorizerError {
    /// It has no principal, which API Gateway refuses.
    #[error("principalId is missing")]
    NoPrincipal,
    /// The context has a value other than text, number or boolean.
    #[error("the context value {0} is not a text, number or boolean")]
    BadContext(String),
    /// The policy cannot be evaluated.
    #[error(transparent)]
    PolicyError(#[from] PolicyError),
}

/// Returns whether every header that identifies the caller is present; otherwise the authorizer is not called.
pub(super) fn is_identified(authorizer: &Authorizer, headers: &HeaderMap) -> bool {
    let mut names = authorizer.identity_headers.iter();
    names.all(|name| headers.get(name).is_some_and(|value| !value.is_empty()))
}

/// Reads an answer as API Gateway does.
pub(super) fn interpret(answer: &Value, method_arn: &str) -> Result<Ruling, AuthorizerError> {
    let principal = answer.get("principalId").and_then(Value::as_str);
    let principal = principal.filter(|id| !id.is_empty()).ok_or(AuthorizerError::NoPrincipal)?;
    let mut context = read_context(answer.get("context"))?;
    context.insert("principalId".to_owned(), principal.to_owned());
    let document = answer.get("policyDocument").unwrap_or(&Value::Null);
    Ok(match policy::evaluate(document, method_arn)? {
        Evaluation::Allowed => Ruling::Allow(context),
        Evaluation::Denied => Ruling::Deny { explicit: true, context },
        Evaluation::Unmentioned => Ruling::Deny { explicit: false, context },
    })
}

fn read_context(context: Option<&Value>) -> Result<Context, AuthorizerError> {
    let entries = match context {
        None => return Ok(Context::new()),
        Some(Value::Object(entries)) => entries,
        Some(_) => return Err(AuthorizerError::BadContext("context".to_owned())),
    };
    entries.iter().map(|(key, value)| Ok((key.clone(), spell(key, value)?))).collect()
}

fn spell(key: &str, value: &Value) -> Result<String, AuthorizerError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(AuthorizerError::BadContext(key.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::AUTHORIZATION;
    use serde_json::json;
    use template::AuthorizerEvent;

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:Api/prod/GET/weather";

    fn answer(effect: &str, context: &Value) -> Value {
        let statement =
            json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": "arn:*:Api/prod/*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        json!({"principalId": "u", "policyDocument": policy, "context": context})
    }

    fn context(entries: &[(&str, &str)]) -> Context {
        let entries = entries.iter().chain(&[("principalId", "u")]);
        entries.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn context_values_arrive_as_texts() {
        let said = json!({"sub": "u", "exp": 1_700_000_000, "ok": true});
        let expected = context(&[("sub", "u"), ("exp", "1700000000"), ("ok", "true")]);
        assert_eq!(interpret(&answer("Allow", &said), ARN), Ok(Ruling::Allow(expected)));
    }

    #[test]
    fn a_denial_keeps_its_context() {
        let context = context(&[("error", "x")]);
        let ruling = interpret(&answer("Deny", &json!({"error": "x"})), ARN);
        assert_eq!(ruling, Ok(Ruling::Deny { explicit: true, context }));
    }

    #[test]
    fn an_allowance_of_another_api_is_a_denial() {
        let ruling =
            interpret(&answer("Allow", &json!({})), "arn:aws:execute-api:x:0:Other/prod/GET/weather");
        assert_eq!(ruling, Ok(Ruling::Deny { explicit: false, context: context(&[]) }));
    }

    #[test]
    fn an_answer_that_is_none_is_an_error() {
        let mut nobody = answer("Allow", &json!({}));
        nobody["principalId"] = json!(null);
        assert_eq!(interpret(&nobody, ARN), Err(AuthorizerError::NoPrincipal));
        let nested = answer("Allow", &json!({"roles": ["a"]}));
        assert_eq!(interpret(&nested, ARN), Err(AuthorizerError::BadContext("roles".to_owned())));
        let bare = json!({"principalId": "u"});
        assert_eq!(interpret(&bare, ARN), Err(AuthorizerError::PolicyError(PolicyError::NoStatement)));
    }

    #[test]
    fn a_missing_or_empty_header_identifies_nobody() {
        let authorizer = Authorizer {
            function: "F".to_owned(),
            event: AuthorizerEvent::Request,
            identity_headers: vec![AUTHORIZATION],
        };
        let mut headers = HeaderMap::new();
        assert!(!is_identified(&authorizer, &headers));
        headers.insert(AUTHORIZATION, HeaderValue::from_static(""));
        assert!(!is_identified(&authorizer, &headers));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert!(is_identified(&authorizer, &headers));
    }
}
