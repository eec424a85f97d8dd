//! Limits on the mail to one address: one mail per interval, and a few per day.
//!
//! Every mail is counted before it is requested, in the row of its [lane](crate::attempts::Lane), for known and unknown
//! addresses alike. A day begins with the first mail of the lane.
//!
//! # Invariants
//! * Only a conditional write that counts a mail admits it. However many requests arrive at once, no more mails are sent
//!   than the row allows.
//! * The last mail of a day is known as such: its code lives until the next mail is admitted, so that a stranger who
//!   uses up the day cannot keep the owner from a working code.

mod writes;

use crate::ids::AttemptId;
use crate::{Seconds, Timestamp};
pub use writes::{CountAll, CountNext, Replace, TakeBack};

/// The length of a lane's day, in seconds.
pub const DAY: Seconds = Seconds(24 * 60 * 60);

/// The settings `MAIL_INTERVAL_SECONDS` and `MAILS_PER_DAY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The minimum time between two mails of a lane.
    pub interval: Seconds,
    /// The number of mails per lane and day.
    pub per_day: u32,
}

/// A row of the attempts table that counts the mails of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mails {
    /// Their number today.
    pub mails: u32,
    /// The last one.
    pub last_at: Timestamp,
    /// The request for it.
    pub reserved_by: AttemptId,
    /// The end of the day, when the count is cleared. A whole second, as the TTL attribute stores it.
    pub expires_at: Timestamp,
}

/// The decision about a request for a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailDecision {
    /// It is already counted: the SDK sent our own write twice, and the first answer was lost.
    Counted(Mails),
    /// It may proceed once this row has replaced the old one.
    Count(Mails),
    /// It must wait.
    Blocked {
        /// The seconds to wait, at least one.
        retry_after: Seconds,
    },
}

/// Decides about the request `by`, given the current `row` of its lane.
#[must_use]
pub fn decide(row: Option<&Mails>, by: AttemptId, now: Timestamp, limits: &Limits) -> MailDecision {
    match row {
        Some(row) if row.reserved_by == by => MailDecision::Counted(row.clone()),
        Some(row) if row.is_over(now) => MailDecision::Count(Mails::first(by, now)),
        Some(row) => match row.opens_at(limits) {
            opens_at if now < opens_at => {
                MailDecision::Blocked { retry_after: Seconds::rounded_up(opens_at.millis_since(now)) }
            }
            _ => MailDecision::Count(row.with_one_more(by, now)),
        },
        None => MailDecision::Count(Mails::first(by, now)),
    }
}

impl Mails {
    /// Returns the row of the first mail of a day.
    #[must_use]
    pub fn first(by: AttemptId, now: Timestamp) -> Self {
        let expires_at = Timestamp::from_seconds((now + DAY).seconds());
        Self { mails: 1, last_at: now, reserved_by: by, expires_at }
    }

    /// Returns the row with one more mail of the same day.
    #[must_use]
    pub fn with_one_more(&self, by: AttemptId, now: Timestamp) -> Self {
        Self {
            mails: self.mails.saturating_add(1),
            last_at: now,
            reserved_by: by,
            expires_at: self.expires_at,
        }
    }

    /// Returns whether the day is over. DynamoDB deletes expired rows days late, so this is always checked, here and in
    /// the condition of the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }

    /// Returns whether this is the last mail of the day.
    #[must_use]
    pub fn is_last(&self, limits: &Limits) -> bool {
        self.mails >= limits.per_day
    }

    /// Returns when the next mail is admitted.
    #[must_use]
    pub fn opens_at(&self, limits: &Limits) -> Timestamp {
        if self.is_last(limits) { self.expires_at } else { self.last_at + limits.interval }
    }
}

#[cfg(test)]
mod tests;
