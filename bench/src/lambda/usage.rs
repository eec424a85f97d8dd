//! What a process has used, as Linux counts it.

use std::fs;
use std::time::Duration;

use crate::Failure;

/// What a process has used since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The most memory that was resident at once, in bytes.
    pub(crate) peak_bytes: u64,
    /// Time on a processor, of all threads that still run.
    pub(crate) processor: Duration,
}

impl Usage {
    pub(super) fn of(process: u32) -> Result<Self, Failure> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{process}/task"))? {
            // A thread that ends meanwhile is not counted.
            let Ok(statistics) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds += on_processor(&statistics).ok_or("schedstat has another form")?;
        }
        let peak_bytes = peak(&status).ok_or("status has no VmHWM")?;
        Ok(Self { peak_bytes, processor: Duration::from_nanos(nanoseconds) })
    }
}

/// The first number of a `schedstat` is nanoseconds.
fn on_processor(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_are_read_as_linux_writes_them() {
        assert_eq!(
            peak("Name:\tx\nVmPeak:\t  9000 kB\nVmHWM:\t    5120 kB\nVmRSS:\t 4096 kB\n"),
            Some(5120 * 1024)
        );
        assert_eq!(peak("Name:\tx\n"), None);
        assert_eq!(on_processor("1234567 89 3\n"), Some(1_234_567));
        assert_eq!(on_processor(""), None);
    }
}
