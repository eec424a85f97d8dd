//! Points in time and durations as values: nothing here reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A point in time in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

/// Measures how long work takes, by a monotonic clock. For metrics only: no decision depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Option<fn() -> Instant>);

impl Stopwatch {
    /// A stopwatch for which nothing takes any time.
    pub const STOPPED: Self = Self(None);

    /// Returns a stopwatch that reads this clock: `Instant::now`.
    #[must_use]
    pub fn of(clock: fn() -> Instant) -> Self {
        Self(Some(clock))
    }

    /// Does `work`, and returns its result and duration.
    pub fn time<T>(self, work: impl FnOnce() -> T) -> (T, Duration) {
        let begun = self.0.map(|clock| clock());
        let done = work();
        let ended = self.0.map(|clock| clock());
        let took = ended.zip(begun).map(|(ended, begun)| ended.saturating_duration_since(begun));
        (done, took.unwrap_or_default())
    }
}

impl Timestamp {
    /// Returns the point `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the point `seconds` seconds after the Unix epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Returns the milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since the Unix epoch, rounded down: the NumericDate of RFC 7519 section 2.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the milliseconds from `earlier` to this point, or `None` if `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// Returns the whole seconds from `earlier` to this point, rounded down, or `None` if `earlier` is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.millis_since(earlier) / 1000
    }
}

impl Seconds {
    /// Returns a duration that is at least this many milliseconds, and at least one second, so that a client that waits for it
    /// comes late enough.
    #[must_use]
    pub fn rounded_up(millis: i64) -> Self {
        Self(u32::try_from(millis.saturating_add(999) / 1000).unwrap_or(u32::MAX).max(1))
    }

    /// Returns the duration in milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::from(self.0) * 1000
    }
}

impl std::ops::Add<Seconds> for Timestamp {
    type Output = Self;

    fn add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.millis()))
    }
}

impl From<SystemTime> for Timestamp {
    /// A clock before 1970 reads as 1970, at which every session is still alive. Such a clock cannot work anyway:
    /// AWS refuses requests signed with it.
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn seconds_are_rounded_down() {
        assert_eq!(Timestamp::from_millis(1_999).seconds(), 1);
        assert_eq!(Timestamp::from_millis(-1).seconds(), -1);
    }

    #[test]
    fn a_later_start_leaves_no_time() {
        let (early, late) = (Timestamp::from_seconds(10), Timestamp::from_seconds(70));
        assert_eq!(late.seconds_since(early), 60);
        assert_eq!(early.seconds_since(late), 0);
    }

    #[test]
    fn adding_saturates() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end + Seconds(1), end);
    }

    #[test]
    fn a_system_time_keeps_its_milliseconds() {
        let time = UNIX_EPOCH + Duration::from_millis(1_234_567);
        assert_eq!(Timestamp::from(time), Timestamp::from_millis(1_234_567));
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(1)), Timestamp::default());
    }
}
