//! The IAM policy in an authorizer's answer, evaluated for one method of the API.

use serde_json::Value;

/// The decision of a policy about one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evaluation {
    /// A statement allows it and none denies it.
    Allowed,
    /// A statement denies it, whether or not others allow it.
    Denied,
    /// No statement matches it.
    Unmentioned,
}

/// The reason why a policy cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyError {
    /// It is not a document with statements.
    #[error("policyDocument has no Statement")]
    NoStatement,
    /// A statement lacks one of its three parts, or has a malformed one.
    #[error("a statement needs Effect, Action and Resource")]
    BadStatement,
    /// A statement has an unknown member, and so might mean something else.
    #[error("a statement has a key other than Sid, Effect, Action and Resource")]
    UnknownKey,
}

/// Evaluates the policy. Deny wins over Allow, whatever their order.
pub(super) fn evaluate(document: &Value, method_arn: &str) -> Result<Evaluation, PolicyError> {
    let mut verdict = Evaluation::Unmentioned;
    for statement in one_or_many(document.get("Statement").ok_or(PolicyError::NoStatement)?) {
        let statement = Statement::read(statement)?;
        if statement.is_about(method_arn) {
            match statement.denies {
                true => return Ok(Evaluation::Denied),
                false => verdict = Evaluation::Allowed,
            }
        }
    }
    Ok(verdict)
}

struct Statement<'a> {
    denies: bool,
    actions: Vec<&'a str>,
    resources: Vec<&'a str>,
}

impl<'a> Statement<'a> {
    fn read(value: &'a Value) -> Result<Self, PolicyError> {
        let keys = value.as_object().ok_or(PolicyError::BadStatement)?;
        if keys.keys().any(|key| !["Sid", "Effect", "Action", "Resource"].contains(&key.as_str())) {
            return Err(PolicyError::UnknownKey);
        }
        let denies = match value.get("Effect").and_then(Value::as_str) {
            Some("Allow") => false,
            Some("Deny") => true,
            Some(_) | None => return Err(PolicyError::BadStatement),
        };
        Ok(Self { denies, actions: texts(value.get("Action"))?, resources: texts(value.get("Resource"))? })
    }

    fn is_about(&self, method_arn: &str) -> bool {
        let mut actions = self.actions.iter();
        actions.any(|action| matches(&action.to_ascii_lowercase(), "execute-api:invoke"))
            && self.resources.iter().any(|resource| matches(resource, method_arn))
    }
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn texts(value: Option<&Value>) -> Result<Vec<&str>, PolicyError> {
    let items = one_or_many(value.ok_or(PolicyError::BadStatement)?).iter();
    items.map(|item| item.as_str().ok_or(PolicyError::BadStatement)).collect()
}

/// Matches IAM's wildcards: `*` is any text, slashes included, and `?` any one character.
///
/// On a mismatch it goes back to the last `*` and lets that match one more character. Earlier ones never need to
/// change, so the work is at most the product of the two lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut last_star = None;
    loop {
        let here = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = here;
                last_star = Some((pattern.clone(), text.clone()));
            }
            (Some(expected), Some(actual)) if expected == '?' || expected == actual => {}
            (_, None) => return false,
            (_, Some(_)) => {
                let Some((after_star, covered)) = &mut last_star else {
                    return false;
                };
                covered.next();
                pattern = after_star.clone();
                text = covered.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:Api/prod/GET/weather";

    #[test]
    fn wildcards_match_any_text_and_any_one_character() {
        for pattern in
            ["*", ARN, "arn:*/weather", "arn:aws:execute-api:*:*:Api/prod/*", "*?", "a*G?T*r", "**"]
        {
            assert!(matches(pattern, ARN), "{pattern} should match");
        }
        for pattern in [
            "",
            "?",
            "arn:*/weathe",
            "*/POST/*",
            "arn:aws:execute-api:us-east-1:000000000000:Api/prod",
            "*?x",
        ] {
            assert!(!matches(pattern, ARN), "{pattern} should not match");
        }
        assert!(matches("", ""));
        assert!(matches("a*b*c", "a-b-b-c-c"));
        assert!(!matches("a*b*c", "a-c-b"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        assert!(!matches(&"*a".repeat(2_000), &"a".repeat(1_999)));
    }

    fn check(statements: &Value, expected: Result<Evaluation, PolicyError>) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        assert_eq!(evaluate(&document, ARN), expected, "{statements}");
    }

    fn statement(effect: &str, resource: &str) -> Value {
        json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource})
    }

    #[test]
    fn deny_wins_in_any_order() {
        let (allow, deny) = (statement("Allow", "*"), statement("Deny", ARN));
        check(&json!([allow]), Ok(Evaluation::Allowed));
        check(&json!([allow, deny]), Ok(Evaluation::Denied));
        check(&json!([deny, allow]), Ok(Evaluation::Denied));
        check(&allow, Ok(Evaluation::Allowed));
    }

    #[test]
    fn what_no_statement_mentions_is_not_allowed() {
        check(&json!([]), Ok(Evaluation::Unmentioned));
        check(&json!([statement("Allow", "*/POST/*")]), Ok(Evaluation::Unmentioned));
        let other_action = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
        check(&other_action, Ok(Evaluation::Unmentioned));
    }

    #[test]
    fn lists_and_wildcards_of_actions_count() {
        let lists = json!([{"Effect": "Allow", "Action": ["x", "Execute-API:*"], "Resource": ["y", ARN]}]);
        check(&lists, Ok(Evaluation::Allowed));
    }

    #[test]
    fn a_statement_that_is_not_understood_is_an_error() {
        check(&json!([{"Effect": "Allow", "Action": "*"}]), Err(PolicyError::BadStatement));
        check(&json!([{"Effect": "allow", "Action": "*", "Resource": "*"}]), Err(PolicyError::BadStatement));
        check(&json!(["Allow"]), Err(PolicyError::BadStatement));
        check(&json!([{"Effect": "Allow", "Action": 1, "Resource": "*"}]), Err(PolicyError::BadStatement));
        let conditional = json!([{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}]);
        check(&conditional, Err(PolicyError::UnknownKey));
        assert_eq!(evaluate(&json!(null), ARN), Err(PolicyError::NoStatement));
    }
}
