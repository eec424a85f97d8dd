//! The conditional writes to one session, as values: the request to DynamoDB, and its effect on a row.
//!
//! `aws` sends each as one `UpdateItem`. The methods named `apply` state in Rust what the `UpdateItem` does: the end-to-end
//! suite compares both on a real table, and the model check uses `apply`.

use super::{Attempt, Profile, Session, idle_end};
use crate::conditional_write::ConditionalWrite;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use crate::retry_key::RetryKeyHash;
use crate::{Seconds, Timestamp};

/// Moves a session to its next generation if `presented` is its current token, no lifetime is over, and the retry key is
/// not that of the previous rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The presented token.
    pub presented: RefreshToken,
    /// The next generation.
    pub generation: Generation,
    /// The nonce of the next token.
    pub nonce: Nonce,
    /// The key of the next token.
    pub key_id: RefreshKeyId,
    /// The hash of the retry key in the request.
    pub retry_key: Option<RetryKeyHash>,
    /// The lifetime without another refresh, in seconds.
    pub idle: Seconds,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// Takes a late replay from the budget of a session if the row has not changed since it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateReplay {
    /// The row as it was read.
    pub read: Session,
    /// The new value of `late_replays`.
    pub late_replays: u32,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// Counts a proven replay of a session if the row has not changed since it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenReplay {
    /// The row as it was read.
    pub read: Session,
    /// The new value of `proven_replays`.
    pub proven_replays: u32,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// Writes a newer profile to a session if the session exists and has an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileUpdate {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The profile for the next access token.
    pub profile: Profile,
}

impl Rotation {
    /// Returns the token that the write makes current.
    #[must_use]
    pub fn successor(&self) -> RefreshToken {
        RefreshToken {
            generation: self.generation,
            nonce: self.nonce,
            key_id: self.key_id,
            ..self.presented.clone()
        }
    }

    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Session>) -> ConditionalWrite<Session> {
        match row.filter(|row| self.condition(row)) {
            Some(row) => ConditionalWrite::Written(self.update(row)),
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }

    /// Returns the rotation as the row stores it, if it has a retry key.
    #[must_use]
    pub fn attempt(&self) -> Option<Attempt> {
        self.retry_key.map(|key| Attempt { key, generation: self.generation })
    }

    /// Returns the row after the write if its condition holds.
    #[must_use]
    pub fn update(&self, row: &Session) -> Session {
        let ([superseded, superseded_2, _], [attempt, attempt_2, _]) = (row.superseded, row.attempts);
        Session {
            generation: self.generation,
            nonce: self.nonce,
            previous_nonce: Some(self.presented.nonce),
            key_id: self.key_id,
            superseded: [self.now, superseded, superseded_2],
            attempts: [self.attempt(), attempt, attempt_2],
            proven_replays: 0,
            proven_at: Timestamp::default(),
            expires_at: idle_end(self.now, self.idle),
            ..row.clone()
        }
    }

    /// Returns the newest attempt of a row with which this rotation fails: a retry key is for one token.
    #[must_use]
    pub fn used(&self) -> Option<Attempt> {
        self.retry_key.map(|key| Attempt { key, generation: self.presented.generation })
    }

    fn condition(&self, row: &Session) -> bool {
        row.generation == self.presented.generation
            && row.nonce == self.presented.nonce
            && !row.is_over(self.now)
            && !row.is_made_with(self.retry_key)
    }
}

impl LateReplay {
    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Session>) -> ConditionalWrite<Session> {
        let is_as_read =
            |row: &&Session| row.generation == self.read.generation && row.late_at == self.read.late_at;
        match row.filter(is_as_read) {
            Some(row) => {
                let (late_replays, late_at) = (self.late_replays, self.now);
                ConditionalWrite::Written(Session { late_replays, late_at, ..row.clone() })
            }
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }
}

impl ProvenReplay {
    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Session>) -> ConditionalWrite<Session> {
        let is_as_read =
            |row: &&Session| row.generation == self.read.generation && row.proven_at == self.read.proven_at;
        match row.filter(is_as_read) {
            Some(row) => {
                let (proven_replays, proven_at) = (self.proven_replays, self.now);
                ConditionalWrite::Written(Session { proven_replays, proven_at, ..row.clone() })
            }
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }
}

impl ProfileUpdate {
    /// Returns the row after the write. `None` if there is no row, or its profile is as new: nothing is written.
    #[must_use]
    pub fn apply(&self, row: Option<&Session>) -> Option<Session> {
        let is_older = |row: &&Session| {
            row.profile.account_version.zip(self.profile.account_version).is_some_and(|(old, new)| old < new)
        };
        let row = row.filter(is_older)?;
        Some(Session { profile: self.profile.clone(), ..row.clone() })
    }
}
