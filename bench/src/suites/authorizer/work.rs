//! Events, and the answers that are expected to them.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::Failure;
use crate::contest::Work;

/// One event again and again, with an access token that is good until 2100.
pub(super) struct Allowed(pub(super) Bytes);

/// An event whose token must be refused.
pub(super) struct Refused(pub(super) Bytes);

/// What a function is asked that does nothing.
pub(super) struct Empty;

/// The user of the token.
const SUB: &str = "b2daa92d-39e4-40f2-882d-adb440eac13c";

impl Work for Allowed {
    fn event(&mut self) -> Bytes {
        self.0.clone()
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let answer = parsed(answer)?;
        let sub = answer.pointer("/context/sub").and_then(Value::as_str);
        let good = effect(&answer) == Some("Allow") && sub == Some(SUB);
        if good { Ok(()) } else { Err(format!("not allowed: {answer}").into()) }
    }
}

impl Work for Refused {
    fn event(&mut self) -> Bytes {
        self.0.clone()
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let answer = parsed(answer)?;
        if effect(&answer) == Some("Deny") { Ok(()) } else { Err(format!("not refused: {answer}").into()) }
    }
}

impl Work for Empty {
    fn event(&mut self) -> Bytes {
        Bytes::from_static(b"{}")
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let answer = parsed(answer)?;
        if answer == json!({ "empty": true }) { Ok(()) } else { Err(format!("not empty: {answer}").into()) }
    }
}

fn parsed(answer: &Bytes) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(answer).map_err(|error| error.to_string())?)
}

fn effect(answer: &Value) -> Option<&str> {
    answer.pointer("/policyDocument/Statement/0/Effect").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(effect: &str, sub: &str) -> Bytes {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": effect }] });
        Bytes::from(json!({ "policyDocument": policy, "context": { "sub": sub } }).to_string())
    }

    #[test]
    fn only_the_right_user_is_allowed() {
        let check = |answer: &Bytes| Allowed(Bytes::new()).check(answer).is_ok();
        assert!(check(&answer("Allow", SUB)));
        assert!(!check(&answer("Allow", "somebody-else")));
        assert!(!check(&answer("Deny", SUB)));
        assert!(!check(&Bytes::from_static(b"{}")));
        assert!(!check(&Bytes::from_static(b"Allow")));
    }

    #[test]
    fn a_refusal_says_so() {
        let check = |answer: &Bytes| Refused(Bytes::new()).check(answer).is_ok();
        assert!(check(&answer("Deny", "anonymous")));
        assert!(!check(&answer("Allow", SUB)));
        assert!(!check(&Bytes::from_static(b"{}")), "an answer without a policy refuses nobody");
    }
}
