//! Rows of the tables, and the tokens that belong to them: the same for the same numbers each time.

use ::tests::Authenticator;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dynoxide::{AttributeValue, Item};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::ids::{SessionId, UserId};
use shared::key_set::KeySet;
use shared::refresh_token::{Generation, Nonce, RefreshToken};

use crate::Failure;

/// 2026-11-01: when accounts were made and sessions began.
const PAST: i64 = 1_793_491_200;
/// 2100-01-01: until when rows are good.
const FUTURE: i64 = 4_102_444_800;

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// An account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    number: u32,
    pub(crate) user_id: UserId,
}

/// A session of an account that was not refreshed so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) account: Account,
    pub(crate) session_id: SessionId,
    pub(crate) nonce: Nonce,
}

impl Account {
    pub(crate) fn new(number: u32) -> Self {
        let mut rng = StdRng::seed_from_u64(number.into());
        Self { number, user_id: UserId::random(&mut rng) }
    }

    pub(crate) fn email(self) -> String {
        format!("user{}@example.com", self.number)
    }

    /// Its session with this number.
    pub(crate) fn session(self, number: u32) -> Session {
        let mut rng = StdRng::seed_from_u64(u64::from(self.number) << 32 | u64::from(number) | 1 << 63);
        Session { account: self, session_id: SessionId::random(&mut rng), nonce: Nonce::random(&mut rng) }
    }

    /// Its row, with the PHC string of its password.
    pub(crate) fn row(self, password_hash: &str) -> Item {
        item([
            ("email", text(self.email())),
            ("user_id", text(self.user_id)),
            ("name", text("Ada Lovelace")),
            ("password_hash", text(password_hash)),
            ("roles", AttributeValue::L(Vec::new())),
            ("version", number(1)),
            ("created_at", number(PAST * 1000)),
        ])
    }

    /// The same, with a passkey.
    pub(crate) fn row_with_a_passkey(self, password_hash: &str) -> Item {
        let mut row = self.row(password_hash);
        row.insert("passkeys".to_owned(), number(1));
        row
    }

    /// What an authenticator is told of the user when it makes a passkey.
    pub(crate) fn creation_options(self) -> Value {
        json!({ "user": { "id": URL_SAFE_NO_PAD.encode(self.user_id.as_bytes()) }, "challenge": "" })
    }

    /// The row of a passkey that an authenticator has made.
    pub(crate) fn passkey(self, authenticator: &Authenticator, rp_id: &str) -> Item {
        item([
            ("user_id", text(self.user_id)),
            ("credential_id", text(authenticator.id())),
            ("public_key", AttributeValue::B(authenticator.public_key())),
            ("sign_count", number(0)),
            ("backup_eligible", AttributeValue::BOOL(false)),
            ("backed_up", AttributeValue::BOOL(false)),
            ("aaguid", AttributeValue::B(vec![0; 16])),
            ("transports", AttributeValue::L(vec![text("internal"), text("hybrid")])),
            ("rp_id", text(rp_id)),
            ("name", text("Ada's phone")),
            ("created_at", number(PAST * 1000)),
        ])
    }
}

impl Session {
    /// Its row; access tokens will say these roles.
    pub(crate) fn row(&self, keys: &KeySet, roles: &[String]) -> Item {
        item([
            ("user_id", text(self.account.user_id)),
            ("session_id", text(self.session_id)),
            ("generation", number(0)),
            ("nonce", AttributeValue::B(self.nonce.as_bytes().to_vec())),
            ("key_id", number(keys.refresh.current().0)),
            ("superseded_1", number(0)),
            ("superseded_2", number(0)),
            ("superseded_3", number(0)),
            ("late_replays", number(0)),
            ("late_at", number(0)),
            ("created_at", number(PAST * 1000)),
            ("ends_at", number(FUTURE * 1000)),
            ("expires_at", number(FUTURE)),
            ("email", text(self.account.email())),
            ("name", text("Ada Lovelace")),
            ("roles", AttributeValue::L(roles.iter().map(text).collect())),
            ("user_agent", text("curl/8.0")),
            ("source_ip", text("192.0.2.10")),
            ("account_version", number(1)),
        ])
    }

    /// Its only refresh token so far.
    pub(crate) fn refresh_token(&self, keys: &KeySet) -> Result<String, Failure> {
        let token = RefreshToken {
            user_id: self.account.user_id,
            session_id: self.session_id,
            key_id: keys.refresh.current(),
            generation: Generation::FIRST,
            nonce: self.nonce,
        };
        let text = token.to_text(&keys.refresh).map_err(|error| error.to_string())?;
        Ok(text.expose().to_owned())
    }
}

fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

fn text(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

fn number(number: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_sessions_are_the_same_each_time_and_differ_by_number() {
        let session = |account, number| Account::new(account).session(number).session_id;
        assert_eq!(session(1, 2), session(1, 2));
        assert_ne!(session(1, 2), session(1, 3));
        assert_ne!(session(1, 2), session(2, 2));
        assert_ne!(session(1, 0), session(0, 1));
        assert_ne!(Account::new(1).user_id, Account::new(2).user_id);
    }
}
