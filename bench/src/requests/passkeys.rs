//! Sign-ins with a passkey, from one account to the next. Each answers a challenge that was asked for before.

use axum::body::Bytes;
use serde_json::{Value, json};
use tests::{Authenticator, Page};

use super::{Event, body, text};
use crate::Failure;

/// The domain that the passkeys are bound to: `RP_ID`.
pub(crate) const RP_ID: &str = "example.com";

/// Requests of users who have an authenticator with a passkey each.
pub(crate) struct PasskeySignIns {
    options: Bytes,
    event: Event,
    page: Page,
    users: Vec<Authenticator>,
    next: usize,
    challenges: Vec<Value>,
}

impl PasskeySignIns {
    /// Of these users.
    pub(crate) fn new(users: Vec<Authenticator>) -> Result<Self, Failure> {
        Ok(Self {
            options: Event::read("events/passkeys/options.json")?.with(&json!({})),
            event: Event::read("events/passkeys/sign_in_unknown_challenge.json")?,
            page: page(),
            users,
            next: 0,
            challenges: Vec::new(),
        })
    }

    /// Asks for a challenge.
    pub(crate) fn options(&self) -> Bytes {
        self.options.clone()
    }

    /// Keeps the challenge of an answer for a sign-in.
    pub(crate) fn keep(&mut self, answer: &Bytes) -> Result<(), Failure> {
        self.challenges.push(body(answer)?);
        Ok(())
    }

    /// Signs the next user in, by a challenge that was kept.
    pub(crate) fn sign_in(&mut self) -> Result<Bytes, Failure> {
        let challenge = self.challenges.pop().ok_or("no challenge was kept")?;
        let options = challenge.get("public_key").ok_or("a challenge without options")?;
        let user = self.users.get_mut(self.next).ok_or("nobody has a passkey")?;
        let credential = user.sign(options, &self.page);
        self.next = (self.next + 1) % self.users.len();
        let id = text(&challenge, "challenge_id")?;
        Ok(self.event.with(&json!({ "challenge_id": id, "credential": credential })))
    }

    /// Checks the answer to a sign-in.
    pub(crate) fn check(answer: &Bytes) -> Result<(), Failure> {
        let body = body(answer)?;
        text(&body, "refresh_token").and(text(&body, "access_token")).map(drop)
    }
}

/// The page that the function expects where nothing but `RP_ID` is set.
pub(crate) fn page() -> Page {
    Page {
        origin: format!("https://{RP_ID}"),
        rp_id: RP_ID.to_owned(),
        verifies_user: true,
        embedded_in: None,
    }
}
