//! A refresh: one conditional write, and the decision of the rule if its condition fails.
//!
//! The row that is returned with a failed condition shows what happened, in the same round trip. A second request only
//! counts a late or proven replay, or ends the session.

use crate::conditional_write::ConditionalWrite;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::{Nonce, RefreshKeyId, RefreshToken};
use crate::retry_key::RetryKeyHash;
use crate::session::{
    EndReason, LateReplay, Limits, ProvenReplay, RefreshDecision, RefusalReason, Rotation, Session, decide,
};
use crate::{Seconds, Timestamp};

/// The number of times that a refresh is decided. A replay is decided again when its count loses a race: another one was just
/// counted, so the next decision needs no count. The third time allows for a logout in between.
const TRIES: u8 = 3;

/// The input of a refresh.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The presented token.
    pub presented: RefreshToken,
    /// The hash of the retry key in the request.
    pub retry_key: Option<RetryKeyHash>,
    /// A fresh nonce for the successor.
    pub nonce: Nonce,
    /// The key of the successor.
    pub key_id: RefreshKeyId,
    /// The idle lifetime, in seconds.
    pub idle: Seconds,
    /// The windows in which a superseded token is accepted.
    pub limits: Limits,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, or the outcome.
#[derive(Debug)]
pub enum Step {
    /// Move the session forward.
    Rotate(Rotating),
    /// Count a late replay.
    CountLateReplay(Counting<LateReplay>),
    /// Count a proven replay.
    CountProvenReplay(Counting<ProvenReplay>),
    /// Delete the session.
    End(Ending),
    /// The refresh is over.
    Done(Result<Refreshed, RefreshError>),
}

/// A successful refresh.
#[derive(Debug)]
pub struct Refreshed {
    /// How it succeeded.
    pub how: How,
    /// The row as it is now.
    pub session: Session,
    /// The token that superseded the presented one.
    pub successor: RefreshToken,
}

/// How a refresh succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The session moved forward.
    Rotated,
    /// This very request had moved the session forward; its first answer was lost.
    OwnWrite,
    /// [`RefreshDecision::PromptReplay`].
    PromptReplay,
    /// [`RefreshDecision::LateReplay`], counted.
    LateReplay,
    /// [`RefreshDecision::ProvenReplay`], counted if it had to be.
    ProvenReplay,
}

/// The reason why a refresh failed, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// The session, if there is one, lives on.
    #[error("{}", .0.name())]
    Refused(RefusalReason),
    /// The session was ended.
    #[error("{}", .0.name())]
    Ended(EndReason),
    /// The row changed before each count of a replay.
    #[error("the row kept changing")]
    RowChanging,
    /// The condition of the write failed on a row that satisfies it.
    #[error("the condition failed on a row that meets it")]
    ConditionBroken,
}

/// A rotation under way.
#[derive(Debug)]
pub struct Rotating {
    /// The write.
    pub rotation: Rotation,
    limits: Limits,
}

/// A replay that is being counted.
#[derive(Debug)]
pub struct Counting<W> {
    /// The write.
    pub write: W,
    how: How,
    flow: Rotating,
    tries_left: u8,
}

/// A session that is being ended.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The reason.
    pub reason: EndReason,
}

impl How {
    /// Returns the name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::OwnWrite => "own_write",
            Self::PromptReplay => "prompt_replay",
            Self::LateReplay => "late_replay",
            Self::ProvenReplay => "proven_replay",
        }
    }
}

impl Refresh {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        let Self { presented, retry_key, nonce, key_id, idle, limits, now } = self;
        match presented.generation.next() {
            Some(generation) => {
                let rotation = Rotation { presented, retry_key, generation, nonce, key_id, idle, now };
                Step::Rotate(Rotating { rotation, limits })
            }
            None => Step::End(Ending::of(&presented, EndReason::LastGeneration)),
        }
    }
}

impl Rotating {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Session>) -> Step {
        match answer {
            ConditionalWrite::Written(session) => succeeded(How::Rotated, session),
            ConditionalWrite::ConditionFailed(row) => self.settle(row, TRIES),
        }
    }

    fn settle(self, row: Option<Session>, tries: u8) -> Step {
        let Some(tries_left) = tries.checked_sub(1) else { return failed(RefreshError::RowChanging) };
        let Rotation { presented, retry_key, nonce, now, .. } = &self.rotation;
        match (decide(row.as_ref(), presented, *retry_key, nonce, *now, &self.limits), row) {
            (RefreshDecision::OwnWrite, Some(session)) => {
                // The row may have been refreshed again since, so its newest token can be a later one.
                let successor = self.rotation.successor();
                Step::Done(Ok(Refreshed { how: How::OwnWrite, session, successor }))
            }
            (RefreshDecision::PromptReplay, Some(session)) => succeeded(How::PromptReplay, session),
            (RefreshDecision::LateReplay { late_replays }, Some(read)) => {
                let write = LateReplay { read, late_replays, now: *now };
                Step::CountLateReplay(Counting { write, how: How::LateReplay, flow: self, tries_left })
            }
            (RefreshDecision::ProvenReplay { counted: None }, Some(session)) => {
                succeeded(How::ProvenReplay, session)
            }
            (RefreshDecision::ProvenReplay { counted: Some(proven_replays) }, Some(read)) => {
                let write = ProvenReplay { read, proven_replays, now: *now };
                Step::CountProvenReplay(Counting { write, how: How::ProvenReplay, flow: self, tries_left })
            }
            (RefreshDecision::Refuse(refusal), _) => failed(RefreshError::Refused(refusal)),
            (RefreshDecision::End(reason), _) => Step::End(Ending::of(presented, reason)),
            (RefreshDecision::Rotate, _) | (_, None) => failed(RefreshError::ConditionBroken),
        }
    }
}

impl<W> Counting<W> {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Session>) -> Step {
        match answer {
            ConditionalWrite::Written(session) => succeeded(self.how, session),
            ConditionalWrite::ConditionFailed(row) => self.flow.settle(row, self.tries_left),
        }
    }
}

impl Ending {
    fn of(presented: &RefreshToken, reason: EndReason) -> Self {
        Self { user_id: presented.user_id, session_id: presented.session_id, reason }
    }

    /// The session is deleted. The refresh is refused only now, so that the session has ended before the client learns
    /// of the reuse.
    #[must_use]
    pub fn then(self) -> Step {
        failed(RefreshError::Ended(self.reason))
    }
}

fn succeeded(how: How, session: Session) -> Step {
    Step::Done(Ok(Refreshed { how, successor: session.newest_token(), session }))
}

fn failed(error: RefreshError) -> Step {
    Step::Done(Err(error))
}
