use super::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_123);

fn metrics() -> Metrics {
    Metrics::new("ratchet".to_owned())
}

fn parsed(report: &Report<'_>) -> Value {
    serde_json::from_str(&report.line()).unwrap()
}

#[test]
fn a_line_counts_one_outcome_and_has_its_numbers_beside() {
    let metrics = metrics();
    let mut report = metrics.report(NOW, Stopwatch::STOPPED);
    assert_eq!(report.time(Metric::PasswordHashTime, || 7), 7);
    report.outcome = Some((Metric::SignIns, "signed_in"));
    let expected = json!({
        "_aws": {
            "Timestamp": 1_700_000_000_123_i64,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Ratchet",
                    "Dimensions": [["Stack", "Outcome"]],
                    "Metrics": [{ "Name": "SignIns", "Unit": "Count" }],
                },
                {
                    "Namespace": "Ratchet",
                    "Dimensions": [["Stack"]],
                    "Metrics": [{ "Name": "PasswordHashTime", "Unit": "Milliseconds" }],
                },
            ],
        },
        "Stack": "ratchet",
        "Outcome": "signed_in",
        "SignIns": 1,
        "PasswordHashTime": 0.0,
    });
    assert_eq!(parsed(&report), expected);
}

#[test]
fn several_numbers_of_one_metric_are_a_list() {
    let metrics = metrics();
    let mut report = metrics.report(NOW, Stopwatch::STOPPED);
    report.add(Metric::SessionsEnded, 2);
    assert_eq!(parsed(&report)["SessionsEnded"], json!(2));
    report.add(Metric::SessionsEnded, 3);
    assert_eq!(parsed(&report)["SessionsEnded"], json!([2, 3]));
    assert_eq!(parsed(&report).get("Outcome"), None);
}

#[test]
fn a_duration_is_in_milliseconds_to_the_microsecond() {
    assert_eq!(milliseconds(Duration::from_micros(21_437)), json!(21.437));
    assert_eq!(milliseconds(Duration::from_nanos(1_999)), json!(0.001));
    assert_eq!(milliseconds(Duration::from_secs(2)), json!(2000.0));
}
