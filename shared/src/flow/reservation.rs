//! A reservation: a sign-in attempt is counted in its lane before a password is compared.
//!
//! This takes one request while free attempts are left and while the lane is blocked, and two for the one attempt per delay after
//! that.

use crate::attempts::{AttemptDecision, Attempts, CountFree, Lane, Limits, Replace, decide};
use crate::conditional_write::ConditionalWrite;
use crate::ids::AttemptId;
use crate::{Seconds, Timestamp};

/// The next request to DynamoDB, or the outcome.
#[derive(Debug)]
pub enum Step {
    /// Count the attempt if it is free.
    CountFree(Counting),
    /// Count it after the delay.
    Replace(Replacing),
    /// Whether one password may be compared.
    Done(Reserved),
}

/// Whether one password may be compared.
pub type Reserved = Result<(), BlockedError>;

/// The lane is blocked. No password may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct BlockedError {
    /// The seconds to wait, at least one.
    pub retry_after: Seconds,
}

/// An attempt that is being counted.
#[derive(Debug)]
pub struct Counting {
    /// The write.
    pub write: CountFree,
}

/// An attempt after a delay that is being counted.
#[derive(Debug)]
pub struct Replacing {
    /// The write.
    pub write: Replace,
    asked: CountFree,
}

/// Returns the first step for the attempt `by` in a lane.
#[must_use]
pub fn start(lane: Lane, by: AttemptId, limits: Limits, now: Timestamp) -> Step {
    Step::CountFree(Counting { write: CountFree { lane, by, now, limits } })
}

impl Counting {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Attempts, ()>) -> Step {
        let row = match answer {
            ConditionalWrite::Written(()) => return Step::Done(Ok(())),
            ConditionalWrite::ConditionFailed(row) => row,
        };
        let CountFree { lane, by, now, limits } = &self.write;
        match (decide(row.as_ref(), *by, *now, limits), row) {
            (AttemptDecision::Reserve(next), Some(read)) => {
                let write = Replace { lane: lane.clone(), read, next };
                Step::Replace(Replacing { write, asked: self.write })
            }
            // Without a row the condition cannot fail. The attempt waits, as if it had lost a race.
            (decision, _) => Step::Done(settled(decision, limits)),
        }
    }
}

impl Replacing {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, answer: ConditionalWrite<Attempts, ()>) -> Step {
        let CountFree { by, now, limits, .. } = &self.asked;
        Step::Done(match answer {
            ConditionalWrite::Written(()) => Ok(()),
            ConditionalWrite::ConditionFailed(row) => {
                settled(decide(row.as_ref(), *by, *now, limits), limits)
            }
        })
    }
}

/// After a lost race another attempt has just been admitted, so this one waits, unless it lost against itself.
fn settled(decision: AttemptDecision, limits: &Limits) -> Reserved {
    match decision {
        AttemptDecision::Reserved => Ok(()),
        AttemptDecision::Blocked { retry_after } => Err(BlockedError { retry_after }),
        AttemptDecision::Reserve(_) => Err(BlockedError { retry_after: limits.first_delay }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        free_attempts: 5,
        first_delay: Seconds(7),
        longest_delay: Seconds(900),
        remember: Seconds(86_400),
    };

    #[test]
    fn a_race_that_was_lost_is_a_wait_of_at_least_the_first_delay() {
        let next = Attempts::counting(0, AttemptId::from_bytes([1; 16]), Timestamp::default(), &LIMITS);
        let blocked = |seconds| Err(BlockedError { retry_after: Seconds(seconds) });
        assert_eq!(settled(AttemptDecision::Reserve(next), &LIMITS), blocked(7));
        assert_eq!(settled(AttemptDecision::Blocked { retry_after: Seconds(30) }, &LIMITS), blocked(30));
        assert_eq!(settled(AttemptDecision::Reserved, &LIMITS), Ok(()));
    }
}
