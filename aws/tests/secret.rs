//! The key set in memory, with an endpoint that implements as much of Secrets Manager as a read needs.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod stub;

use std::sync::{Arc, Mutex};

use aws::secret::{KeyCache, KeyCacheError, KeyLookupError, Secret, SecretError};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use shared::Timestamp;
use shared::key_set::{Algorithm, KeySet};
use stub::{Answer, Stub};

const START: i64 = 2_000_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(START + second)
}

fn key_set(seed: u64) -> KeySet {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(seed)).expect("keys")
}

fn holds(text: &str) -> Answer {
    (200, json!({ "ARN": "a", "Name": "n", "VersionId": "v", "SecretString": text }).to_string())
}

fn fails(kind: &str) -> Answer {
    (400, json!({ "__type": kind, "Message": "no" }).to_string())
}

/// Secrets Manager with one secret, whose answer a test may change.
struct SecretsManager {
    stub: Stub,
    answer: Arc<Mutex<Answer>>,
}

impl SecretsManager {
    fn start(answer: Answer) -> Self {
        let answer = Arc::new(Mutex::new(answer));
        let given = Arc::clone(&answer);
        Self { stub: Stub::start(move |_| given.lock().expect("not poisoned").clone()), answer }
    }

    fn now(&self, answer: Answer) {
        *self.answer.lock().expect("not poisoned") = answer;
    }

    fn reads(&self) -> usize {
        self.stub.requests().len()
    }

    fn secret(&self) -> Secret {
        Secret::new(&aws::config_for(&self.stub.url), "the-secret".to_owned())
    }

    async fn keys(&self) -> KeyCache {
        KeyCache::read(self.secret(), at(0)).await.expect("a first read")
    }
}

async fn signer(keys: &KeyCache, second: i64) -> String {
    keys.current(at(second)).await.signing.key_id().to_owned()
}

#[tokio::test]
async fn the_set_is_read_once_and_again_when_it_is_old() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let keys = manager.keys().await;
    manager.now(holds(&key_set(2).to_json()));
    assert_eq!(signer(&keys, 299).await, key_set(1).signing.key_id());
    assert_eq!(manager.reads(), 1);
    assert_eq!(signer(&keys, 300).await, key_set(2).signing.key_id());
    assert_eq!(signer(&keys, 301).await, key_set(2).signing.key_id());
    assert_eq!(manager.reads(), 2);
    let request = &manager.stub.requests()[0];
    assert_eq!(request.header("x-amz-target"), Some("secretsmanager.GetSecretValue"));
    assert_eq!(request.body, r#"{"SecretId":"the-secret"}"#);
}

#[tokio::test]
async fn a_read_that_fails_leaves_the_set_as_it_was_and_is_not_repeated_at_once() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let keys = manager.keys().await;
    for bad in [fails("AccessDeniedException"), fails("ResourceNotFoundException"), holds("{}")] {
        manager.now(bad);
        let (reads, start) = (manager.reads(), 1000 * manager.reads() as i64);
        for second in [start, start + 59] {
            assert_eq!(signer(&keys, second).await, key_set(1).signing.key_id());
        }
        assert_eq!(manager.reads(), reads + 1);
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_a_minute_and_found() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let keys = manager.keys().await;
    manager.now(holds(&key_set(2).to_json()));
    let wanted = key_set(2);
    let lacks = |set: &KeySet| set.signing.key_id() != wanted.signing.key_id();
    let young = keys.knowing(lacks, at(59)).await.expect("a set");
    assert_eq!((lacks(&young), manager.reads()), (true, 1), "a set of this minute has all there is");
    let newest = keys.knowing(lacks, at(60)).await.expect("a set");
    assert_eq!((lacks(&newest), manager.reads()), (false, 2));
    keys.knowing(|_| true, at(61)).await.expect("the key is nobody's");
    keys.knowing(|_| false, at(200)).await.expect("a set");
    assert_eq!(manager.reads(), 2);
}

#[tokio::test]
async fn an_unknown_key_is_not_judged_when_the_secret_can_not_be_read() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let keys = manager.keys().await;
    manager.now(fails("AccessDeniedException"));
    for second in [100, 101, 159] {
        assert_eq!(keys.knowing(|_| true, at(second)).await.err(), Some(KeyLookupError));
        keys.knowing(|_| false, at(second)).await.expect("a known key needs no read");
    }
    assert_eq!(manager.reads(), 2);
}

#[tokio::test]
async fn requests_at_once_make_one_read() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let keys = manager.keys().await;
    let asked = || keys.knowing(|_| true, at(400));
    let (a, b, c, d) = tokio::join!(asked(), asked(), keys.current(at(400)), asked());
    assert!(a.is_ok() && b.is_ok() && d.is_ok());
    assert_eq!(c.signing.key_id(), key_set(1).signing.key_id());
    assert_eq!(manager.reads(), 2);
}

#[tokio::test]
async fn a_start_without_keys_says_why() {
    let manager = SecretsManager::start(fails("ResourceNotFoundException"));
    let read = async || KeyCache::read(manager.secret(), at(0)).await.expect_err("no keys");
    assert_eq!(read().await, SecretError::Empty);
    manager.now(fails("AccessDeniedException"));
    assert!(read().await.to_string().starts_with("Secrets Manager: "), "{}", read().await);
    manager.now(holds(r#"{"signing_keys": "a secret text"#));
    let error = read().await.to_string();
    assert!(
        error.starts_with("the secret is not a key-set document") && !error.contains("a secret"),
        "{error}"
    );
}

#[tokio::test]
async fn the_settings_say_where_the_keys_are() {
    let manager = SecretsManager::start(holds(&key_set(1).to_json()));
    let config = aws::config_for(&manager.stub.url);
    let inline = key_set(2).to_json();
    let from = async |settings: &[(&str, &str)]| {
        let lookup =
            |name: &str| settings.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        KeyCache::from_settings(&lookup, &config, at(0)).await
    };
    let secret = from(&[("KEY_SET_SECRET", "the-secret")]).await.expect("keys");
    assert_eq!(signer(&secret, 0).await, key_set(1).signing.key_id());
    let given = from(&[("KEY_SET", &inline)]).await.expect("keys");
    assert_eq!(signer(&given, 1_000_000).await, key_set(2).signing.key_id());
    given.knowing(|_| true, at(1_000_000)).await.expect("the key is nobody's");
    assert_eq!(manager.reads(), 1);
    for wrong in [&[("KEY_SET_SECRET", "a"), ("KEY_SET", &inline)][..], &[]] {
        assert!(matches!(from(wrong).await, Err(KeyCacheError::Setting(_))));
    }
}
