//! The rule of refresh.

use super::Session;
use crate::refresh_token::{Nonce, RefreshToken};
use crate::retry_key::RetryKeyHash;
use crate::{Seconds, Timestamp};

/// How long a request that the gateway has abandoned (after 29 s) may still arrive.
pub const LATE_DUPLICATE: Seconds = Seconds(30);

/// The time after which the budget regains one late replay.
pub const BUDGET_RETURNS_EVERY: Seconds = Seconds(8 * 60 * 60);

/// The maximum number of counted proven replays of one rotation.
pub const MAX_PROVEN_REPLAYS: u32 = 16;

/// The settings for accepting superseded tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `REFRESH_RETRY_SECONDS`: a replay within this window is free.
    pub retry: Seconds,
    /// `REFRESH_GRACE_SECONDS`: a replay within this period takes from the budget. 0 is strict single use.
    pub grace: Seconds,
    /// `REFRESH_LATE_REPLAYS`: the budget.
    pub late_replays: u32,
}

/// The decision about a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshDecision {
    /// The token is current: the session moves forward.
    Rotate,
    /// This very request wrote the row, and was resent after a lost answer: the token of its own nonce is the answer.
    OwnWrite,
    /// The last superseded token again, within the retry window: the same successor, without a write.
    PromptReplay,
    /// The last superseded token again, within the grace period: the same successor, after a write of the budget.
    LateReplay {
        /// The new value of `late_replays`.
        late_replays: u32,
    },
    /// The last superseded token again, with the retry key of the rotation that superseded it: the same successor, at any
    /// age. Only the client that requested the rotation has the key.
    ProvenReplay {
        /// The new value of `proven_replays`, to be written first. `None` within the retry window of the rotation, or of
        /// a counted proven replay.
        counted: Option<u32>,
    },
    /// The session stays unchanged, and the request is refused.
    Refuse(RefusalReason),
    /// The session is deleted, and the request is refused.
    End(EndReason),
}

/// The reason why a refresh is refused without ending the session. For the log, never for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// No row: signed out, revoked, or expired and deleted.
    SignedOut,
    /// The idle or absolute lifetime is over.
    Expired,
    /// A delayed duplicate of a request that was answered two or three generations ago.
    LateDuplicate,
    /// The row belongs to another history than the token: the table was restored from the past.
    OtherHistory,
    /// The token is current, but the retry key is that of the rotation that made it.
    RetryKeyUsed,
    /// [`MAX_PROVEN_REPLAYS`] replays were answered since the last rotation.
    TooManyProvenReplays,
}

/// The reason why a refresh ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// A genuine superseded token without an excuse: somebody has a copy.
    Reuse,
    /// The token is ahead of the row: the table was restored from the past.
    RowBehind,
    /// The token is of the last possible generation. The caller checks that before it calls [`decide`].
    LastGeneration,
}

impl RefusalReason {
    /// Returns the reason's name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::LateDuplicate => "late_duplicate",
            Self::OtherHistory => "other_history",
            Self::RetryKeyUsed => "retry_key_used",
            Self::TooManyProvenReplays => "too_many_proven_replays",
        }
    }
}

impl EndReason {
    /// Returns the reason's name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reuse => "refresh_token_reused",
            Self::RowBehind => "row_behind",
            Self::LastGeneration => "last_generation",
        }
    }
}

/// Decides about a refresh with `presented` and an optional retry key, given the current `row`. `fresh` is the nonce that
/// this request would write, or has already written if its answer was lost.
#[must_use]
pub fn decide(
    row: Option<&Session>,
    presented: &RefreshToken,
    retry_key: Option<RetryKeyHash>,
    fresh: &Nonce,
    now: Timestamp,
    limits: &Limits,
) -> RefreshDecision {
    let Some(row) = row else { return RefreshDecision::Refuse(RefusalReason::SignedOut) };
    if row.is_over(now) {
        return RefreshDecision::Refuse(RefusalReason::Expired);
    }
    if row.nonce == *fresh || row.previous_nonce == Some(*fresh) {
        return RefreshDecision::OwnWrite;
    }
    let proof = || Proof::of(row, presented, retry_key);
    let [_, two, three] = row.superseded;
    match row.generation.number().checked_sub(presented.generation.number()) {
        None => RefreshDecision::End(EndReason::RowBehind),
        Some(0) if row.nonce == presented.nonce => current(row, retry_key),
        Some(1) if row.previous_nonce == Some(presented.nonce) => replay(row, proof(), now, limits),
        Some(0 | 1) => RefreshDecision::Refuse(RefusalReason::OtherHistory),
        Some(2) => late_duplicate(proof(), two, now),
        Some(3) => late_duplicate(proof(), three, now),
        Some(_) => RefreshDecision::End(EndReason::Reuse),
    }
}

/// What the retry key of a request with a superseded token shows about the rotation that superseded it.
#[derive(Clone, Copy)]
enum Proof {
    /// The key is that of the rotation: a repeat by the client that requested it.
    Proven,
    /// The key is another one than that of the rotation.
    AnotherKey,
    /// The request has no key but the rotation had one, which its client would have sent again.
    NoKey,
    /// The request has a key but the rotation had none: another client requested it.
    Unasked,
    /// Neither has a key.
    Unknown,
}

impl Proof {
    fn of(row: &Session, presented: &RefreshToken, retry_key: Option<RetryKeyHash>) -> Self {
        let made = presented.generation.next();
        match (made.and_then(|made| row.key_that_made(made)), retry_key) {
            (Some(rotation), Some(presented)) if rotation == presented => Self::Proven,
            (Some(_), Some(_)) => Self::AnotherKey,
            (Some(_), None) => Self::NoKey,
            (None, Some(_)) => Self::Unasked,
            (None, None) => Self::Unknown,
        }
    }
}

/// Decides about a current token. The retry key that made it cannot make the next one: a client that reuses a key could prove nothing with it.
fn current(row: &Session, retry_key: Option<RetryKeyHash>) -> RefreshDecision {
    if row.is_made_with(retry_key) {
        RefreshDecision::Refuse(RefusalReason::RetryKeyUsed)
    } else {
        RefreshDecision::Rotate
    }
}

fn replay(row: &Session, proof: Proof, now: Timestamp, limits: &Limits) -> RefreshDecision {
    let [superseded, ..] = row.superseded;
    let within_retry_of = |at: Timestamp| now <= at + limits.retry;
    let used = row.late_replays_used(now);
    if limits.grace == Seconds(0) {
        return RefreshDecision::End(EndReason::Reuse);
    }
    match proof {
        Proof::Proven if within_retry_of(superseded.max(row.proven_at)) => {
            RefreshDecision::ProvenReplay { counted: None }
        }
        Proof::Proven if row.proven_replays < MAX_PROVEN_REPLAYS => {
            RefreshDecision::ProvenReplay { counted: Some(row.proven_replays + 1) }
        }
        Proof::Proven => RefreshDecision::Refuse(RefusalReason::TooManyProvenReplays),
        Proof::AnotherKey | Proof::NoKey if within_retry_of(superseded) => RefreshDecision::PromptReplay,
        Proof::Unasked | Proof::Unknown if within_retry_of(superseded.max(row.late_at)) => {
            RefreshDecision::PromptReplay
        }
        Proof::Unknown if now <= superseded + limits.grace && used < limits.late_replays => {
            RefreshDecision::LateReplay { late_replays: used + 1 }
        }
        Proof::AnotherKey | Proof::NoKey | Proof::Unasked | Proof::Unknown => {
            RefreshDecision::End(EndReason::Reuse)
        }
    }
}

fn late_duplicate(proof: Proof, superseded: Timestamp, now: Timestamp) -> RefreshDecision {
    let kept = RefreshDecision::Refuse(RefusalReason::LateDuplicate);
    match proof {
        Proof::Proven => kept,
        Proof::NoKey | Proof::Unasked | Proof::Unknown if now <= superseded + LATE_DUPLICATE => kept,
        Proof::AnotherKey | Proof::NoKey | Proof::Unasked | Proof::Unknown => {
            RefreshDecision::End(EndReason::Reuse)
        }
    }
}

impl Session {
    /// Returns whether the newest token was made with this retry key.
    pub(super) fn is_made_with(&self, retry_key: Option<RetryKeyHash>) -> bool {
        retry_key.is_some() && self.key_that_made(self.generation) == retry_key
    }

    /// Returns the number of used-up late replays: the budget regains one for every eight hours without any.
    fn late_replays_used(&self, now: Timestamp) -> u32 {
        let returned = now.millis_since(self.late_at) / BUDGET_RETURNS_EVERY.millis();
        self.late_replays.saturating_sub(u32::try_from(returned).unwrap_or(u32::MAX))
    }
}
