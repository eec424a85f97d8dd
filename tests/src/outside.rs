//! The inputs from outside of the suite: the environment and randomness. This is the only file that reads them.
#![expect(clippy::disallowed_methods, reason = "the suite starts services, as main.rs does")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;

use crate::emulation::{self, Difference};

/// The minimum distance of two readings of the stopwatch.
pub const TICK: Duration = Duration::from_millis(20);

/// The stopwatch of the services under test. It advances by one tick each time one of them reads it.
pub(crate) fn ticks() -> Instant {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    static READ: AtomicU64 = AtomicU64::new(0);
    let read = u32::try_from(READ.fetch_add(1, Ordering::SeqCst) % (1 << 20)).expect("it is small");
    *BEGUN + TICK * read
}

/// `RATCHET_URL`: the service to test, if it is not one of our own.
pub(crate) fn service_url() -> Option<String> {
    url("RATCHET_URL")
}

/// `RATCHET_EMULATION`: the emulation that the service is, if it is one.
///
/// # Panics
/// If no such emulation is known.
pub(crate) fn emulation() -> Option<&'static [Difference]> {
    let name = std::env::var("RATCHET_EMULATION").ok()?;
    Some(emulation::differences(&name).unwrap_or_else(|| panic!("RATCHET_EMULATION={name} is not known")))
}

/// `RATCHET_DYNAMODB_URL`: the DynamoDB to use, if it is not the embedded one.
pub(crate) fn dynamodb_url() -> Option<String> {
    url("RATCHET_DYNAMODB_URL")
}

fn url(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty())?;
    Some(value.trim_end_matches('/').to_owned())
}

/// A random generator of the system's seed: accounts and tables must differ from those of the last run, since the
/// service or the DynamoDB may be the same.
#[must_use]
pub fn rng() -> StdRng {
    rand::make_rng()
}

/// Lets this process open as many files as the system allows, once. Both ends of every connection are in it, and
/// macOS lets a process open 256 files unless it asks for more.
pub(crate) fn open_many_files() {
    static RAISED: Once = Once::new();
    // Where it fails, the limit stays: most tests need few files.
    RAISED.call_once(|| drop(rlimit::increase_nofile_limit(u64::MAX)));
}
