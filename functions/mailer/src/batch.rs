//! The answer to Lambda.

use serde::Serialize;

/// What Lambda is told (`ReportBatchItemFailures`): the records to bring again. All behind the first of them come again too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl BatchResponse {
    /// Has the record with this sequence number come again, and all behind it.
    pub(crate) fn from_record(sequence_number: String) -> Self {
        Self { batch_item_failures: vec![ItemFailure { item_identifier: sequence_number }] }
    }
}
