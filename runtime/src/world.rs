//! The clock, the environment and randomness: read here and passed on as values.
#![expect(
    clippy::disallowed_methods,
    reason = "the one file that reads the clock, the environment and randomness"
)]

use std::time::{Instant, SystemTime};

use shared::{Invocation, Stopwatch, Timestamp};

/// The surroundings of a call: the time alone, or the time and a random generator.
pub trait Moment {
    /// Reads them.
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

/// Looks up a variable of the environment. One that is not UTF-8 must not count as absent: it is returned with U+FFFD,
/// which no setting accepts.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
