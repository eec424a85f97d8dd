//! Events of a DynamoDB stream.

use std::collections::HashMap;

use aws::TableError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use shared::code::Code;
use shared::passkey::ChallengeKind;

/// A row that was written.
pub(crate) struct Record {
    /// Identifies the record for Lambda.
    pub(crate) sequence_number: String,
    /// The row.
    pub(crate) code: Result<Code, TableError>,
}

/// Returns the rows that were written to the table, in order. Other records of an event are ignored.
pub(crate) fn records(event: &Value) -> impl Iterator<Item = Record> {
    let records = event.get("Records").and_then(Value::as_array).into_iter().flatten();
    let inserted = records.filter(|record| record.get("eventName") == Some(&Value::from("INSERT")));
    inserted.filter(|record| !is_challenge(record)).map(|record| {
        let sequence_number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
        Record { sequence_number: sequence_number.unwrap_or_default().to_owned(), code: code(record) }
    })
}

/// Returns whether the row is a challenge for a passkey, which is no code. On AWS the event source leaves these out.
fn is_challenge(record: &Value) -> bool {
    let purpose = record.pointer("/dynamodb/NewImage/purpose/S").and_then(Value::as_str);
    purpose.is_some_and(|purpose| ChallengeKind::ALL.iter().any(|kind| kind.name() == purpose))
}

fn code(record: &Value) -> Result<Code, TableError> {
    let image = record.pointer("/dynamodb/NewImage").and_then(Value::as_object).and_then(item);
    aws::codes::code(&image.ok_or(TableError::Row("NewImage"))?)
}

fn item(image: &Map<String, Value>) -> Option<HashMap<String, AttributeValue>> {
    image.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect()
}

/// Reads a value in DynamoDB's JSON, of the types in a row of the codes table.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    match kind.as_str() {
        "S" => Some(AttributeValue::S(value.as_str()?.to_owned())),
        "N" => Some(AttributeValue::N(value.as_str()?.to_owned())),
        "BOOL" => Some(AttributeValue::Bool(value.as_bool()?)),
        "B" => Some(AttributeValue::B(Blob::new(STANDARD.decode(value.as_str()?).ok()?))),
        "M" => Some(AttributeValue::M(item(value.as_object()?)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_challenge_is_no_mail_and_another_row_that_can_not_be_read_is_an_error() {
        let event = |purpose: &str| {
            let image = json!({ "purpose": { "S": purpose }, "code_id": { "S": "x" } });
            json!({ "Records": [{ "eventName": "INSERT", "dynamodb": { "NewImage": image } }] })
        };
        for challenge in ["passkey_creation", "passkey_sign_in"] {
            assert_eq!(records(&event(challenge)).count(), 0, "{challenge}");
        }
        assert!(records(&event("reset")).all(|record| record.code.is_err()));
        assert_eq!(records(&event("reset")).count(), 1);
    }
}
