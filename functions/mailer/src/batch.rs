//! The answer to Lambda.

use serde::Serialize;

/// The answer to Lambda (`ReportBatchItemFailures`): the records to deliver again. All records after the first of them
/// are repeated too.
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
    /// Requests the record with this sequence number again, and all after it.
    pub(crate) fn from_record(sequence_number: String) -> Self {
        Self { batch_item_failures: vec![ItemFailure { item_identifier: sequence_number }] }
    }
}
