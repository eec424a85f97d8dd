//! How much mail one address can be sent: one mail per interval, and a few a day.
//!
//! Every mail is counted before it is asked for, in the row of its [lane](crate::attempts::Lane), for known and unknown addresses alike. A day
//! begins with the first mail of the lane.
//!
//! # Invariants
//! * A mail is let through only by a conditional write that counts it, so of any number of requests at once no more are mailed
//!   than the row allows.
//! * The last mail of a day says so: its code lives until the next mail is let through, so a stranger who uses up the day can't
//!   keep the owner from a code that works.

mod writes;

use crate::ids::AttemptId;
use crate::{Seconds, Timestamp};
pub use writes::{CountAll, CountNext, Replace, TakeBack};

/// The length of a lane's day, in seconds.
pub const DAY: Seconds = Seconds(24 * 60 * 60);

/// The settings `MAIL_INTERVAL_SECONDS` and `MAILS_PER_DAY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The least time between two mails of a lane.
    pub interval: Seconds,
    /// How many mails a lane has in a day.
    pub per_day: u32,
}

/// A row of the table of attempts that counts the mails of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mails {
    /// How many, today.
    pub mails: u32,
    /// The last one.
    pub last_at: Timestamp,
    /// The request that asked for it.
    pub reserved_by: AttemptId,
    /// The end of the day, when all are forgotten. A whole second, as the TTL attribute holds it.
    pub expires_at: Timestamp,
}

/// What becomes of a request for a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailDecision {
    /// It is counted already: the SDK has sent our own write twice, and the first answer was lost.
    Counted(Mails),
    /// It may go on once this has been written in place of the row.
    Count(Mails),
    /// It must wait.
    Blocked {
        /// How long, at least a second.
        retry_after: Seconds,
    },
}

/// Decides on the request `by`, given the `row` of its lane as it is now.
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

    /// Whether the day is over. DynamoDB deletes expired rows days late, so this is always asked, here and in the condition of
    /// the write, with the same rounding.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }

    /// Whether no mail is let through after it on the same day.
    #[must_use]
    pub fn is_last(&self, limits: &Limits) -> bool {
        self.mails >= limits.per_day
    }

    /// Returns when the next mail is let through.
    #[must_use]
    pub fn opens_at(&self, limits: &Limits) -> Timestamp {
        if self.is_last(limits) { self.expires_at } else { self.last_at + limits.interval }
    }
}

#[cfg(test)]
mod tests;
