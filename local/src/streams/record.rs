//! The records of a stream, in the form that Lambda passes to functions.

use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, Record as StreamRecord, StreamViewType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// One change of a row.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Its sequence number, by which a function reports it.
    pub(super) sequence_number: String,
    /// Its shard.
    pub(super) shard: String,
    /// Its entry in an event's `Records`.
    pub(super) event: Value,
}

impl Record {
    /// Converts a record of the stream. Returns `None` without a sequence number, which DynamoDB's always have.
    pub(super) fn of(record: &StreamRecord, shard: &str, stream_arn: &str) -> Option<Self> {
        let change = record.dynamodb()?;
        let sequence_number = change.sequence_number()?.to_owned();
        let created = change.approximate_creation_date_time().map(|time| time.as_secs_f64());
        let dynamodb = [
            ("ApproximateCreationDateTime", created.map(Value::from)),
            ("Keys", change.keys().map(item)),
            ("NewImage", change.new_image().map(item)),
            ("OldImage", change.old_image().map(item)),
            ("SequenceNumber", Some(Value::from(sequence_number.as_str()))),
            ("SizeBytes", change.size_bytes().map(Value::from)),
            ("StreamViewType", change.stream_view_type().map(StreamViewType::as_str).map(Value::from)),
        ];
        let dynamodb: Map<_, _> =
            dynamodb.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let event = json!({
            "eventID": record.event_id(),
            "eventName": record.event_name().map(OperationType::as_str),
            "eventVersion": record.event_version(),
            "eventSource": "aws:dynamodb",
            "awsRegion": record.aws_region(),
            "dynamodb": dynamodb,
            "eventSourceARN": stream_arn,
        });
        Some(Self { sequence_number, shard: shard.to_owned(), event })
    }
}

fn item(item: &std::collections::HashMap<String, AttributeValue>) -> Value {
    item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Returns DynamoDB's JSON. A type that the SDK does not know becomes null.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all that is left is what the SDK does not know, and does not name"
)]
fn attribute(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Null(flag) => json!({ "NULL": flag }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        AttributeValue::M(members) => json!({ "M": item(members) }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(all) => {
            json!({ "BS": all.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<_>>() })
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodbstreams::primitives::Blob;
    use aws_sdk_dynamodbstreams::types::StreamRecord as Change;

    #[test]
    fn a_record_has_the_form_of_lambdas_events() {
        let change = Change::builder()
            .keys("id", AttributeValue::S("a".to_owned()))
            .new_image("id", AttributeValue::S("a".to_owned()))
            .new_image("n", AttributeValue::N("7".to_owned()))
            .new_image("b", AttributeValue::B(Blob::new([1, 2])))
            .new_image("m", AttributeValue::M([("on".to_owned(), AttributeValue::Bool(true))].into()))
            .sequence_number("100000000000000000001")
            .stream_view_type(StreamViewType::NewImage)
            .build();
        let record = StreamRecord::builder().event_id("e").event_name(OperationType::Insert).dynamodb(change);
        let record = Record::of(&record.build(), "shard", "arn:stream").unwrap();
        assert_eq!(record.sequence_number, "100000000000000000001");
        let event = json!({
            "eventID": "e", "eventName": "INSERT", "eventVersion": null, "eventSource": "aws:dynamodb", "awsRegion": null,
            "eventSourceARN": "arn:stream",
            "dynamodb": {
                "Keys": {"id": {"S": "a"}},
                "NewImage": {"id": {"S": "a"}, "n": {"N": "7"}, "b": {"B": "AQI="}, "m": {"M": {"on": {"BOOL": true}}}},
                "SequenceNumber": "100000000000000000001", "StreamViewType": "NEW_IMAGE",
            },
        });
        assert_eq!(record.event, event);
    }
}
