//! Decides, by times alone, when the key set is read again.

use shared::{Seconds, Timestamp};

/// The age at which a set is read again. A rotation is noticed within this time.
const OLD_AFTER: Seconds = Seconds(5 * 60);
/// The age below which a set is trusted to be complete: a key id that it lacks does not exist. It is also the pause
/// after a failed read. It is short enough for a key made in an emergency, and long enough that made-up key ids cost
/// nothing.
const YOUNG_FOR: Seconds = Seconds(60);

/// When the set in memory was read, and when reading it was last tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness {
    pub(super) read_at: Timestamp,
    pub(super) tried_at: Timestamp,
}

/// The reason for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// A request has come.
    Routine,
    /// The set in memory lacks a key that the request names.
    UnknownKey,
}

/// The action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CacheState {
    /// The set in memory is current.
    Use,
    /// Read the secret.
    Read,
    /// The set in memory is too old, but the last read failed a moment ago.
    TooSoon,
}

impl Freshness {
    pub(super) fn verdict(&self, need: Need, now: Timestamp) -> CacheState {
        let good_for = match need {
            Need::Routine => OLD_AFTER,
            Need::UnknownKey => YOUNG_FOR,
        };
        if now.millis_since(self.read_at) < good_for.millis() {
            CacheState::Use
        } else if now.millis_since(self.tried_at) < YOUNG_FOR.millis() {
            CacheState::TooSoon
        } else {
            CacheState::Read
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read_at: i64, tried_at: i64, need: Need, now: i64, expected: CacheState) {
        let at = Timestamp::from_seconds;
        let freshness = Freshness { read_at: at(read_at), tried_at: at(tried_at) };
        assert_eq!(freshness.verdict(need, at(now)), expected, "{freshness:?} {need:?} at {now}");
    }

    #[test]
    fn a_set_is_read_again_after_five_minutes() {
        check(1000, 1000, Need::Routine, 1299, CacheState::Use);
        check(1000, 1000, Need::Routine, 1300, CacheState::Read);
    }

    #[test]
    fn an_unknown_key_is_looked_for_at_most_once_a_minute() {
        check(1000, 1000, Need::UnknownKey, 1059, CacheState::Use);
        check(1000, 1000, Need::UnknownKey, 1060, CacheState::Read);
    }

    #[test]
    fn after_a_failure_nobody_tries_for_a_minute() {
        for need in [Need::Routine, Need::UnknownKey] {
            check(1000, 1400, need, 1459, CacheState::TooSoon);
            check(1000, 1400, need, 1460, CacheState::Read);
        }
        check(1000, 1070, Need::Routine, 1071, CacheState::Use);
    }

    #[test]
    fn a_clock_that_went_back_reads_nothing() {
        check(1000, 1000, Need::Routine, 500, CacheState::Use);
        check(1000, 1000, Need::UnknownKey, 500, CacheState::Use);
    }
}
