//! Sessions, and the rule of refresh: what a row of the table says about a refresh token that was presented.
//!
//! One conditional `UpdateItem` moves a session forward if the token is current ([`Rotation::update`] says what it
//! writes). When the condition fails, the row comes back with the failure, and [`decide`] says what happened. It is
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
    /// How many times it has been refreshed.
    pub generation: Generation,
    /// The nonce of its newest refresh token.
    pub nonce: Nonce,
    /// The nonce of the token before that; none until the first refresh.
    pub previous_nonce: Option<Nonce>,
    /// The key that makes the newest refresh token, so that a replay rebuilds it byte for byte.
    pub key_id: RefreshKeyId,
    /// When the tokens one, two and three generations back were superseded; the epoch where there is none.
    pub superseded: [Timestamp; 3],
    /// Late replays since the budget was last whole, less those that came back before `late_at`.
    pub late_replays: u32,
    /// When the last late replay was answered; the epoch if there was none.
    pub late_at: Timestamp,
    /// The last three rotations that came with a retry key, the newest first. A function that knows no keys may have
    /// rotated the session since: [`Session::key_that_made`] looks at their generations.
    pub attempts: [Option<Attempt>; 3],
    /// Counted proven replays since the last rotation.
    pub proven_replays: u32,
    /// When the last one was counted; the epoch if there was none.
    pub proven_at: Timestamp,
    /// The sign-in.
    pub created_at: Timestamp,
    /// The absolute end, which never moves.
    pub ends_at: Timestamp,
    /// The idle end, which each refresh moves. A whole second: DynamoDB's TTL counts in seconds.
    pub expires_at: Timestamp,
    /// How the user signed in, as every access token of the session says.
    pub amr: AuthenticationMethods,
    /// Who signed in, as the next access token will say.
    pub profile: Profile,
    /// The device that signed in, for the user's own list of sessions.
    pub device: Device,
}

/// What access tokens say about a user, and token responses return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The normalised email address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The claims of the deployer's own.
    pub claims: CustomClaims,
    /// Whether the user has proved that mail to the address reaches them.
    pub email_verified: bool,
    /// The version of the account that says all this. None in rows from before it was recorded: they count as of the
    /// present version.
    pub account_version: Option<i64>,
}

/// How a sign-in looked from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent` header as [`Device::new`] keeps it.
    pub user_agent: String,
    /// The address that API Gateway saw.
    pub source_ip: String,
}

impl Device {
    /// The longest user agent that is kept, in bytes.
    const MAX_USER_AGENT_BYTES: usize = 256;

    /// Keeps the beginning of the header, cut between characters. It is a stranger's text, which the user is shown
    /// later: what is no text, and characters that nobody sees or that turn others around, become U+FFFD.
    #[must_use]
    pub fn new(user_agent: &[u8], source_ip: String) -> Self {
        let seen = |c: char| if c.is_control() || is_invisible(c) { char::REPLACEMENT_CHARACTER } else { c };
        let mut user_agent: String = String::from_utf8_lossy(user_agent).chars().map(seen).collect();
        user_agent.truncate(user_agent.floor_char_boundary(Self::MAX_USER_AGENT_BYTES));
        Self { user_agent, source_ip }
    }
}

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a refresh, in seconds.
    pub idle: Seconds,
    /// At all, in seconds from the sign-in.
    pub absolute: Seconds,
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The user.
    pub user_id: UserId,
    /// A fresh id.
    pub session_id: SessionId,
    /// The key that makes the first refresh token.
    pub key_id: RefreshKeyId,
    /// A fresh nonce, that of the first refresh token.
    pub nonce: Nonce,
    /// How long the session lives.
    pub lifetimes: Lifetimes,
    /// How the user signs in.
    pub amr: AuthenticationMethods,
    /// The user, as the first access token will say.
    pub profile: Profile,
    /// The device that signs in.
    pub device: Device,
    /// The sign-in.
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
            profile,
            device,
        }
    }

    /// Whether the idle or the absolute lifetime is over. DynamoDB deletes expired rows days late, so this is always
    /// asked, here and in the condition of the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        is_over((self.expires_at, self.ends_at), now)
    }

    /// When the session ends unless it is refreshed: the nearer of its idle and its absolute end.
    #[must_use]
    pub fn refreshable_until(&self) -> Timestamp {
        self.expires_at.min(self.ends_at)
    }

    /// The hash of the retry key with which this generation was made, if the row still has it.
    #[must_use]
    pub fn key_that_made(&self, generation: Generation) -> Option<RetryKeyHash> {
        let mut attempts = self.attempts.iter().flatten();
        attempts.find(|attempt| attempt.generation == generation).map(|attempt| attempt.key)
    }

    /// How long ago the newest refresh token was made by a refresh, in whole seconds.
    #[must_use]
    pub fn newest_token_age(&self, now: Timestamp) -> i64 {
        let [superseded, ..] = self.superseded;
        now.seconds_since(superseded)
    }

    /// The newest refresh token of the session, rebuilt from the row: the same bytes each time.
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

/// Where a refresh or sign-in at `now` puts the idle end: a whole second, as the TTL attribute holds it.
#[must_use]
pub fn idle_end(now: Timestamp, idle: Seconds) -> Timestamp {
    Timestamp::from_seconds((now + idle).seconds())
}

/// Whether the idle or the absolute end has come.
fn is_over((expires_at, ends_at): (Timestamp, Timestamp), now: Timestamp) -> bool {
    expires_at.seconds() <= now.seconds() || ends_at <= now
}

#[cfg(test)]
mod tests;
