//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use shared::{Seconds, Timestamp};

/// The initial time of every clock: 2050-01-01, a quarter past a full second so that rounding shows. It is in the
/// future, because an external DynamoDB deletes rows by the real time.
pub const START: Timestamp = Timestamp::from_millis(2_524_608_000_250);

/// The time, as a service under test sees it. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START.millis())))
    }
}

impl TestClock {
    /// Returns its time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Seconds) {
        self.advance_millis(by.millis());
    }

    /// Moves it forward, or back if `by` is negative.
    pub fn advance_millis(&self, by: i64) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.millis(), Ordering::SeqCst);
    }
}
