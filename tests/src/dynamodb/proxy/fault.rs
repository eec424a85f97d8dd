//! The faults of a request between a function and DynamoDB.

use std::time::Duration;

use http::Response;
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// What happens to a request instead of forwarding it and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not forwarded, and this is the answer.
    Answer {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// It is forwarded, and the connection is closed instead of an answer: the write happened, but the client cannot
    /// know.
    LostAnswer,
    /// The connection is closed without forwarding it.
    LostRequest,
    /// Only the first writes of a `BatchWriteItem` are forwarded, and the answer reports the others as
    /// unprocessed.
    Unprocessed {
        /// The number of forwarded writes.
        after: usize,
    },
    /// Half of its body is forwarded, then both connections are closed.
    CutRequest,
    /// It is forwarded, and the connection is closed after the headers and half of the body of the answer.
    CutAnswer,
    /// It is forwarded after this time.
    Delayed(Duration),
    /// It is forwarded twice, and the second answer is returned.
    Duplicated,
    /// It is forwarded, and once more right before the given number of further requests for the same row: 1 is the next.
    DuplicatedLater(u32),
    /// The connection is closed, and it is forwarded right before the given number of further requests for the same row.
    DeliveredLate(u32),
    /// All connections are closed, and new ones refused for this time.
    Refused(Duration),
}

impl Fault {
    /// DynamoDB has failed.
    #[must_use]
    pub fn internal_error() -> Self {
        let message = "Internal server error";
        Self::error(500, json!({ "__type": type_of("InternalServerError"), "message": message }))
    }

    /// The table is overloaded: for on-demand tables, more than twice the peak so far.
    #[must_use]
    pub fn throughput_exceeded() -> Self {
        let message = "The level of configured provisioned throughput for the table was exceeded. \
                       Consider increasing your provisioning level with the UpdateTable API.";
        let name = type_of("ProvisionedThroughputExceededException");
        Self::error(400, json!({ "__type": name, "message": message }))
    }

    /// The account exceeds its limit.
    #[must_use]
    pub fn throttled() -> Self {
        let message = "Rate of requests exceeds the allowed throughput.";
        let name = "com.amazon.coral.availability#ThrottlingException";
        Self::error(400, json!({ "__type": name, "message": message }))
    }

    /// Another transaction was writing one of the rows.
    #[must_use]
    pub fn transaction_conflict() -> Self {
        let body = json!({
            "__type": type_of("TransactionCanceledException"),
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons \
                        [TransactionConflict, None]",
            "CancellationReasons": [
                { "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" },
                { "Code": "None" },
            ],
        });
        Self::error(400, body)
    }

    /// A transaction was writing the row at that moment.
    #[must_use]
    pub fn conflict_with_a_transaction() -> Self {
        let message = "Transaction is ongoing for the item";
        Self::error(400, json!({ "__type": type_of("TransactionConflictException"), "message": message }))
    }

    fn error(status: u16, body: Value) -> Self {
        Self::Answer { status, body }
    }

    /// Returns its name in counts.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Answer { body, .. } => {
                let name = body["__type"].as_str().unwrap_or_default();
                name.rsplit('#').next().unwrap_or_default().to_owned()
            }
            Self::Unprocessed { .. } => "left unprocessed".to_owned(),
            Self::LostAnswer => "lost answer".to_owned(),
            Self::LostRequest => "lost request".to_owned(),
            Self::CutRequest => "cut request".to_owned(),
            Self::CutAnswer => "cut answer".to_owned(),
            Self::Delayed(_) => "delayed".to_owned(),
            Self::Duplicated => "duplicated at once".to_owned(),
            Self::DuplicatedLater(_) => "duplicated later".to_owned(),
            Self::DeliveredLate(_) => "delivered late".to_owned(),
            Self::Refused(_) => "connections refused".to_owned(),
        }
    }
}

fn type_of(name: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{name}")
}

/// Returns an answer that DynamoDB never gave.
pub(super) fn json_answer(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let text = body.to_string();
    let answer = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    answer.body(Full::new(text.into())).unwrap_or_default()
}
