//! Refreshes of one session, one after the other.

use axum::body::Bytes;
use serde_json::json;
use shared::key_set::KeySet;

use super::{Event, body, text};
use crate::Failure;
use crate::contest::Work;
use crate::rows::Session;

/// Each event presents the tokens of the answer before, as browsers do: the access token too, once there is one.
pub(crate) struct Chain {
    event: Event,
    tokens: Tokens,
}

#[derive(Debug, PartialEq, Eq)]
struct Tokens {
    refresh: String,
    access: Option<String>,
}

impl Chain {
    /// Of a session that was not refreshed so far.
    pub(crate) fn new(session: &Session, keys: &KeySet) -> Result<Self, Failure> {
        let tokens = Tokens { refresh: session.refresh_token(keys)?, access: None };
        Ok(Self { event: Event::read("events/refresh/alone.json")?, tokens })
    }
}

impl Work for Chain {
    fn event(&mut self) -> Bytes {
        let Tokens { refresh, access } = &self.tokens;
        self.event.with(&match access {
            Some(access) => json!({ "refresh_token": refresh, "access_token": access }),
            None => json!({ "refresh_token": refresh }),
        })
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        self.tokens = self.tokens.followed_by(answer)?;
        Ok(())
    }
}

impl Tokens {
    /// The tokens of an answer, which are others than these.
    fn followed_by(&self, answer: &[u8]) -> Result<Self, Failure> {
        let body = body(answer)?;
        let next =
            Self { refresh: text(&body, "refresh_token")?, access: Some(text(&body, "access_token")?) };
        if next.refresh == self.refresh || next.access == self.access {
            return Err(format!("a token that was there before: {body}").into());
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(refresh: &str, access: &str) -> Vec<u8> {
        let body = json!({ "refresh_token": refresh, "access_token": access }).to_string();
        json!({ "statusCode": 200, "body": body }).to_string().into()
    }

    fn tokens(refresh: &str, access: Option<&str>) -> Tokens {
        Tokens { refresh: refresh.to_owned(), access: access.map(str::to_owned) }
    }

    #[test]
    fn an_answer_must_bring_new_tokens() {
        let next = |of: Tokens, refresh, access| of.followed_by(&answer(refresh, access)).ok();
        assert_eq!(next(tokens("r1", None), "r2", "a1"), Some(tokens("r2", Some("a1"))));
        assert_eq!(next(tokens("r1", Some("a1")), "r1", "a2"), None);
        assert_eq!(next(tokens("r1", Some("a1")), "r2", "a1"), None);
        assert!(tokens("r1", None).followed_by(br#"{"statusCode":400,"body":"{}"}"#).is_err());
    }
}
