//! The conditional writes to one row that counts mails, as values. `aws` sends each as one `UpdateItem`.

use super::{Limits, Mails};
use crate::attempts::Lane;
use crate::conditional_write::ConditionalWrite;
use crate::ids::AttemptId;
use crate::{Seconds, Timestamp};

const MINUTE_SECONDS: i64 = 60;

/// Counts a mail if its lane admits one on the same day, or has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountNext {
    /// The lane.
    pub lane: Lane,
    /// The request, with a fresh id.
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
    pub read: Mails,
    /// The replacement.
    pub next: Mails,
}

/// Subtracts a mail that is not sent after all from the count. It is sent only once, so that it subtracts at most one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeBack {
    /// The lane.
    pub lane: Lane,
}

/// Counts a mail in the total of this minute, if there are fewer than `limit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountAll {
    /// The lane of this minute: [`Lane::of_all_mail`].
    pub lane: Lane,
    /// `MAILS_PER_MINUTE`.
    pub limit: u32,
    /// The clock reading of the request.
    pub now: Timestamp,
}

impl CountNext {
    /// Returns the row that the write creates if there is none.
    #[must_use]
    pub fn first(&self) -> Mails {
        Mails::first(self.by, self.now)
    }

    /// Returns the latest time of the last mail that allows another one now.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        Timestamp::from_millis(self.now.millis().saturating_sub(self.limits.interval.millis()))
    }

    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Mails>) -> ConditionalWrite<Mails> {
        let Some(row) = row else { return ConditionalWrite::Written(self.first()) };
        let is_open =
            row.mails < self.limits.per_day && row.last_at <= self.latest() && !row.is_over(self.now);
        if is_open && row.reserved_by != self.by {
            ConditionalWrite::Written(row.with_one_more(self.by, self.now))
        } else {
            ConditionalWrite::ConditionFailed(Some(row.clone()))
        }
    }
}

impl Replace {
    /// Returns the row after the write.
    #[must_use]
    pub fn apply(&self, row: Option<&Mails>) -> ConditionalWrite<Mails> {
        let as_read = |row: &&Mails| (row.mails, row.last_at) == (self.read.mails, self.read.last_at);
        match row.filter(as_read) {
            Some(_) => ConditionalWrite::Written(self.next.clone()),
            None => ConditionalWrite::ConditionFailed(row.cloned()),
        }
    }
}

impl CountAll {
    /// Returns the lane of the minute of `now`.
    #[must_use]
    pub fn new(limit: u32, keys: &crate::refresh_token::RefreshKeys, now: Timestamp) -> Self {
        Self { lane: Lane::of_all_mail(now.seconds().div_euclid(MINUTE_SECONDS), keys), limit, now }
    }

    /// Returns when the row expires: a while after its minute, because clocks differ.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.now + Seconds(60 * 60)
    }

    /// Returns the time until the next minute.
    #[must_use]
    pub fn retry_after(&self) -> Seconds {
        let next = (self.now.seconds().div_euclid(MINUTE_SECONDS) + 1) * MINUTE_SECONDS;
        Seconds::rounded_up(Timestamp::from_seconds(next).millis_since(self.now))
    }
}
