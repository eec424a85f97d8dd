//! Budgets: what a figure may be, as a number or as a ratio of two figures of one run.

use serde::Serialize;

/// A promise, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Budget {
    /// What is promised, in words.
    pub(crate) promise: String,
    /// The bound.
    pub(crate) bound: f64,
    /// Whether it is a least value, not a greatest.
    pub(crate) at_least: bool,
    /// The unit of both, `x` for a ratio.
    pub(crate) unit: &'static str,
    /// What was measured.
    pub(crate) measured: f64,
    /// Whether the promise is kept.
    pub(crate) holds: bool,
}

impl Budget {
    pub(crate) fn at_most(promise: impl Into<String>, bound: f64, unit: &'static str, measured: f64) -> Self {
        let holds = measured <= bound;
        Self { promise: promise.into(), bound, at_least: false, unit, measured, holds }
    }

    pub(crate) fn at_least(
        promise: impl Into<String>,
        bound: f64,
        unit: &'static str,
        measured: f64,
    ) -> Self {
        let holds = measured >= bound;
        Self { promise: promise.into(), bound, at_least: true, unit, measured, holds }
    }

    /// The most memory that may be resident at once, in MiB.
    pub(crate) fn memory(promise: &str, mebibytes: f64, peak_bytes: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact up to petabytes")]
        let measured = peak_bytes as f64 / f64::from(1 << 20);
        Self::at_most(promise, mebibytes, "MiB", measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_itself_is_kept_and_what_is_beyond_is_not() {
        assert!(Budget::at_most("", 1.25, "x", 1.25).holds);
        assert!(!Budget::at_most("", 1.25, "x", 1.26).holds);
        assert!(Budget::at_least("", 40.0, "x", 40.0).holds);
        assert!(!Budget::at_least("", 40.0, "x", 39.9).holds);
        assert!(!Budget::at_most("", 1.0, "x", f64::NAN).holds, "nothing was measured");
    }
}
