//! The list of one's own sessions.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::{Event, body};
use crate::Failure;
use crate::contest::Work;
use crate::rows::Session;

/// Asks for the same list again and again.
pub(crate) struct Listing {
    event: Bytes,
    length: usize,
}

impl Listing {
    /// Of the session's user, who has so many.
    pub(crate) fn new(session: &Session, length: usize) -> Result<Self, Failure> {
        let mut event = Event::read("events/sessions/list.json")?;
        event.set("/requestContext/authorizer/sub", &session.account.user_id.to_string());
        event.set("/requestContext/authorizer/sid", &session.session_id.to_string());
        event.set("/requestContext/authorizer/email", &session.account.email());
        Ok(Self { event: event.with(&Value::Null), length })
    }
}

impl Work for Listing {
    fn event(&mut self) -> Bytes {
        self.event.clone()
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let body = body(answer)?;
        let length = body.get("sessions").and_then(Value::as_array).map(Vec::len);
        if length == Some(self.length) {
            return Ok(());
        }
        Err(format!("{} sessions, not {}", json!(length), self.length).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Account;

    #[test]
    fn a_list_must_be_whole() {
        let session = Account::new(1).session(1);
        let mut listing = Listing::new(&session, 2).unwrap();
        let answer = |sessions: Value| {
            let body = json!({ "sessions": sessions }).to_string();
            Bytes::from(json!({ "statusCode": 200, "body": body }).to_string())
        };
        assert!(listing.check(&answer(json!([1, 2]))).is_ok());
        assert!(listing.check(&answer(json!([1]))).is_err());
        assert!(listing.check(&answer(Value::Null)).is_err());
        let event = String::from_utf8_lossy(&listing.event).into_owned();
        assert!(event.contains(&session.session_id.to_string()));
        assert!(event.contains(&session.account.user_id.to_string()));
        assert!(event.contains("\"body\":null"));
    }
}
