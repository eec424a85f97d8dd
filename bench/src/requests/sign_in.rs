//! Sign-ins with a password, from one account to the next, so that no account's list of sessions grows long.

use axum::body::Bytes;
use serde_json::json;

use super::{Event, body, text};
use crate::Failure;
use crate::contest::Work;
use crate::rows::{Account, PASSWORD};

/// Each event signs the next account in, from the first again after the last.
pub(crate) struct SignIns {
    event: Event,
    accounts: Vec<Account>,
    next: usize,
}

impl SignIns {
    /// Of these accounts.
    pub(crate) fn new(accounts: Vec<Account>) -> Result<Self, Failure> {
        Ok(Self { event: Event::read("events/login/ok.json")?, accounts, next: 0 })
    }
}

impl Work for SignIns {
    fn event(&mut self) -> Bytes {
        let email = self.accounts.get(self.next).map(|account| account.email());
        self.next = (self.next + 1) % self.accounts.len().max(1);
        self.event.with(&json!({ "email": email, "password": PASSWORD }))
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let body = body(answer)?;
        text(&body, "refresh_token").and(text(&body, "access_token")).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_take_turns() {
        let mut sign_ins = SignIns::new(vec![Account::new(1), Account::new(2)]).unwrap();
        let events = [sign_ins.event(), sign_ins.event(), sign_ins.event()];
        let signs_in = |event: &Bytes, email: &str| String::from_utf8_lossy(event).contains(email);
        assert!(signs_in(&events[0], "user1@"));
        assert!(signs_in(&events[1], "user2@"));
        assert_eq!(events[0], events[2]);
    }
}
