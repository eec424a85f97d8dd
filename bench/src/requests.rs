//! What Ratchet's functions are asked, and what they must answer: events as API Gateway sends them.

pub(crate) mod passkeys;
pub(crate) mod refresh;
pub(crate) mod sessions;
pub(crate) mod sign_in;
mod tokens;

use ::tests::project;
use axum::body::Bytes;
use serde_json::Value;

use crate::Failure;
pub(crate) use tokens::Tokens;

/// An event of `events/`, to be given another body.
pub(crate) struct Event(Value);

impl Event {
    /// The event in this file.
    pub(crate) fn read(path: &str) -> Result<Self, Failure> {
        let event = serde_json::from_str(&project::read(path));
        Ok(Self(event.map_err(|error| format!("{path}: {error}"))?))
    }

    /// Puts another text in place of one.
    pub(crate) fn set(&mut self, pointer: &str, text: &str) {
        if let Some(present) = self.0.pointer_mut(pointer) {
            *present = text.into();
        }
    }

    /// The event, with this body.
    pub(crate) fn with(&mut self, body: &Value) -> Bytes {
        if let Some(present) = self.0.get_mut("body") {
            *present = if body.is_null() { Value::Null } else { body.to_string().into() };
        }
        self.0.to_string().into()
    }
}

/// The body of an answer of status 200.
pub(crate) fn body(answer: &[u8]) -> Result<Value, Failure> {
    let wrong = |error| format!("{error}: {}", String::from_utf8_lossy(answer));
    let read: Value = serde_json::from_slice(answer).map_err(|error| wrong(error.to_string()))?;
    match (read.get("statusCode").and_then(Value::as_u64), read.get("body").and_then(Value::as_str)) {
        (Some(200), Some(body)) => Ok(serde_json::from_str(body).map_err(|error| wrong(error.to_string()))?),
        _ => Err(wrong("not status 200".to_owned()).into()),
    }
}

/// A text in a body.
pub(crate) fn text(body: &Value, name: &str) -> Result<String, Failure> {
    let text = body.get(name).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("no {name} in {body}"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{body, text};

    #[test]
    fn only_a_body_of_status_200_is_read() {
        let good = br#"{"statusCode":200,"body":"{\"refresh_token\":\"x\"}"}"#;
        let body_of_good = body(good).map_err(|failure| failure.to_string());
        assert_eq!(body_of_good.map(|body| text(&body, "refresh_token").ok()), Ok(Some("x".to_owned())));
        assert!(body(br#"{"statusCode":400,"body":"{}"}"#).is_err());
        assert!(body(br#"{"statusCode":200,"body":"{"}"#).is_err());
        assert!(body(br#"{"statusCode":200}"#).is_err());
        assert!(body(b"").is_err());
    }
}
