//! A reservation: a mail is counted in its lane before it is requested.
//!
//! This takes one request, or two for the first mail of a day whose lane has an older row.

use super::reservation::BlockedError;
use crate::attempts::Lane;
use crate::conditional_write::ConditionalWrite;
use crate::ids::AttemptId;
use crate::mail_lane::{CountNext, Limits, MailDecision, Mails, Replace, decide};
use crate::{Seconds, Timestamp};

/// The next request to DynamoDB, or the outcome.
#[derive(Debug)]
pub enum Step {
    /// Count the mail within the day of the row.
    CountNext(Counting),
    /// Count it as the first mail of a day.
    Replace(Replacing),
    /// Whether the mail may be sent.
    Done(Reserved),
}

/// Whether the mail may be sent: the row that counts it, or how long to wait.
pub type Reserved = Result<Mails, BlockedError>;

/// A mail that is being counted.
#[derive(Debug)]
pub struct Counting {
    /// The write.
    pub write: CountNext,
}

/// The first mail of a day, that is being counted.
#[derive(Debug)]
pub struct Replacing {
    /// The write.
    pub write: Replace,
    asked: CountNext,
}

/// Returns the first step for the request `by` in a lane.
#[must_use]
pub fn start(lane: Lane, by: AttemptId, limits: Limits, now: Timestamp) -> Step {
    Step::CountNext(Counting { write: CountNext { lane, by, now, limits } })
}

impl Counting {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Mails>) -> Step {
        match answer {
            ConditionalWrite::Written(row) => Step::Done(Ok(row)),
            ConditionalWrite::ConditionFailed(row) => self.refused(row),
        }
    }

    fn refused(self, row: Option<Mails>) -> Step {
        let CountNext { lane, by, now, limits } = &self.write;
        let decision = decide(row.as_ref(), *by, *now, limits);
        match (row, decision) {
            (Some(read), MailDecision::Count(next)) => {
                let write = Replace { lane: lane.clone(), read, next };
                Step::Replace(Replacing { write, asked: self.write })
            }
            // Without a row the condition cannot fail. The request waits, as if it had lost a race.
            (Some(_) | None, decision) => Step::Done(settled(decision, limits)),
        }
    }
}

impl Replacing {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Mails>) -> Step {
        let CountNext { by, now, limits, .. } = &self.asked;
        Step::Done(match answer {
            ConditionalWrite::Written(row) => Ok(row),
            ConditionalWrite::ConditionFailed(row) => {
                settled(decide(row.as_ref(), *by, *now, limits), limits)
            }
        })
    }
}

/// After a lost race another mail has just been admitted, so this one waits, unless it lost against itself.
fn settled(decision: MailDecision, limits: &Limits) -> Reserved {
    match decision {
        MailDecision::Counted(row) => Ok(row),
        MailDecision::Blocked { retry_after } => Err(BlockedError { retry_after }),
        MailDecision::Count(_) => Err(BlockedError { retry_after: limits.interval.max(Seconds(1)) }),
    }
}
