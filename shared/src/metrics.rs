//! Metrics: one line per request in CloudWatch's embedded metric format, on standard output like every other line.
//!
//! CloudWatch Logs extracts metrics from such lines by itself.
//!
//! # Invariants
//! * A line has at most one outcome, from a closed set.
//! * It contains no id, address or other text of a request, so the number of metrics stays small.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Timestamp;
use crate::time::Stopwatch;

/// The target of the events that are metrics. [`crate::log`] writes only their message, at every `LOG_LEVEL`.
pub const TARGET: &str = "metrics";

/// The namespace of all metrics of this service.
pub const NAMESPACE: &str = "Ratchet";

/// The dimension of every metric: the stack, because several can share an account.
pub const STACK: &str = "Stack";

/// The second dimension of requests: their outcome.
pub const OUTCOME: &str = "Outcome";

/// The outcome of malformed requests.
pub const INVALID_REQUEST: &str = "invalid_request";

/// The outcome of requests that are answered 503.
pub const FAILED: &str = "failed";

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// `POST /register`, by outcome.
    Registrations,
    /// `POST /login`, by outcome.
    SignIns,
    /// `POST /password`, by outcome.
    PasswordChanges,
    /// Requests for mail, by outcome.
    MailRequests,
    /// Mails to send, by outcome.
    Mails,
    /// Changes of accounts, without password changes by users who know the password, by outcome.
    AccountChanges,
    /// Commands of operators, by outcome.
    OperatorCommands,
    /// `POST /refresh`, by outcome.
    Refreshes,
    /// `POST /logout`, by outcome.
    SignOuts,
    /// Requests that the authorizer refuses, by outcome. Allowed ones are not counted: a line for each would add
    /// more than half to the authorizer's price.
    AccessTokensRefused,
    /// Sessions that users or operators have ended other than by a logout.
    SessionsEnded,
    /// How long one password hash took, in milliseconds.
    PasswordHashTime,
    /// New passwords that `BREACHED_PASSWORDS` did not answer for in time.
    PasswordsNotLookedUp,
}

impl Metric {
    /// Returns its name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registrations => "Registrations",
            Self::SignIns => "SignIns",
            Self::PasswordChanges => "PasswordChanges",
            Self::MailRequests => "MailRequests",
            Self::Mails => "Mails",
            Self::AccountChanges => "AccountChanges",
            Self::OperatorCommands => "OperatorCommands",
            Self::Refreshes => "Refreshes",
            Self::SignOuts => "SignOuts",
            Self::AccessTokensRefused => "AccessTokensRefused",
            Self::SessionsEnded => "SessionsEnded",
            Self::PasswordHashTime => "PasswordHashTime",
            Self::PasswordsNotLookedUp => "PasswordsNotLookedUp",
        }
    }

    /// Returns its unit, as CloudWatch's `MetricDatum` spells it.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::PasswordHashTime => "Milliseconds",
            Self::Registrations
            | Self::SignIns
            | Self::PasswordChanges
            | Self::MailRequests
            | Self::Mails
            | Self::AccountChanges
            | Self::OperatorCommands
            | Self::Refreshes
            | Self::SignOuts
            | Self::AccessTokensRefused
            | Self::SessionsEnded
            | Self::PasswordsNotLookedUp => "Count",
        }
    }
}

/// The metrics of the functions of one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    stack: String,
}

/// The metrics of one request.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    metrics: &'a Metrics,
    now: Timestamp,
    stopwatch: Stopwatch,
    outcome: Option<(Metric, &'static str)>,
    values: BTreeMap<Metric, Vec<Value>>,
}

impl Metrics {
    /// Returns the metrics of the stack with this name.
    #[must_use]
    pub fn new(stack: String) -> Self {
        Self { stack }
    }

    /// Returns the report of a request that began at `now`.
    #[must_use]
    pub fn report(&self, now: Timestamp, stopwatch: Stopwatch) -> Report<'_> {
        Report { metrics: self, now, stopwatch, outcome: None, values: BTreeMap::new() }
    }

    /// Writes the report of a request that only has an outcome.
    pub fn count(&self, metric: Metric, outcome: &'static str, now: Timestamp) {
        self.report(now, Stopwatch::STOPPED).write(metric, outcome);
    }
}

impl Report<'_> {
    /// Adds a number.
    pub fn add(&mut self, metric: Metric, value: usize) {
        self.values.entry(metric).or_default().push(value.into());
    }

    /// Does `work`, and adds its duration.
    pub fn time<T>(&mut self, metric: Metric, work: impl FnOnce() -> T) -> T {
        let (done, took) = self.stopwatch.time(work);
        self.values.entry(metric).or_default().push(milliseconds(took));
        done
    }

    /// Writes one line: all added numbers, and one request counted under its outcome.
    pub fn write(mut self, metric: Metric, outcome: &'static str) {
        self.outcome = Some((metric, outcome));
        self.write_values();
    }

    /// Writes one line with all added numbers, if there are any.
    pub fn write_values(self) {
        if self.outcome.is_some() || !self.values.is_empty() {
            tracing::info!(target: TARGET, "{}", self.line());
        }
    }

    /// Returns the line: a document of the embedded metric format.
    fn line(&self) -> String {
        // Serialising it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn directives(&self) -> Vec<Directive<'static>> {
        let counted = self.outcome.map(|(metric, _)| Directive::new(&[STACK, OUTCOME], vec![metric.into()]));
        let plain: Vec<Definition> = self.values.keys().copied().map(Definition::from).collect();
        let measured = (!plain.is_empty()).then(|| Directive::new(&[STACK], plain));
        counted.into_iter().chain(measured).collect()
    }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        let about = About { timestamp: self.now.millis(), cloud_watch_metrics: self.directives() };
        line.serialize_entry("_aws", &about)?;
        line.serialize_entry(STACK, &self.metrics.stack)?;
        if let Some((metric, outcome)) = self.outcome {
            line.serialize_entry(OUTCOME, outcome)?;
            line.serialize_entry(metric.name(), &1)?;
        }
        for (metric, values) in &self.values {
            match values.as_slice() {
                // A metric's member is one number, or a list of at most a hundred.
                [value] => line.serialize_entry(metric.name(), value)?,
                values => line.serialize_entry(metric.name(), values)?,
            }
        }
        line.end()
    }
}

/// The instructions for CloudWatch in the line.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct About {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive<'static>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [&'a [&'static str]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl<'a> Directive<'a> {
    fn new(dimensions: &'a [&'static str], metrics: Vec<Definition>) -> Self {
        Self { namespace: NAMESPACE, dimensions: [dimensions], metrics }
    }
}

impl From<Metric> for Definition {
    fn from(metric: Metric) -> Self {
        Self { name: metric.name(), unit: metric.unit() }
    }
}

/// Rounds to a microsecond.
fn milliseconds(took: Duration) -> Value {
    (f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1000.0).into()
}

#[cfg(test)]
mod tests;
