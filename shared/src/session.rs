//! Sessions, and the rule of refresh: the decision about a presented refresh token, given the row of its session.
//!
//! One conditional `UpdateItem` moves a session forward if the token is current ([`Rotation::update`] states what it
//! writes). If the condition fails, DynamoDB returns the row, and [`decide`] determines what happened. It is
//! total and pure: the same row, token and time always give the same answer.

mod attempt;
mod own;
mod rule;
mod writes;

use crate::authentication::AuthenticationMethods;
use crate::custom_claims::CustomClaims;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use crate::retry_key::RetryKeyHash;
use crate::role::Role;
use crate::text::is_invisible;
use crate::{Seconds, Timestamp};
pub use attempt::Attempt;
pub use own::{Begun, FRESH_FOR, OwnSessions, Summary, Swept, SweptBy};
pub use rule::{
    BUDGET_RETURNS_EVERY, EndReason, LATE_DUPLICATE, Limits, MAX_PROVEN_REPLAYS, RefreshDecision,
    RefusalReason, decide,
};
pub use writes::{LateReplay, ProfileUpdate, ProvenReplay, Rotation};

/// One sign-in of one user on one device: a row of the table of refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The number of refreshes.
    pub generation: Generation,
    /// The nonce of its newest refresh token.
    pub nonce: Nonce,
    /// The nonce of the previous token. `None` until the first refresh.
    pub previous_nonce: Option<Nonce>,
    /// The key that makes the newest refresh token, so that a replay rebuilds it byte for byte.
    pub key_id: RefreshKeyId,
    /// When the tokens one, two and three generations back were superseded; the epoch if there is none.
    pub superseded: [Timestamp; 3],
    /// Late replays since the budget was last full, less those regained before `late_at`.
    pub late_replays: u32,
    /// When the last late replay was answered; the epoch if there was none.
    pub late_at: Timestamp,
    /// The last three rotations with a retry key, the newest first. A function that does not know keys may have
    /// rotated the session since: [`Session::key_that_made`] looks at their generations.
    pub attempts: [Option<Attempt>; 3],
    /// The counted proven replays since the last rotation.
    pub proven_replays: u32,
    /// When the last one was counted; the epoch if there was none.
    pub proven_at: Timestamp,
    /// When it began: at a sign-in, or with a change of the account.
    pub created_at: Timestamp,
    /// The absolute end, which never changes.
    pub ends_at: Timestamp,
    /// The idle end, which each refresh extends. A whole second: DynamoDB's TTL counts in seconds.
    pub expires_at: Timestamp,
    /// How the user signed in, as every access token of the session says.
    pub amr: AuthenticationMethods,
    /// When the user last proved their identity. A session that a change of the account begins takes it over from the session that
    /// asked, unless the change itself took a password.
    pub authenticated_at: Timestamp,
    /// The user's profile for the next access token.
    pub profile: Profile,
    /// The device that signed in, for the user's own list of sessions.
    pub device: Device,
}

/// The claims of access tokens about a user, which token responses return too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The normalised email address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The custom claims.
    pub claims: CustomClaims,
    /// Whether the user has verified the address.
    pub email_verified: bool,
    /// The version of the account with this profile. `None` in rows from before it was recorded, which count as the
    /// current version.
    pub account_version: Option<i64>,
}

/// The client of a sign-in, as seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent` header, shortened by [`Device::new`].
    pub user_agent: String,
    /// The address that API Gateway saw.
    pub source_ip: String,
}

impl Device {
    /// The maximum length of a stored user agent, in bytes.
    const MAX_USER_AGENT_BYTES: usize = 256;

    /// Keeps the beginning of the header, cut between characters. It is untrusted text that the user is shown
    /// later: invalid text, invisible characters and those that change the direction of text become U+FFFD.
    #[must_use]
    pub fn new(user_agent: &[u8], source_ip: String) -> Self {
        let seen = |c: char| if c.is_control() || is_invisible(c) { char::REPLACEMENT_CHARACTER } else { c };
        let mut user_agent: String = String::from_utf8_lossy(user_agent).chars().map(seen).collect();
        user_agent.truncate(user_agent.floor_char_boundary(Self::MAX_USER_AGENT_BYTES));
        Self { user_agent, source_ip }
    }
}

/// The lifetimes of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// The lifetime without a refresh, in seconds.
    pub idle: Seconds,
    /// The total lifetime, in seconds from the sign-in.
    pub absolute: Seconds,
}

/// The input of a new session.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The user.
    pub user_id: UserId,
    /// A fresh id.
    pub session_id: SessionId,
    /// The key that makes the first refresh token.
    pub key_id: RefreshKeyId,
    /// The fresh nonce of the first refresh token.
    pub nonce: Nonce,
    /// The lifetimes of the session.
    pub lifetimes: Lifetimes,
    /// How the user signs in.
    pub amr: AuthenticationMethods,
    /// The user's profile for the first access token.
    pub profile: Profile,
    /// The device that signs in.
    pub device: Device,
    /// The time of the sign-in.
    pub now: Timestamp,
}

impl Session {
    /// Begins a session.
    #[must_use]
    pub fn begin(new: NewSession) -> Self {
        let NewSession { user_id, session_id, key_id, nonce, lifetimes, amr, profile, device, now } = new;
        Self {
            user_id,
            session_id,
            generation: Generation::FIRST,
            nonce,
            previous_nonce: None,
            key_id,
            superseded: [Timestamp::default(); 3],
            late_replays: 0,
            late_at: Timestamp::default(),
            attempts: [None; 3],
            proven_replays: 0,
            proven_at: Timestamp::default(),
            created_at: now,
            ends_at: now + lifetimes.absolute,
            expires_at: idle_end(now, lifetimes.idle),
            amr,
            authenticated_at: now,
            profile,
            device,
        }
    }

    /// Returns whether the idle or the absolute lifetime is over. DynamoDB deletes expired rows days late, so this is always
    /// checked, here and in the condition of the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        is_over((self.expires_at, self.ends_at), now)
    }

    /// Returns when the session ends without a refresh: the earlier of its idle and its absolute end.
    #[must_use]
    pub fn refreshable_until(&self) -> Timestamp {
        self.expires_at.min(self.ends_at)
    }

    /// Returns the hash of the retry key of the rotation that made this generation, if the row still has it.
    #[must_use]
    pub fn key_that_made(&self, generation: Generation) -> Option<RetryKeyHash> {
        let mut attempts = self.attempts.iter().flatten();
        attempts.find(|attempt| attempt.generation == generation).map(|attempt| attempt.key)
    }

    /// Returns the age of the newest refresh token that a refresh made, in whole seconds.
    #[must_use]
    pub fn newest_token_age(&self, now: Timestamp) -> i64 {
        let [superseded, ..] = self.superseded;
        now.seconds_since(superseded)
    }

    /// Returns the newest refresh token of the session, rebuilt from the row: always the same bytes.
    #[must_use]
    pub fn newest_token(&self) -> RefreshToken {
        RefreshToken {
            user_id: self.user_id,
            session_id: self.session_id,
            key_id: self.key_id,
            generation: self.generation,
            nonce: self.nonce,
        }
    }
}

/// Returns the idle end after a refresh or sign-in at `now`: a whole second, as the TTL attribute stores it.
#[must_use]
pub fn idle_end(now: Timestamp, idle: Seconds) -> Timestamp {
    Timestamp::from_seconds((now + idle).seconds())
}

/// Returns whether the idle or the absolute end has passed.
fn is_over((expires_at, ends_at): (Timestamp, Timestamp), now: Timestamp) -> bool {
    expires_at.seconds() <= now.seconds() || ends_at <= now
}

#[cfg(test)]
mod tests;
