//! Every request is answered, whatever happens. These tests need no stateful Secrets Manager.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod support;

use std::sync::{Arc, Mutex};

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::key_set::{Algorithm, KeySet};
use support::stub::{Answer, Request, Stub};
use support::{Stack, data, reason};

fn holds(text: &str) -> Answer {
    (200, json!({ "ARN": "a", "Name": "n", "VersionId": "v", "SecretString": text }).to_string())
}

fn fails(kind: &str) -> Answer {
    (400, json!({ "__type": kind, "Message": "it says why" }).to_string())
}

fn is_write(request: &Request) -> bool {
    request.header("x-amz-target") == Some("secretsmanager.PutSecretValue")
}

/// Returns a Secrets Manager that answers `read` and `write`, and a stack whose URL answers 200.
fn stack(read: Answer, write: Answer) -> (Stub, Stack) {
    let manager = Stub::start(move |request| if is_write(request) { write.clone() } else { read.clone() });
    let stack = Stack::new(aws::config_for(&manager.url), 200);
    (manager, stack)
}

fn stored() -> String {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(1)).expect("keys").to_json()
}

#[tokio::test]
async fn a_deletion_touches_nothing_and_succeeds() {
    let (manager, mut stack) = stack(fails("InternalServiceError"), fails("InternalServiceError"));
    let mut event = stack.event("Delete", &[]);
    event["ResourceProperties"] = json!({});
    let answer = stack.answer_to(&event).await;
    assert_eq!((&answer["Status"], answer.get("Data")), (&json!("SUCCESS"), None));
    assert_eq!(manager.requests().len(), 0);
}

#[tokio::test]
async fn a_placeholder_becomes_a_key_set_under_the_id_of_the_request() {
    for placeholder in ["{}", "", " {}\n"] {
        let (manager, mut stack) = stack(holds(placeholder), holds(""));
        let event = stack.event("Create", &[]);
        let (signer, published) = data(&stack.answer_to(&event).await);
        assert_eq!((published.len(), published[0] == signer), (2, true));
        let write: Value =
            serde_json::from_str(&manager.requests().pop().expect("a write").body).expect("JSON");
        assert_eq!(write["ClientRequestToken"], event["RequestId"]);
        let written = KeySet::parse(write["SecretString"].as_str().expect("a text")).expect("a key set");
        assert_eq!(written.signing.key_id(), signer);
    }
}

#[tokio::test]
async fn another_algorithm_is_published_and_the_old_key_signs_until_the_next_rotation() {
    let manager = Stub::start({
        let secret = Mutex::new("{}".to_owned());
        move |request| {
            let mut secret = secret.lock().expect("not poisoned");
            if is_write(request) {
                let write: Value = serde_json::from_str(&request.body).expect("JSON");
                write["SecretString"].as_str().expect("a text").clone_into(&mut secret);
            }
            holds(&secret)
        }
    });
    let mut stack = Stack::new(aws::config_for(&manager.url), 200);
    let (first, _) = data(&stack.request("Create", &[]).await);
    let answer = stack.request("Update", &[("SigningAlgorithm", "RS256")]).await;
    let keys: Value =
        serde_json::from_str(answer["Data"]["PublicKeys"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&keys["keys"][0]["alg"], &keys["keys"][1]["alg"]), (&json!("ES256"), &json!("RS256")));
    let (signer, published) = data(&answer);
    assert_eq!((&signer, &published[0]), (&first, &first), "nobody knows the new key yet");
    let rotated = [("SigningAlgorithm", "RS256"), ("KeyRotation", "2")];
    let (signer, after) = data(&stack.request("Update", &rotated).await);
    assert_eq!(signer, published[1]);
    assert!(after.contains(&first), "what it has signed stays good");
}

#[tokio::test]
async fn unusable_properties_fail_the_request_before_the_secret_is_read() {
    let (manager, mut stack) = stack(holds("{}"), holds(""));
    let answer = stack.request("Update", &[("RevokeKeys", "everything")]).await;
    assert!(reason(&answer).starts_with("RevokeKeys: "), "{answer}");
    assert_eq!(manager.requests().len(), 0);
}

#[tokio::test]
async fn what_is_stored_and_not_understood_is_left_alone_and_not_repeated() {
    let secret = stored();
    for damaged in [&secret[..secret.len() / 2], "a password", "[]", r#"{"password":"hunter2"}"#] {
        let (manager, mut stack) = stack(holds(damaged), holds(""));
        let reason = reason(&stack.request("Update", &[]).await);
        assert!(reason.starts_with("the stored key set is not a key-set document"), "{reason}");
        assert!(!reason.contains("password") && !manager.requests().iter().any(is_write));
    }
}

#[tokio::test]
async fn an_error_of_secrets_manager_is_the_reason() {
    for (read, write) in [
        (fails("AccessDeniedException"), holds("")),
        (fails("ResourceNotFoundException"), fails("ResourceNotFoundException")),
        (holds("{}"), fails("LimitExceededException")),
    ] {
        let (_manager, mut stack) = stack(read, write);
        let reason = reason(&stack.request("Create", &[]).await);
        assert!(reason.starts_with("Secrets Manager: ") && reason.contains("it says why"), "{reason}");
    }
}

#[tokio::test]
async fn secrets_manager_that_is_down_fails_the_request() {
    let mut stack = Stack::new(aws::config_for("http://127.0.0.1:1"), 200);
    assert!(reason(&stack.request("Create", &[]).await).starts_with("Secrets Manager: "));
}

#[tokio::test]
async fn of_two_invocations_for_one_request_the_later_takes_what_is_stored() {
    let reads = Mutex::new(0);
    let theirs = stored();
    let step = |signing: &KeySet| json!([{ "value": "1", "signing_key": signing.signing.key_id(), "refresh_token_key": 1, "data_key": 1 }]);
    let mut theirs_with_step: Value = serde_json::from_str(&theirs).expect("JSON");
    let parsed = KeySet::parse(&theirs).expect("a key set");
    theirs_with_step["rotations"] = step(&parsed);
    theirs_with_step["longest_session"] = json!(2_592_000);
    let manager = Stub::start(move |request| {
        let mut reads = reads.lock().expect("not poisoned");
        if is_write(request) {
            return fails("ResourceExistsException");
        }
        *reads += 1;
        if *reads == 1 { holds("{}") } else { holds(&theirs_with_step.to_string()) }
    });
    let mut stack = Stack::new(aws::config_for(&manager.url), 200);
    let (signer, _) = data(&stack.request("Create", &[]).await);
    assert_eq!(signer, parsed.signing.key_id());
    assert_eq!(manager.requests().iter().filter(|request| is_write(request)).count(), 1);
}

#[tokio::test]
async fn a_url_that_refuses_is_an_error_after_some_tries() {
    let manager = Stub::start(|_| holds(&stored()));
    let mut stack = Stack::new(aws::config_for(&manager.url), 403);
    let event = stack.event("Update", &[]);
    let error = stack.send(&event).await.expect_err("nobody was told").to_string();
    assert_eq!(error, "the answer is refused with status 403 Forbidden");
    assert_eq!(stack.url.requests().len(), 3);
}

#[tokio::test]
async fn a_url_that_never_responds_or_is_not_there_is_an_error_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent = format!("http://{}/", silent.local_addr().expect("an address"));
    let mut stack = Stack::new(aws::config_for("http://127.0.0.1:1"), 200);
    for (url, expected) in [
        (silent.as_str(), "the answer can't be sent: no response in time"),
        ("http://127.0.0.1:1/", "the answer can't be sent: no connection"),
        ("https://127.0.0.1:1/", "the answer can't be sent: no connection"),
        ("not a url", "the answer can't be sent: its URL is not one"),
    ] {
        let mut event = stack.event("Delete", &[]);
        event["ResponseURL"] = json!(url);
        let error = stack.send(&event).await.expect_err("nobody was told").to_string();
        assert_eq!(error, expected, "{url}");
    }
}

#[tokio::test]
async fn a_url_that_fails_once_gets_the_same_answer_again() {
    let (_manager, mut stack) = stack(holds(&stored()), holds(""));
    let tries = Arc::new(Mutex::new(0));
    let count = Arc::clone(&tries);
    stack.url = Stub::start(move |_| {
        let mut tries = count.lock().expect("not poisoned");
        *tries += 1;
        (if *tries == 1 { 503 } else { 200 }, String::new())
    });
    data(&stack.request("Update", &[]).await);
    let received = stack.url.requests();
    assert_eq!((received.len(), received[0].body == received[1].body), (2, true));
}

#[tokio::test]
async fn an_event_that_says_no_url_is_an_error() {
    let stack = Stack::new(aws::config_for("http://127.0.0.1:1"), 200);
    for event in [json!(null), json!([]), json!({ "RequestType": "Create" }), json!({ "ResponseURL": 1 })] {
        let error = stack.send(&event).await.expect_err("nobody to tell").to_string();
        assert_eq!(error, "the event is no request for a custom resource");
    }
}
