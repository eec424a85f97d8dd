//! Each fault on the wire between a function and DynamoDB: that it is what its name says, and what comes of it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Browser, Fault, Schedule, World, routes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn address(world: &World) -> String {
    world.database.url().strip_prefix("http://").unwrap().to_owned()
}

/// All that comes back for a request until the connection is closed.
async fn raw(world: &World, operation: &str, request: &Value) -> String {
    let (host, body) = (address(world), request.to_string());
    let text = format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: DynamoDB_20120810.{operation}\r\nx-amz-date: 20500101T000000Z\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=local/20500101/local/dynamodb/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-target, Signature={:064}\r\ncontent-length: {}\r\n\r\n{body}",
        0,
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut may end in an error; what came before it counts.
    let _cut = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// Refreshes as a client does: again as long as the answer is 503.
async fn refresh(browser: &mut Browser) {
    let mut answer = browser.refresh().await;
    while answer.status == 503 {
        answer = browser.refresh().await;
    }
    answer.assert_ok();
}

fn scan() -> Value {
    json!({ "TableName": SESSIONS })
}

#[tokio::test]
async fn a_cut_answer_has_its_headers_and_half_of_its_body() {
    let world = World::start().await;
    world.signed_in().await;
    let whole = raw(&world, "Scan", &scan()).await;
    let (_, whole) = whole.split_once("\r\n\r\n").unwrap();
    world.database.disturb_next("Scan", Fault::CutAnswer);
    let cut = raw(&world, "Scan", &scan()).await;
    let (head, cut) = cut.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.to_ascii_lowercase().contains(&format!("content-length: {}", whole.len())), "{head}");
    assert_eq!(cut.len(), whole.len() / 2);
}

#[tokio::test]
async fn a_request_that_is_lost_is_not_applied_and_one_with_a_lost_answer_is() {
    let world = World::start().await;
    for (fault, rows) in [(Fault::CutRequest, 0), (Fault::LostRequest, 0), (Fault::LostAnswer, 1)] {
        world.database.disturb_next("PutItem", fault.clone());
        let row = json!({ "user_id": { "S": "u" }, "session_id": { "S": "s" } });
        let put = json!({ "TableName": SESSIONS, "Item": row });
        assert_eq!(raw(&world, "PutItem", &put).await, "", "{fault:?}");
        assert_eq!(world.database.rows(SESSIONS).await.len(), rows, "{fault:?}");
    }
}

#[tokio::test]
async fn errors_have_the_status_and_the_shape_that_dynamodb_gives_them() {
    let world = World::start().await;
    for (fault, status, name) in [
        (Fault::internal_error(), "500", "InternalServerError"),
        (Fault::throughput_exceeded(), "400", "ProvisionedThroughputExceededException"),
        (Fault::throttled(), "400", "ThrottlingException"),
    ] {
        world.database.disturb_next("Scan", fault);
        let answer = raw(&world, "Scan", &scan()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert!(body["__type"].as_str().unwrap().ends_with(&format!("#{name}")), "{body}");
        assert!(body["message"].is_string());
    }
}

#[tokio::test]
async fn a_dynamodb_that_is_down_refuses_connections_and_is_there_again() {
    let world = World::start().await;
    world.database.go_down().await;
    let error = TcpStream::connect(address(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    world.database.come_back().await;
    assert!(raw(&world, "Scan", &scan()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_request_arrives_late_or_twice_when_it_says() {
    let world = World::start().await;
    // What a counter says after each request that adds one to it; none where there was no answer.
    for (fault, counted) in [
        (Fault::DeliveredLate(1), ["", "2", "3", "4"]),
        (Fault::DeliveredLate(2), ["", "1", "3", "4"]),
        (Fault::Duplicated, ["2", "3", "4", "5"]),
        (Fault::DuplicatedLater(1), ["1", "3", "4", "5"]),
        (Fault::DuplicatedLater(2), ["1", "2", "4", "5"]),
    ] {
        world.database.disturb_next("UpdateItem", fault.clone());
        for expected in counted {
            assert_eq!(count(&world, &format!("{fault:?}")).await, expected, "{fault:?}");
            // A request for another row lets nothing pass.
            count(&world, "another").await;
        }
    }
}

/// Adds one to a counter in a row.
async fn count(world: &World, row: &str) -> String {
    let add = json!({
        "TableName": SESSIONS, "Key": { "user_id": { "S": row }, "session_id": { "S": "s" } },
        "UpdateExpression": "ADD late_at :one", "ExpressionAttributeValues": { ":one": { "N": "1" } },
        "ReturnValues": "ALL_NEW",
    });
    let answer = raw(world, "UpdateItem", &add).await;
    let body = answer.split_once("\r\n\r\n").map_or("{}", |(_, body)| body);
    let body: Value = serde_json::from_str(body).unwrap();
    body["Attributes"]["late_at"]["N"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_was_to_arrive_later_can_be_delivered_at_once() {
    let world = World::start().await;
    world.database.disturb_next("UpdateItem", Fault::DeliveredLate(9));
    count(&world, "one").await;
    assert_eq!(world.database.rows(SESSIONS).await, []);
    world.database.deliver_all().await;
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g2_a_refresh_through_each_fault_is_one_rotation() {
    let world = World::start().await;
    for fault in [
        Fault::CutRequest,
        Fault::CutAnswer,
        Fault::Delayed(Duration::from_millis(5)),
        Fault::Duplicated,
        Fault::DuplicatedLater(1),
        Fault::DuplicatedLater(2),
        Fault::DeliveredLate(1),
        Fault::Refused(Duration::from_millis(1)),
        Fault::throughput_exceeded(),
        Fault::throttled(),
    ] {
        let mut browser = world.signed_in().await;
        let mut tab = browser.clone();
        world.database.disturb_next("UpdateItem", fault.clone());
        refresh(&mut browser).await;
        assert_eq!(world.number(&browser, "generation").await, 1, "{fault:?}");
        refresh(&mut tab).await;
        assert!(tab.tokens().refresh_token == browser.tokens().refresh_token, "{fault:?}");
        for generation in 2..5 {
            refresh(&mut browser).await;
            assert_eq!(world.number(&browser, "generation").await, generation, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn while_dynamodb_is_down_routes_answer_503_and_every_session_survives() {
    let world = World::start().await;
    let mut browsers = Vec::new();
    for _ in 0..2 {
        browsers.push(world.signed_in().await);
    }
    world.database.go_down().await;
    for browser in &browsers {
        routes::assert_each_without_dynamodb(browser).await;
        world.clock.advance(Seconds(5));
    }
    assert_eq!(world.database.take_requests(), [""; 0]);
    world.database.come_back().await;
    for browser in &mut browsers {
        refresh(browser).await;
        assert_eq!(world.number(browser, "generation").await, 1);
    }
}

#[test]
fn a_seed_brings_the_same_faults_and_every_kind_of_them() {
    let of = |seed, number| {
        let mut schedule = Schedule::new(seed, number);
        (0..2000).map(move |_| schedule.next_fault()).collect::<Vec<_>>()
    };
    assert_eq!(of(7, 3), of(7, 3));
    assert_ne!(of(7, 3), of(7, 4));
    assert_ne!(of(7, 3), of(8, 3));
    let faults: Vec<_> = of(7, 3).into_iter().flatten().collect();
    assert!((300..500).contains(&faults.len()), "{}", faults.len());
    let kinds: BTreeSet<_> = faults.iter().map(Fault::kind).collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
}
