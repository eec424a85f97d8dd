//! How long hashes took, as the function's metrics say.

use std::time::Duration;

use serde_json::Value;
use shared::metrics::Metric;

use crate::Failure;
use crate::lambda::Environment;

/// What remains of each of the last answers without its hashes.
///
/// # Errors
/// [`Failure`] unless all answers, those before them included, had one line about hashes each.
pub(super) fn without_hashes(
    took: &[Duration],
    before: usize,
    environment: &Environment,
) -> Result<Vec<Duration>, Failure> {
    let hashes = hash_times(&environment.log()?);
    if hashes.len() != before + took.len() {
        return Err(format!("{} hashes in {} sign-ins", hashes.len(), before + took.len()).into());
    }
    let last = hashes.into_iter().skip(before);
    Ok(took.iter().zip(last).map(|(took, hash)| took.saturating_sub(hash)).collect())
}

/// The time that each request spent on hashes, in the order of the log's lines.
fn hash_times(log: &str) -> Vec<Duration> {
    let lines = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter_map(|line: Value| time(line.get(Metric::PasswordHashTime.name())?)).collect()
}

/// One hash, or several of one request.
fn time(metric: &Value) -> Option<Duration> {
    let milliseconds = match metric.as_array() {
        Some(several) => several.iter().map(Value::as_f64).sum(),
        None => metric.as_f64(),
    };
    milliseconds.map(|milliseconds: f64| Duration::from_secs_f64(milliseconds / 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_found_among_other_lines() {
        let log = "\
            {\"level\":\"INFO\",\"message\":\"PasswordHashTime\"}\n\
            not JSON\n\
            {\"PasswordHashTime\":12.5,\"SignIns\":1}\n\
            {\"PasswordHashTime\":[1,0.5],\"SignIns\":1}\n\
            {\"PasswordHashTime\":\"x\"}\n";
        assert_eq!(hash_times(log), [Duration::from_micros(12_500), Duration::from_micros(1500)]);
    }
}
