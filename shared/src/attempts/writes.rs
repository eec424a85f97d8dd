//! The conditional writes to one row of attempts, as values. `aws` sends each as one `UpdateItem`.

use super::{Attempts, Lane, Limits};
use crate::Timestamp;
use crate::conditional_write::ConditionalWrite;
use crate::ids::AttemptId;

/// Counts an attempt if free attempts are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountFree {
    /// The lane.
    pub lane: Lane,
    /// The attempt, with a fresh id.
    pub by: AttemptId,
    /// The clock reading of the request.
    pub now: Timestamp,
    /// The settings.
    pub limits: Limits,
}

/// Replaces a row if it has not changed since it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The lane.
    pub lane: Lane,
    /// The row as it was read.
    pub read: Attempts,
    /// The replacement.
    pub next: Attempts,
}

/// Subtracts a successful attempt from the count, if the count is above zero. The rest of the row stays. It is sent
/// only once, so that it subtracts at most one; if it fails, the attempt stays counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeBack {
    /// The lane.
    pub lane: Lane,
}

impl CountFree {
    /// Returns the row that the write creates if there is none.
    #[must_use]
    pub fn first(&self) -> Attempts {
        Attempts::counting(0, self.by, self.now, &self.limits)
    }

    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Attempts>) -> ConditionalWrite<Attempts> {
        let Some(row) = row else { return ConditionalWrite::Written(self.first()) };
        let is_free = row.failures < self.limits.free_attempts && !row.is_over(self.now);
        if is_free && row.reserved_by != self.by {
            ConditionalWrite::Written(Attempts::counting(row.failures, self.by, self.now, &self.limits))
        } else {
            ConditionalWrite::ConditionFailed(Some(row.clone()))
        }
    }
}

impl Replace {
    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Attempts>) -> ConditionalWrite<Attempts> {
        let as_read = |row: &&Attempts| {
            (row.failures, row.blocked_until) == (self.read.failures, self.read.blocked_until)
        };
        match row.filter(as_read) {
            Some(_) => ConditionalWrite::Written(self.next.clone()),
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }
}

impl TakeBack {
    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Attempts>) -> ConditionalWrite<Attempts> {
        match row.and_then(|row| Some((row, row.failures.checked_sub(1)?))) {
            Some((row, failures)) => ConditionalWrite::Written(Attempts { failures, ..row.clone() }),
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }
}
