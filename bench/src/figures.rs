//! What a suite has found out, in the form of its JSON file.

use serde::Serialize;

use crate::budget::Budget;

/// One suite's figures.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    /// The suite.
    pub(crate) suite: &'static str,
    /// One a program.
    pub(crate) programs: Vec<Figures>,
    /// What was promised, and whether it is so.
    pub(crate) budgets: Vec<Budget>,
    /// Curves, if it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) series: Vec<Series>,
}

/// A curve.
#[derive(Debug, Serialize)]
pub(crate) struct Series {
    /// What it shows.
    pub(crate) name: String,
    /// The unit of its second coordinates.
    pub(crate) unit: &'static str,
    /// Its points, from left to right.
    pub(crate) points: Vec<(f64, f64)>,
}

/// One program's figures: medians, and what 95 in 100 are not above (`p95`). 0 is what was not measured.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Figures {
    /// Its name in tables.
    pub(crate) name: String,
    /// From the start of the process until it asks for its first event, in milliseconds.
    pub(crate) start_ms: f64,
    /// The same, of 95 in 100.
    pub(crate) start_p95_ms: f64,
    /// Processor time until it asks for its first event, in milliseconds.
    pub(crate) start_processor_ms: f64,
    /// From the start of the process to its first answer, in milliseconds.
    pub(crate) cold_ms: f64,
    /// The same, of 95 in 100.
    pub(crate) cold_p95_ms: f64,
    /// An answer while events come back to back, in milliseconds.
    pub(crate) warm_ms: f64,
    /// The same, of 95 in 100.
    pub(crate) warm_p95_ms: f64,
    /// An answer while an event comes every 5 milliseconds, in milliseconds.
    pub(crate) paced_ms: f64,
    /// The same, of 95 in 100.
    pub(crate) paced_p95_ms: f64,
    /// Processor time of a start with its first answer, in milliseconds.
    pub(crate) cold_processor_ms: f64,
    /// Processor time of an answer, in milliseconds.
    pub(crate) warm_processor_ms: f64,
    /// The most memory that was resident at once, in bytes.
    pub(crate) peak_bytes: u64,
    /// Answers a second to several clients at once.
    pub(crate) per_second: f64,
}
