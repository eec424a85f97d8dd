//! The start of a function with tables.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod stub;

use std::collections::BTreeMap;

use aws::Backend;
use aws::secret::KeyCacheError;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::key_set::{Algorithm, KeySet};
use stub::Stub;

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);

/// Returns the settings of a function on Lambda whose requests to AWS all go to the stub.
fn settings(stub: &Stub, own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let lambda = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "an-id"),
        ("AWS_SECRET_ACCESS_KEY", "a-secret"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &stub.url),
        ("DYNAMODB_ENDPOINT", &stub.url),
    ];
    lambda.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn open(settings: &BTreeMap<String, String>) -> Result<Backend, KeyCacheError> {
    Backend::open(&|name| settings.get(name).cloned(), NOW).await
}

fn key_set() -> KeySet {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(1)).expect("keys")
}

#[tokio::test]
async fn a_start_reads_the_secret_and_keys_come_from_it() {
    let set = key_set().to_json();
    let stub = Stub::start(move |_| (200, json!({ "SecretString": set }).to_string()));
    let settings = settings(&stub, &[("KEY_SET_SECRET", "the-secret")]);
    let backend = open(&settings).await.expect("a backend");
    let keys = backend.keys(&|name| settings.get(name).cloned()).expect("keys");
    assert_eq!(keys.current(NOW).await.signing.key_id(), key_set().signing.key_id());
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn a_function_that_names_no_key_set_starts_without_and_has_none() {
    let stub = Stub::start(|_| (500, String::new()));
    let settings = settings(&stub, &[]);
    let backend = open(&settings).await.expect("a backend");
    let missing = backend.keys(&|name| settings.get(name).cloned()).expect_err("no keys");
    assert_eq!(missing.to_string(), "KEY_SET_SECRET is not set, nor is KEY_SET");
    assert_eq!(stub.requests().len(), 0);
}

#[tokio::test]
async fn a_start_fails_without_an_account_or_with_two_key_sets() {
    let stub = Stub::start(|_| (500, String::new()));
    let mut without = settings(&stub, &[]);
    without.remove("AWS_REGION");
    let two = settings(&stub, &[("KEY_SET_SECRET", "the-secret"), ("KEY_SET", "{}")]);
    for (settings, variable) in [(without, "AWS_REGION"), (two, "KEY_SET_SECRET")] {
        let Err(KeyCacheError::Setting(problem)) = open(&settings).await else { unreachable!("{variable}") };
        assert_eq!(problem.variable(), variable);
    }
}

#[tokio::test]
async fn the_connection_is_opened_by_reading_a_row_that_can_not_exist() {
    let one = json!({ "user_id": { "S": "-" }, "session_id": { "S": "-" } });
    for (tables, expected) in [
        (&[][..], None),
        (&[("REFRESH_TOKENS_TABLE", "r")], Some(("r", one))),
        (
            &[("REFRESH_TOKENS_TABLE", "r"), ("USERS_TABLE", "u")],
            Some(("u", json!({ "email": { "S": "-" } }))),
        ),
    ] {
        let stub = Stub::start(|_| (200, "{}".to_owned()));
        let settings = settings(&stub, tables);
        let backend = open(&settings).await.expect("a backend");
        aws::open_connection(&backend.dynamodb, &|name| settings.get(name).cloned()).await;
        let requests = stub.requests();
        let sent =
            requests.first().map(|request| serde_json::from_str::<Value>(&request.body).expect("JSON"));
        let expected = expected.map(|(table, key)| json!({ "TableName": table, "Key": key }));
        assert_eq!((requests.len(), sent), (usize::from(expected.is_some()), expected), "{tables:?}");
    }
}
