//! The rule of refresh.

use super::Session;
use crate::refresh_token::{Nonce, RefreshToken};
use crate::{Seconds, Timestamp};

/// How long a request that the gateway has given up (after 29 s) may still arrive.
pub const LATE_DUPLICATE: Seconds = Seconds(30);

/// How long it takes until one late replay comes back to the budget.
pub const BUDGET_RETURNS_EVERY: Seconds = Seconds(8 * 60 * 60);

/// How far a superseded token is excused: settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `REFRESH_RETRY_SECONDS`: a replay within it is free.
    pub retry: Seconds,
    /// `REFRESH_GRACE_SECONDS`: a replay within it takes from the budget. 0 is strict single use.
    pub grace: Seconds,
    /// `REFRESH_LATE_REPLAYS`: the budget.
    pub late_replays: u32,
}

/// What to do with a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshDecision {
    /// The token is current: the session moves forward.
    Rotate,
    /// The row was written by this very request, resent after a lost answer: the token of its own nonce is the answer.
    OwnWrite,
    /// The last superseded token again, at once: the same successor, without a write.
    PromptReplay,
    /// The last superseded token again, within grace: the same successor, once the budget is written down.
    LateReplay {
        /// The value that `late_replays` is to have.
        late_replays: u32,
    },
    /// The session stays as it is; this request gets nothing.
    Refuse(RefusalReason),
    /// The session is deleted, and this request gets nothing.
    End(EndReason),
}

/// Why a refresh is refused while the session, if there is one, lives on. For the log, never for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// No row: signed out, revoked, or expired and swept.
    SignedOut,
    /// The idle or absolute lifetime is over.
    Expired,
    /// A duplicate, delayed on its way, of a request that was answered two or three generations ago.
    LateDuplicate,
    /// The row is of another history than the token: the table was restored from the past.
    OtherHistory,
}

/// Why a session is ended by a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// A genuine superseded token that nothing excuses: somebody holds a copy.
    Reuse,
    /// The token is ahead of the row: the table was restored from the past.
    RowBehind,
    /// The token is of the last generation that a token has room for. The caller sees that before it asks [`decide`].
    LastGeneration,
}

impl RefusalReason {
    /// The reason's name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::LateDuplicate => "late_duplicate",
            Self::OtherHistory => "other_history",
        }
    }
}

impl EndReason {
    /// The reason's name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reuse => "refresh_token_reused",
            Self::RowBehind => "row_behind",
            Self::LastGeneration => "last_generation",
        }
    }
}

/// Decides on a refresh with `presented`, given the `row` as it is now; `fresh` is the nonce that this request would
/// write, or has written without knowing.
#[must_use]
pub fn decide(
    row: Option<&Session>,
    presented: &RefreshToken,
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
    let [one, two, three] = row.superseded;
    match row.generation.number().checked_sub(presented.generation.number()) {
        None => RefreshDecision::End(EndReason::RowBehind),
        Some(0) if row.nonce == presented.nonce => RefreshDecision::Rotate,
        Some(1) if row.previous_nonce == Some(presented.nonce) => replay(row, one, now, limits),
        Some(0 | 1) => RefreshDecision::Refuse(RefusalReason::OtherHistory),
        Some(2) => late_duplicate(two, now),
        Some(3) => late_duplicate(three, now),
        Some(_) => RefreshDecision::End(EndReason::Reuse),
    }
}

fn replay(row: &Session, superseded: Timestamp, now: Timestamp, limits: &Limits) -> RefreshDecision {
    let used = row.late_replays_used(now);
    if limits.grace == Seconds(0) {
        RefreshDecision::End(EndReason::Reuse)
    } else if now <= superseded + limits.retry || now <= row.late_at + limits.retry {
        RefreshDecision::PromptReplay
    } else if now <= superseded + limits.grace && used < limits.late_replays {
        RefreshDecision::LateReplay { late_replays: used + 1 }
    } else {
        RefreshDecision::End(EndReason::Reuse)
    }
}

fn late_duplicate(superseded: Timestamp, now: Timestamp) -> RefreshDecision {
    if now <= superseded + LATE_DUPLICATE {
        RefreshDecision::Refuse(RefusalReason::LateDuplicate)
    } else {
        RefreshDecision::End(EndReason::Reuse)
    }
}

impl Session {
    /// How many late replays of the budget are used up: one comes back in every eight hours without any.
    fn late_replays_used(&self, now: Timestamp) -> u32 {
        let returned = now.millis_since(self.late_at) / BUDGET_RETURNS_EVERY.millis();
        self.late_replays.saturating_sub(u32::try_from(returned).unwrap_or(u32::MAX))
    }
}
