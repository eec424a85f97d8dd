//! Guessing: how many attempts to sign in are let through to the password hash, and when.
//!
//! Every attempt is counted before the hash runs, in the row of its [`Lane`], for known and unknown emails alike. The
//! first few are free; then there is one per delay, and the delay doubles. A success deletes the row of a device, and takes
//! itself from the count of the lane of everybody ([`CountedIn`]).
//!
//! # Invariants
//! * An attempt is let through only by a conditional write that counts it, so of any number of attempts at once no more
//!   reach the hash than the row allows.
//! * However often others succeed, nobody gets more guesses in the lane of everybody than without them.

mod counted_in;
mod lane;
mod writes;

use crate::ids::AttemptId;
use crate::{Seconds, Timestamp};
pub use counted_in::CountedIn;
pub use lane::Lane;
pub use writes::{CountFree, Replace, TakeBack};

/// The settings `SIGN_IN_FREE_ATTEMPTS`, `SIGN_IN_FIRST_DELAY_SECONDS`, `SIGN_IN_LONGEST_DELAY_SECONDS` and
/// `SIGN_IN_REMEMBER_SECONDS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many attempts are let through without a delay.
    pub free_attempts: u32,
    /// The delay after the last free attempt. It doubles with each one after that.
    pub first_delay: Seconds,
    /// What it doubles up to.
    pub longest_delay: Seconds,
    /// How long after the last attempt all of them are forgotten.
    pub remember: Seconds,
}

/// A row of the table of attempts: the attempts of one lane that were let through and have not succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failures: u32,
    /// When the next one may be let through, once the free ones are used up.
    pub blocked_until: Timestamp,
    /// The attempt that was let through last.
    pub reserved_by: AttemptId,
    /// When the row is as good as gone. A whole second, as the TTL attribute holds it.
    pub expires_at: Timestamp,
}

/// What becomes of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptDecision {
    /// It is counted already: the SDK has sent our own write twice, and the first answer was lost.
    Reserved,
    /// It may go on once this has been written in place of the row.
    Reserve(Attempts),
    /// It must wait, and the hash does not run.
    Blocked {
        /// How long, at least a second.
        retry_after: Seconds,
    },
}

/// Decides on the attempt `by`, given the `row` of its lane as it is now.
#[must_use]
pub fn decide(row: Option<&Attempts>, by: AttemptId, now: Timestamp, limits: &Limits) -> AttemptDecision {
    match row {
        Some(row) if row.reserved_by == by => AttemptDecision::Reserved,
        Some(row) if row.is_over(now) => AttemptDecision::Reserve(Attempts::counting(0, by, now, limits)),
        Some(row) if row.failures >= limits.free_attempts && now < row.blocked_until => {
            AttemptDecision::Blocked { retry_after: Seconds::rounded_up(row.blocked_until.millis_since(now)) }
        }
        Some(row) => AttemptDecision::Reserve(Attempts::counting(row.failures, by, now, limits)),
        None => AttemptDecision::Reserve(Attempts::counting(0, by, now, limits)),
    }
}

impl Attempts {
    /// The row once the attempt `by` is counted on top of `failures` others.
    #[must_use]
    pub fn counting(failures: u32, by: AttemptId, now: Timestamp, limits: &Limits) -> Self {
        Self {
            failures: failures.saturating_add(1),
            blocked_until: now + limits.delay_after(failures),
            reserved_by: by,
            expires_at: Timestamp::from_seconds((now + limits.remember).seconds()),
        }
    }

    /// Whether the attempts are forgotten. DynamoDB deletes expired rows days late, so this is always asked, here and in
    /// the condition of the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }
}

impl Limits {
    /// The delay after an attempt that `failures` others went before.
    fn delay_after(&self, failures: u32) -> Seconds {
        let doublings = failures.saturating_add(1).saturating_sub(self.free_attempts);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Seconds(self.first_delay.0.saturating_mul(factor).min(self.longest_delay.0))
    }
}

#[cfg(test)]
mod tests;
