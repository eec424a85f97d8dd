//! The conditional writes to one row of attempts, as values. `aws` sends each as one `UpdateItem`.

use super::{Attempts, Lane, Limits};
use crate::Timestamp;
use crate::ids::AttemptId;

/// Counts an attempt if free attempts are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountFree {
    /// The lane.
    pub lane: Lane,
    /// The attempt. Its id is fresh.
    pub by: AttemptId,
    /// The clock reading of the request.
    pub now: Timestamp,
    /// The settings.
    pub limits: Limits,
}

/// Puts a row in place of another, if that one is as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The lane.
    pub lane: Lane,
    /// The row as it was read.
    pub read: Attempts,
    /// The row that takes its place.
    pub next: Attempts,
}

impl CountFree {
    /// Returns the row that the write makes where there is none.
    #[must_use]
    pub fn first(&self) -> Attempts {
        Attempts::counting(0, self.by, self.now, &self.limits)
    }
}
