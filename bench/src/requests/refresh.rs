//! Refreshes of one session, one after the other.

use axum::body::Bytes;
use serde_json::json;
use shared::key_set::KeySet;

use super::{Event, Tokens, body};
use crate::Failure;
use crate::contest::Work;
use crate::rows::Session;

/// Each event presents the tokens of the answer before, as browsers do: the access token too, once there is one.
pub(crate) struct Chain {
    event: Event,
    tokens: Tokens,
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
        self.tokens = self.tokens.followed_by(&body(answer)?)?;
        Ok(())
    }
}
