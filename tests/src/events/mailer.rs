//! The cases of `mailer`, which is called by the stream of a table.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{Fixture, Mailed, PAST};

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let case = |name, row: Value| Case {
        function: "mailer",
        name,
        event: event(row),
        expected: json!({ "batchItemFailures": [] }),
    };
    let mut nobody = fixture.code_row(Mailed::Reset);
    nobody["purpose"]["S"] = "nobody".into();
    vec![
        case("reset", fixture.code_row(Mailed::Reset)),
        case("code_over", fixture.code_row(Mailed::Over)),
        case("nobody_to_mail", nobody),
        case("broken_row", broken(fixture)),
    ]
}

/// As [`super::undeliverable`].
pub(super) fn undeliverable(fixture: &Fixture) -> [(Value, bool); 3] {
    [
        (event(fixture.code_row(Mailed::Over)), false),
        (event(broken(fixture)), false),
        (event(fixture.code_row(Mailed::Reset)), true),
    ]
}

fn broken(fixture: &Fixture) -> Value {
    let mut row = fixture.code_row(Mailed::Reset);
    row["nonce"] = json!({ "S": "none" });
    row
}

fn event(row: Value) -> Value {
    json!({ "Records": [record((row, 1))] })
}

/// A row that was put, as the stream describes it.
fn record((row, number): (Value, u32)) -> Value {
    json!({
        "eventID": format!("{number:032x}"),
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/CodesTable/stream/2026-11-01T00:00:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": PAST,
            "Keys": { "code_id": row["code_id"] },
            "NewImage": row,
            "SequenceNumber": format!("{number:021}"),
            "SizeBytes": 300,
            "StreamViewType": "NEW_IMAGE",
        },
    })
}
