//! The embedded DynamoDB and Amazon's DynamoDB Local: what Ratchet relies on is the same in both, and where they differ
//! is written down here and in `tests/README.md`. No other test asks which engine it runs on.

use serde_json::{Value, json};
use tests::dynamodb::{SESSIONS, USERS};
use tests::{Database, Engine, TestClock, project};
use tokio::task::JoinSet;

/// A row by which everything is tried.
fn key() -> Value {
    json!({ "user_id": { "S": "u" }, "session_id": { "S": "s" } })
}

fn row(members: &Value) -> Value {
    let mut row = key();
    row.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    row
}

async fn database() -> Database {
    Database::start(&TestClock::default()).await
}

/// A table with one row: generation 1.
async fn with_row() -> Database {
    let database = database().await;
    put(&database, &json!({ "generation": { "N": "1" }, "superseded_1": { "N": "5" } })).await;
    database
}

async fn put(database: &Database, members: &Value) {
    database.call("PutItem", &json!({ "TableName": SESSIONS, "Item": row(members) })).await;
}

/// An answer: its status, the name of the error if it is one, and its JSON.
struct Told {
    status: u16,
    error: String,
    json: Value,
}

impl Told {
    fn text(&self) -> String {
        let text = self.json.get("message").or(self.json.get("Message"));
        text.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

async fn ask(database: &Database, operation: &str, request: &Value) -> Told {
    let mut request = request.clone();
    if request.get("TransactItems").is_none() {
        request["TableName"] = SESSIONS.into();
    }
    let answer = database.ask_as(database.access_key(), operation, &request.to_string()).await;
    told(answer)
}

fn told((status, json): (u16, Value)) -> Told {
    let name = json["__type"].as_str().unwrap_or_default();
    Told { status, error: name.rsplit('#').next().unwrap_or_default().to_owned(), json }
}

fn update(condition: &str, change: &str, values: &Value) -> Value {
    json!({
        "Key": key(), "ConditionExpression": condition, "UpdateExpression": change,
        "ExpressionAttributeValues": values,
        "ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    })
}

fn set(change: &str, values: &Value) -> Value {
    let mut request = update("", change, values);
    request.as_object_mut().unwrap().remove("ConditionExpression");
    request
}

fn transaction(token: &str, members: &Value, condition: &str) -> Value {
    let other = json!({ "user_id": { "S": "u" }, "session_id": { "S": "other" } });
    json!({ "ClientRequestToken": token, "TransactItems": [
        { "Put": { "TableName": SESSIONS, "Item": row(members), "ConditionExpression": condition } },
        { "Put": { "TableName": SESSIONS, "Item": other } },
    ] })
}

#[tokio::test]
async fn a_failed_condition_returns_the_row_and_an_update_reads_the_old_values() {
    let database = with_row().await;
    let condition = "generation = :presented";
    let change = "SET generation = :next, superseded_2 = superseded_1, superseded_1 = :next";
    let values = |presented: &str| json!({ ":presented": { "N": presented }, ":next": { "N": "2" } });

    let failed = ask(&database, "UpdateItem", &update(condition, change, &values("7"))).await;
    assert_eq!((failed.status, failed.error.as_str()), (400, "ConditionalCheckFailedException"));
    let before = row(&json!({ "generation": { "N": "1" }, "superseded_1": { "N": "5" } }));
    assert_eq!(failed.json["Item"], before);

    let written = ask(&database, "UpdateItem", &update(condition, change, &values("1"))).await;
    let two =
        json!({ "generation": { "N": "2" }, "superseded_1": { "N": "2" }, "superseded_2": { "N": "5" } });
    assert_eq!((written.status, &written.json["Attributes"]), (200, &row(&two)));

    database.call("DeleteItem", &json!({ "TableName": SESSIONS, "Key": key() })).await;
    let none = ask(&database, "UpdateItem", &update(condition, change, &values("1"))).await;
    assert_eq!((none.error.as_str(), none.json.get("Item")), ("ConditionalCheckFailedException", None));
}

#[tokio::test]
async fn what_an_expression_may_not_say_is_refused() {
    let database = with_row().await;
    let n = json!({ ":n": { "N": "1" } });
    for (request, part) in [
        (
            set("SET generation = :n, superseded_3 = superseded_2", &n),
            "attribute that does not exist in the item",
        ),
        (set("SET generation = :n", &json!({ ":n": { "N": "1" }, ":x": { "N": "1" } })), "keys: {:x}"),
        (set("SET generation = :n, late_at = :m", &n), "attribute value: :m"),
        (set("SET name = :n", &n), "reserved keyword: name"),
        (set("SET user_id = :n", &n), "This attribute is part of the key"),
        (set("SET generation = :n", &json!({ ":n": { "S": "x".repeat(409_600) } })), "maximum allowed size"),
    ] {
        let refused = ask(&database, "UpdateItem", &request).await;
        assert_eq!((refused.status, refused.error.as_str()), (400, "ValidationException"), "{part}");
        assert!(refused.text().contains(part), "{}", refused.json);
    }
}

#[tokio::test]
async fn empty_texts_are_values_and_no_keys() {
    let database = with_row().await;
    let written = ask(&database, "UpdateItem", &set("SET email = :e", &json!({ ":e": { "S": "" } }))).await;
    assert_eq!(written.json["Attributes"]["email"], json!({ "S": "" }));
    let no_key = json!({ "Key": { "user_id": { "S": "" }, "session_id": { "S": "s" } } });
    let refused = ask(&database, "GetItem", &no_key).await;
    assert_eq!((refused.status, refused.error.as_str()), (400, "ValidationException"));
}

/// Ratchet writes whole numbers without leading zeros, which are the same in every spelling.
#[tokio::test]
async fn a_number_keeps_the_spelling_of_an_update_in_one_engine_alone() {
    let database = with_row().await;
    let odd = set("SET late_at = :n", &json!({ ":n": { "N": "0012.50" } }));
    let written = ask(&database, "UpdateItem", &odd).await;
    let expected = match database.engine() {
        Engine::Embedded => "12.5",
        Engine::DynamoDbLocal => "0012.50",
    };
    assert_eq!(written.json["Attributes"]["late_at"]["N"], expected);
    let read = database.call("GetItem", &json!({ "TableName": SESSIONS, "Key": key() })).await;
    assert_eq!(read["Item"]["late_at"]["N"], expected);
    // A put spells it anew in both.
    put(&database, &json!({ "late_at": { "N": "0012.50" } })).await;
    let read = database.call("GetItem", &json!({ "TableName": SESSIONS, "Key": key() })).await;
    assert_eq!(read["Item"]["late_at"]["N"], "12.5");
}

#[tokio::test]
async fn a_repeated_transaction_is_one_and_says_which_condition_failed() {
    let database = database().await;
    let is_new = "attribute_not_exists(session_id)";
    let one = transaction("one", &json!({}), is_new);
    for _ in 0..2 {
        assert_eq!(ask(&database, "TransactWriteItems", &one).await.status, 200);
    }
    let other = transaction("one", &json!({ "generation": { "N": "1" } }), is_new);
    let refused = ask(&database, "TransactWriteItems", &other).await;
    assert_eq!(refused.error, "IdempotentParameterMismatchException");
    let cancelled = ask(&database, "TransactWriteItems", &transaction("two", &json!({}), is_new)).await;
    assert_eq!((cancelled.status, cancelled.error.as_str()), (400, "TransactionCanceledException"));
    let codes: Vec<_> =
        cancelled.json["CancellationReasons"].as_array().unwrap().iter().map(|r| &r["Code"]).collect();
    assert_eq!(codes, ["ConditionalCheckFailed", "None"]);
}

/// DynamoDB itself may cancel them with `TransactionConflict`; neither engine ever does, so that is a fault of the
/// proxy's (`a_transaction_that_met_another_is_tried_again`).
#[tokio::test]
async fn transactions_at_once_never_conflict_in_either_engine() {
    let database = std::sync::Arc::new(database().await);
    let mut transactions = JoinSet::new();
    for number in 0..50 {
        let database = std::sync::Arc::clone(&database);
        transactions.spawn(async move {
            let request = transaction(&format!("t{number}"), &json!({}), "attribute_not_exists(generation)");
            ask(&database, "TransactWriteItems", &request).await.status
        });
    }
    assert_eq!(transactions.join_all().await, [200; 50]);
}

#[tokio::test]
async fn errors_name_their_text_differently() {
    let database = with_row().await;
    let unused = set("SET generation = :n", &json!({ ":n": { "N": "1" }, ":x": { "N": "1" } }));
    let refused = ask(&database, "UpdateItem", &unused).await;
    let said = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}";
    let expected = match database.engine() {
        Engine::Embedded => json!({ "message": format!("1 validation error detected: {said}") }),
        Engine::DynamoDbLocal => json!({ "Message": said }),
    };
    let mut actual = refused.json;
    actual.as_object_mut().unwrap().remove("__type");
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn a_table_that_is_not_there_and_a_body_that_is_no_json() {
    let database = database().await;
    let unknown = json!({ "TableName": "Nowhere", "Key": key() }).to_string();
    let unknown = told(database.ask_as(database.access_key(), "GetItem", &unknown).await);
    let malformed = told(database.ask_as(database.access_key(), "GetItem", "{").await);
    let (text, status, error) = match database.engine() {
        Engine::Embedded => ("Requested resource not found", 400, "SerializationException"),
        Engine::DynamoDbLocal => ("Cannot do operations on a non-existent table", 500, "InternalFailure"),
    };
    assert_eq!((unknown.error.as_str(), unknown.text().as_str()), ("ResourceNotFoundException", text));
    assert_eq!((malformed.status, malformed.error.as_str()), (status, error));
}

#[tokio::test]
async fn tables_are_kept_apart_by_access_key_in_one_engine_alone() {
    let database = with_row().await;
    let get = json!({ "TableName": SESSIONS, "Key": key() }).to_string();
    let stranger = told(database.ask_as("Stranger", "GetItem", &get).await);
    let odd = told(database.ask_as("with-a-dash", "GetItem", &get).await);
    let expected = match database.engine() {
        Engine::Embedded => ("", ""),
        Engine::DynamoDbLocal => ("ResourceNotFoundException", "UnrecognizedClientException"),
    };
    assert_eq!((stranger.error.as_str(), odd.error.as_str()), expected);
}

#[tokio::test]
async fn time_to_live_is_enabled_again_in_one_engine_alone() {
    let database = database().await;
    let enable = json!({ "TimeToLiveSpecification": { "AttributeName": "expires_at", "Enabled": true } });
    let told = ask(&database, "UpdateTimeToLive", &enable).await;
    let expected = match database.engine() {
        Engine::Embedded => (200, ""),
        // As AWS: which is why the local server asks for the state first.
        Engine::DynamoDbLocal => (400, "TimeToLive is already enabled"),
    };
    assert_eq!((told.status, told.text().as_str()), expected);
}

#[tokio::test]
async fn a_new_table_and_a_failed_check_are_told_differently() {
    let database = database().await;
    let create = json!({
        "TableName": "Another", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
    });
    let created = database.call("CreateTable", &create).await;
    let check = json!({ "TransactItems": [{ "ConditionCheck": {
        "TableName": SESSIONS, "Key": key(), "ConditionExpression": "attribute_exists(generation)",
    } }] });
    let cancelled = ask(&database, "TransactWriteItems", &check).await;
    let expected = match database.engine() {
        Engine::Embedded => ("CREATING", "The conditional request failed"),
        Engine::DynamoDbLocal => ("ACTIVE", "The conditional request failed."),
    };
    assert_eq!(created["TableDescription"]["TableStatus"], expected.0);
    assert_eq!(cancelled.json["CancellationReasons"][0]["Message"], expected.1);
}

#[tokio::test]
async fn a_delete_says_its_cost_unasked_in_one_engine_alone() {
    let database = database().await;
    let answer = database.call("DeleteItem", &json!({ "TableName": SESSIONS, "Key": key() })).await;
    assert_eq!(answer.get("ConsumedCapacity").is_some(), database.engine() == Engine::DynamoDbLocal);
}

/// Pages end elsewhere, and the pages together are the same.
#[tokio::test]
async fn a_transaction_over_two_tables_is_reported_twice_as_dear_in_one_engine() {
    let database = database().await;
    let put = |table: &str, row: Value| json!({ "Put": { "TableName": table, "Item": row } });
    let request = json!({ "ReturnConsumedCapacity": "TOTAL", "TransactItems": [
        put(SESSIONS, key()), put(USERS, json!({ "email": { "S": "e" } })),
    ] });
    let answer = ask(&database, "TransactWriteItems", &request).await;
    let expected = match database.engine() {
        Engine::Embedded => [2.0, 2.0],
        Engine::DynamoDbLocal => [4.0, 4.0],
    };
    let tables = answer.json["ConsumedCapacity"].as_array().unwrap();
    let units: Vec<_> = tables.iter().map(|table| table["CapacityUnits"].as_f64().unwrap()).collect();
    assert_eq!(units, expected);
}

#[tokio::test]
async fn a_page_ends_before_the_row_that_is_too_much_or_after_it() {
    let database = database().await;
    for number in 0..5 {
        let item = json!({ "user_id": { "S": "u" }, "session_id": { "S": number.to_string() },
            "name": { "S": "x".repeat(390_000) } });
        database.call("PutItem", &json!({ "TableName": SESSIONS, "Item": item })).await;
    }
    let (mut pages, mut start) = (Vec::new(), Value::Null);
    loop {
        let mut query = json!({ "TableName": SESSIONS, "KeyConditionExpression": "user_id = :u",
            "ExpressionAttributeValues": { ":u": { "S": "u" } }, "ProjectionExpression": "session_id" });
        if !start.is_null() {
            query["ExclusiveStartKey"] = start;
        }
        let page = database.call("Query", &query).await;
        pages.push(page["Items"].as_array().unwrap().len());
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            break;
        }
    }
    let expected: &[usize] = match database.engine() {
        Engine::Embedded => &[2, 2, 1],
        Engine::DynamoDbLocal => &[3, 2],
    };
    assert_eq!(pages, expected);
}

/// What differs is asserted above, once. A test elsewhere that asked would be two tests, of which each run skips one.
#[test]
fn no_other_test_asks_which_engine_it_runs_on() {
    let (mut directories, mut files) = (vec![project::path("tests/tests")], 0);
    while let Some(directory) = directories.pop() {
        for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(path.ends_with("engines.rs") || !text.contains(".engine()"), "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 40, "{files}");
}
