//! The count of a mail among all mail that is requested without a session, after its lane has admitted it.
//!
//! # Invariants
//! A mail above the total limit is subtracted from its lane: it may be the last one of a day.

use super::mail_reservation::Reserved;
use super::reservation::BlockedError;
use crate::attempts::Lane;
use crate::mail_lane::{CountAll, Limits, Mails, TakeBack};

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Count the mail in the total. If that fails, the mail must be subtracted from its lane.
    CountAll(Box<CountingAll>),
    /// Subtract the mail from its lane.
    TakeBack(Box<TakingBack>),
    /// Whether the mail may be sent.
    Done(Result<Counted, BlockedError>),
}

/// A mail that may be sent.
pub struct Counted {
    /// The row of its lane.
    pub row: Mails,
    /// The write that subtracts the mail from its lane if it is not sent: nobody would have its code.
    pub taken_back: TakeBack,
}

/// A mail that its lane admits.
pub struct CountingAll {
    /// The write.
    pub write: CountAll,
    counted: Counted,
    limits: Limits,
}

/// A mail above the total limit of this minute.
pub struct TakingBack {
    /// The write.
    pub write: TakeBack,
    blocked: BlockedError,
}

/// Returns the first step for a mail that was counted in this lane. Without `all` only the lane counts it.
#[must_use]
pub fn start(reserved: Reserved, lane: Lane, all: Option<CountAll>, limits: Limits) -> Step {
    let counted = |row| Counted { row, taken_back: TakeBack { lane } };
    match (reserved, all) {
        (Err(blocked), _) => Step::Done(Err(blocked)),
        (Ok(row), None) => Step::Done(Ok(counted(row))),
        (Ok(row), Some(write)) => {
            Step::CountAll(Box::new(CountingAll { write, counted: counted(row), limits }))
        }
    }
}

impl CountingAll {
    /// Returns the write that subtracts the mail from its lane if this count fails.
    #[must_use]
    pub fn taken_back(&self) -> &TakeBack {
        &self.counted.taken_back
    }

    /// Takes DynamoDB's answer: whether the mail is counted.
    #[must_use]
    pub fn then(self, is_counted: bool) -> Step {
        if is_counted {
            return Step::Done(Ok(self.counted));
        }
        // The lane, too, admits no mail before its interval has passed.
        let retry_after = self.write.retry_after().max(self.limits.interval);
        let write = self.counted.taken_back;
        Step::TakeBack(Box::new(TakingBack { write, blocked: BlockedError { retry_after } }))
    }
}

impl TakingBack {
    /// The mail is subtracted, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Err(self.blocked))
    }
}
