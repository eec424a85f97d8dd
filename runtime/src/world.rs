//! The clock, the environment and randomness: read here and handed on as values.
#![expect(
    clippy::disallowed_methods,
    reason = "the one file that reads the clock, the environment and randomness"
)]

use std::time::{Instant, SystemTime};

use shared::{Invocation, Stopwatch, Timestamp};

/// What a handler learns of the moment it is called at: the time alone, or the time and a random generator.
pub trait Moment {
    /// Reads it.
    fn read() -> Self;
}

impl Moment for Timestamp {
    fn read() -> Self {
        SystemTime::now().into()
    }
}

impl Moment for Invocation {
    fn read() -> Self {
        Self { now: Moment::read(), rng: rand::make_rng(), stopwatch: Stopwatch::of(Instant::now) }
    }
}

/// Looks up a variable of the environment. One that is not UTF-8 is there all the same, with U+FFFD in it, which no setting
/// takes: it must not count as absent.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
