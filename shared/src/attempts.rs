//! Limits on guessing: how many sign-in attempts reach the password hash, and when.
//!
//! Every attempt is counted before the hash runs, in the row of its [`Lane`], for known and unknown emails alike. The
//! first few are free. Then one per delay is allowed, and the delay doubles. A success deletes the row of a device lane, and
//! subtracts itself from the count of a common lane ([`CountedIn`]).
//!
//! # Invariants
//! * Only a conditional write that counts the attempt admits it. However many attempts arrive at once, no more
//!   reach the hash than the row allows.
//! * Successes of others do not give anybody more guesses in the common lane.

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
    /// The number of attempts without a delay.
    pub free_attempts: u32,
    /// The delay after the last free attempt. It doubles with each one after that.
    pub first_delay: Seconds,
    /// The longest delay.
    pub longest_delay: Seconds,
    /// How long after the last attempt the count is cleared.
    pub remember: Seconds,
}

/// A row of the attempts table: the admitted attempts of one lane that have not succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Their number.
    pub failures: u32,
    /// When the next attempt may be admitted, once the free ones are used up.
    pub blocked_until: Timestamp,
    /// The last admitted attempt.
    pub reserved_by: AttemptId,
    /// When the row expires. A whole second, as the TTL attribute stores it.
    pub expires_at: Timestamp,
}

/// The decision about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptDecision {
    /// It is already counted: the SDK sent our own write twice, and the first answer was lost.
    Reserved,
    /// It may proceed once this row has replaced the old one.
    Reserve(Attempts),
    /// It must wait, and the hash does not run.
    Blocked {
        /// The seconds to wait, at least one.
        retry_after: Seconds,
    },
}

/// Decides about the attempt `by`, given the current `row` of its lane.
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
    /// Returns the row with the attempt `by` counted in addition to `failures` others.
    #[must_use]
    pub fn counting(failures: u32, by: AttemptId, now: Timestamp, limits: &Limits) -> Self {
        Self {
            failures: failures.saturating_add(1),
            blocked_until: now + limits.delay_after(failures),
            reserved_by: by,
            expires_at: Timestamp::from_seconds((now + limits.remember).seconds()),
        }
    }

    /// Returns whether the row has expired. DynamoDB deletes expired rows days late, so this is always checked, here and in
    /// the condition of the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }
}

impl Limits {
    /// Returns the delay after an attempt that follows `failures` others.
    fn delay_after(&self, failures: u32) -> Seconds {
        let doublings = failures.saturating_add(1).saturating_sub(self.free_attempts);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Seconds(self.first_delay.0.saturating_mul(factor).min(self.longest_delay.0))
    }
}

#[cfg(test)]
mod tests;
