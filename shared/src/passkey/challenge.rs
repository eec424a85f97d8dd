//! Challenges: what a browser has been asked to sign, until it answers.
//!
//! # Invariants
//! A challenge is taken before its answer is verified: of any number of answers one is looked at.

use crate::authentication::AuthenticationMethods;
use crate::code::CodeId;
use crate::ids::{SessionId, UserId};
use crate::{Seconds, Timestamp};

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// To add a passkey.
    Creation,
    /// To sign in with one.
    SignIn,
}

/// A challenge under way: a row of the table of codes. Nothing is mailed.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The key of the row.
    pub code_id: CodeId,
    /// What it is for.
    pub kind: ChallengeKind,
    /// Who adds a passkey. None of a sign-in: who that is, its answer says.
    pub creator: Option<Creator>,
    /// What the library that verifies the answer must know, as it writes it.
    pub state: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ends. A whole second: DynamoDB's TTL counts in seconds.
    pub expires_at: Timestamp,
}

/// Who adds a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creator {
    /// The user.
    pub user_id: UserId,
    /// The account's [`crate::account::Account::ended_version`]: a change that ends sessions voids the challenge.
    pub ended_version: i64,
    /// The session that asks.
    pub session_id: SessionId,
    /// How its user has just proved who they are: the session that the passkey begins says so, too.
    pub methods: AuthenticationMethods,
}

impl ChallengeKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Creation, Self::SignIn];

    /// How long a challenge works, in seconds.
    pub const LIFETIME: Seconds = Seconds(300);

    /// Returns its name in rows: their `purpose`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creation => "passkey_creation",
            Self::SignIn => "passkey_sign_in",
        }
    }
}

impl Challenge {
    /// Returns a challenge that begins at `now`.
    #[must_use]
    pub fn new(
        code_id: CodeId,
        kind: ChallengeKind,
        creator: Option<Creator>,
        state: String,
        now: Timestamp,
    ) -> Self {
        let expires_at = Timestamp::from_seconds((now + ChallengeKind::LIFETIME).seconds());
        Self { code_id, kind, creator, state, created_at: now, expires_at }
    }

    /// Whether its time is over. DynamoDB deletes rows days late, so this is always asked.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }
}
