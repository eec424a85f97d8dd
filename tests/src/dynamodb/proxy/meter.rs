//! The cost of requests, in the units of DynamoDB's on-demand billing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::Row;

/// Request units of DynamoDB: a write of 1 KB is one, a consistent read of 4 KB is one, and in a transaction each is two.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
}

/// Adds up what the engine says that it has consumed. Off until it is begun: it changes requests.
#[derive(Default)]
pub(super) struct Meter(Mutex<Option<Counts>>);

struct Counts {
    units: Units,
    /// Whether the engine reports of transactions what AWS documents.
    knows_transactions: bool,
}

impl Meter {
    pub(super) fn begin(&self, knows_transactions: bool) {
        *self.counts() = Some(Counts { units: Units::default(), knows_transactions });
    }

    pub(super) fn is_on(&self) -> bool {
        self.counts().is_some()
    }

    /// Returns the consumption since the last call, and starts again at zero.
    pub(super) fn take(&self) -> Units {
        self.counts().as_mut().map(|counts| std::mem::take(&mut counts.units)).unwrap_or_default()
    }

    pub(super) fn note(&self, operation: &str, request: &[u8], answer: &[u8]) {
        let Some(Counts { units, knows_transactions }) = &mut *self.counts() else { return };
        let answer = serde_json::from_slice(answer).unwrap_or_default();
        let consumed = consumed(&answer).unwrap_or_else(|| of_a_failed_condition(&answer));
        match operation {
            "GetItem" | "Query" => units.read += consumed,
            "TransactWriteItems" if !*knows_transactions => units.write += of_transaction(request),
            _ => units.write += consumed,
        }
    }

    fn counts(&self) -> MutexGuard<'_, Option<Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One `ConsumedCapacity`, or one for each table.
fn consumed(answer: &Value) -> Option<f64> {
    let consumed = answer.get("ConsumedCapacity")?;
    let tables = consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice);
    tables.iter().map(|table| table["CapacityUnits"].as_f64()).sum()
}

/// Two units a row, if each has at most 1 KB.
fn of_transaction(request: &[u8]) -> f64 {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    request["TransactItems"].as_array().into_iter().flatten().map(|_| 2.0).sum()
}

/// An error does not say what it has consumed. DynamoDB's documentation does: a failed condition costs a write of the row
/// that it failed on, and at least one unit.
fn of_a_failed_condition(answer: &Value) -> f64 {
    let size = answer.get("Item").map_or(0, |item| Row(item.clone()).size());
    f64::from(u32::try_from(size.div_ceil(1024).max(1)).expect("a row of at most 400 KB"))
}
