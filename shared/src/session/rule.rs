//! The rule of refresh.

use super::Session;
use crate::refresh_token::{Nonce, RefreshToken};
use crate::retry_key::RetryKeyHash;
use crate::{Seconds, Timestamp};

/// How long a request that the gateway has given up (after 29 s) may still arrive.
pub const LATE_DUPLICATE: Seconds = Seconds(30);

/// How long it takes until one late replay comes back to the budget.
pub const BUDGET_RETURNS_EVERY: Seconds = Seconds(8 * 60 * 60);

/// How many proven replays of one rotation are answered beyond the retry window.
pub const MAX_PROVEN_REPLAYS: u32 = 16;

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
    /// The last superseded token again, with the retry key of the rotation that superseded it: the same successor, at any
    /// age. Only the client that asked for that rotation has the key.
    ProvenReplay {
        /// Whether it is to be counted first: the retry window is over.
        counted: bool,
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
    /// The token is current, and its retry key is that of the rotation that made it.
    RetryKeyUsed,
    /// [`MAX_PROVEN_REPLAYS`] were answered since the last rotation.
    TooManyProvenReplays,
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
            Self::RetryKeyUsed => "retry_key_used",
            Self::TooManyProvenReplays => "too_many_proven_replays",
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

/// Decides on a refresh with `presented` and perhaps a retry key, given the `row` as it is now; `fresh` is the nonce that
/// this request would write, or has written without knowing.
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
    let keys = Keys { presented: retry_key, rotation: row.attempt(presented.generation) };
    let [_, two, three] = row.superseded;
    match row.generation.number().checked_sub(presented.generation.number()) {
        None => RefreshDecision::End(EndReason::RowBehind),
        Some(0) if row.nonce == presented.nonce => current(row, retry_key),
        Some(1) if row.previous_nonce == Some(presented.nonce) => replay(row, keys, now, limits),
        Some(0 | 1) => RefreshDecision::Refuse(RefusalReason::OtherHistory),
        Some(2) => late_duplicate(keys, two, now),
        Some(3) => late_duplicate(keys, three, now),
        Some(_) => RefreshDecision::End(EndReason::Reuse),
    }
}

/// The retry key of a request with a superseded token, and that of the rotation that superseded it.
#[derive(Clone, Copy)]
struct Keys {
    presented: Option<RetryKeyHash>,
    rotation: Option<RetryKeyHash>,
}

/// What two retry keys say.
enum Proof {
    /// The request is a repeat by the client that made the rotation.
    Proven,
    /// A client that sends keys made the rotation, and it would have sent its key again.
    Contradicted,
    /// The client of the request sends keys, and the rotation had none.
    Foreign,
    /// Neither had a key.
    Unknown,
}

impl Keys {
    fn proof(self) -> Proof {
        match (self.rotation, self.presented) {
            (Some(rotation), Some(presented)) if rotation == presented => Proof::Proven,
            (Some(_), Some(_) | None) => Proof::Contradicted,
            (None, Some(_)) => Proof::Foreign,
            (None, None) => Proof::Unknown,
        }
    }
}

/// A key that made the token is kept from making the next one: a client that uses it twice could prove nothing by it.
fn current(row: &Session, retry_key: Option<RetryKeyHash>) -> RefreshDecision {
    let [newest, ..] = row.attempts;
    let is_used = |key| newest.is_some_and(|newest| newest.generation == row.generation && newest.key == key);
    if retry_key.is_some_and(is_used) {
        RefreshDecision::Refuse(RefusalReason::RetryKeyUsed)
    } else {
        RefreshDecision::Rotate
    }
}

fn replay(row: &Session, keys: Keys, now: Timestamp, limits: &Limits) -> RefreshDecision {
    let [superseded, ..] = row.superseded;
    let soon = now <= superseded + limits.retry;
    let soon_after_another = now <= row.late_at + limits.retry;
    let used = row.late_replays_used(now);
    if limits.grace == Seconds(0) {
        return RefreshDecision::End(EndReason::Reuse);
    }
    match keys.proof() {
        Proof::Proven if soon => RefreshDecision::ProvenReplay { counted: false },
        Proof::Proven if row.proven_replays < MAX_PROVEN_REPLAYS => {
            RefreshDecision::ProvenReplay { counted: true }
        }
        Proof::Proven => RefreshDecision::Refuse(RefusalReason::TooManyProvenReplays),
        Proof::Contradicted | Proof::Foreign | Proof::Unknown if soon => RefreshDecision::PromptReplay,
        Proof::Foreign | Proof::Unknown if soon_after_another => RefreshDecision::PromptReplay,
        Proof::Unknown if now <= superseded + limits.grace && used < limits.late_replays => {
            RefreshDecision::LateReplay { late_replays: used + 1 }
        }
        Proof::Contradicted | Proof::Foreign | Proof::Unknown => RefreshDecision::End(EndReason::Reuse),
    }
}

fn late_duplicate(keys: Keys, superseded: Timestamp, now: Timestamp) -> RefreshDecision {
    let soon = now <= superseded + LATE_DUPLICATE;
    match (keys.proof(), keys.presented) {
        (Proof::Proven, _) => RefreshDecision::Refuse(RefusalReason::LateDuplicate),
        (Proof::Contradicted, None) | (Proof::Foreign | Proof::Unknown, _) if soon => {
            RefreshDecision::Refuse(RefusalReason::LateDuplicate)
        }
        (Proof::Contradicted | Proof::Foreign | Proof::Unknown, _) => RefreshDecision::End(EndReason::Reuse),
    }
}

impl Session {
    /// How many late replays of the budget are used up: one comes back in every eight hours without any.
    fn late_replays_used(&self, now: Timestamp) -> u32 {
        let returned = now.millis_since(self.late_at) / BUDGET_RETURNS_EVERY.millis();
        self.late_replays.saturating_sub(u32::try_from(returned).unwrap_or(u32::MAX))
    }
}
