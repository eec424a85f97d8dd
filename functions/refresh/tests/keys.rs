//! A key that the set in memory lacks: the set is read again before a token is refused. Secrets Manager and DynamoDB are
//! stubs here with fixed answers and no state.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

#[path = "../../../aws/tests/stub/mod.rs"]
mod stub;

use std::sync::{Arc, Mutex};

use aws::Backend;
use aws::secret::{KeyCache, Secret};
use rand::SeedableRng;
use rand::rngs::StdRng;
use runtime::{Body, Request};
use serde_json::{Value, json};
use shared::ids::{SessionId, UserId};
use shared::key_set::rotation::{Change, apply, key_names};
use shared::key_set::{Algorithm, KeySet};
use shared::refresh_token::{Generation, Nonce, RefreshToken};
use shared::{Invocation, Seconds, Stopwatch, Timestamp};
use stub::{Answer, Stub};

const START: i64 = 2_000_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(START + second)
}

/// The sets that a stack has had, in order.
struct History {
    first: KeySet,
    /// Every key of the first set was revoked, so all keys of this one are unknown to it.
    replaced: KeySet,
}

impl History {
    fn new() -> Self {
        let mut rng = StdRng::seed_from_u64(1);
        let mut change = |stored: Option<&str>, revoke: &str| {
            let names = key_names(revoke).expect("names");
            let change = Change {
                step: "1",
                revoke: &names,
                algorithm: Algorithm::ES256,
                longest_session: Seconds(1000),
                now: at(0),
            };
            apply(stored, &change, &mut rng).expect("a set").set
        };
        let first = change(None, "");
        let replaced = change(Some(&first.to_json()), "1,2");
        Self { first, replaced }
    }
}

/// A function that has read the first set at the start, and what it talks to.
struct Function {
    app: refresh::App,
    manager: Stub,
    dynamodb: Stub,
}

impl Function {
    /// After its start Secrets Manager answers `later`. DynamoDB knows the newest token of the session.
    async fn start(first: &KeySet, later: Answer, newest: &RefreshToken) -> Self {
        let answer = Arc::new(Mutex::new(secret(first)));
        let given = Arc::clone(&answer);
        let manager = Stub::start(move |_| given.lock().expect("not poisoned").clone());
        let failed = json!({ "__type": "ConditionalCheckFailedException", "Item": row(newest) }).to_string();
        let dynamodb = Stub::start(move |_| (400, failed.clone()));
        let secret = Secret::new(&aws::config_for(&manager.url), "s".to_owned());
        let keys = KeyCache::read(secret, at(0)).await.expect("the first set");
        *answer.lock().expect("not poisoned") = later;
        let lookup = |name: &str| {
            matches!(name, "ISSUER" | "AUDIENCE" | "CLIENT_ID" | "REFRESH_TOKENS_TABLE")
                .then(|| "x".to_owned())
        };
        let app = refresh::App::new(&lookup, Backend::with_keys(aws::client_for(&dynamodb.url), keys))
            .expect("settings");
        Self { app, manager, dynamodb }
    }

    /// Status and body.
    async fn refresh(&self, token: &str, second: i64) -> (u16, Value) {
        let body = Body::from(json!({ "refresh_token": token }).to_string());
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        request.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
        let invocation =
            Invocation { now: at(second), rng: StdRng::seed_from_u64(2), stopwatch: Stopwatch::STOPPED };
        let response = refresh::handle(&self.app, request, invocation).await;
        (response.status().as_u16(), serde_json::from_str(response.body()).expect("JSON"))
    }
}

fn secret(set: &KeySet) -> Answer {
    (200, json!({ "SecretString": set.to_json() }).to_string())
}

fn token(keys: &KeySet, generation: u32) -> RefreshToken {
    RefreshToken {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        key_id: keys.refresh.current(),
        generation: Generation::new(generation).expect("a generation"),
        nonce: Nonce::from_bytes([u8::try_from(generation).expect("a small one"); 12]),
    }
}

fn text(token: &RefreshToken, keys: &KeySet) -> String {
    token.to_text(&keys.refresh).expect("a known key").expose().to_owned()
}

/// A session that was refreshed a second ago, from generation 0 to 1.
fn row(newest: &RefreshToken) -> Value {
    // Base64 of twelve bytes 0, and of twelve bytes 1.
    let nonces = ["AAAAAAAAAAAAAAAA", "AQEBAQEBAQEBAQEB"];
    let millis = |second: i64| json!({ "N": at(second).millis().to_string() });
    json!({
        "user_id": { "S": newest.user_id.to_string() }, "session_id": { "S": newest.session_id.to_string() },
        "generation": { "N": "1" }, "nonce": { "B": nonces[1] }, "previous_nonce": { "B": nonces[0] },
        "key_id": { "N": newest.key_id.0.to_string() },
        "superseded_1": millis(99), "superseded_2": { "N": "0" }, "superseded_3": { "N": "0" },
        "late_replays": { "N": "0" }, "late_at": { "N": "0" }, "created_at": millis(0), "ends_at": millis(5000),
        "expires_at": { "N": at(5000).seconds().to_string() },
        "email": { "S": "a@b" }, "name": { "S": "a" }, "roles": { "L": [] },
        "user_agent": { "S": "" }, "source_ip": { "S": "" }
    })
}

#[tokio::test]
async fn a_token_of_a_key_that_is_newer_than_the_set_in_memory_is_refreshed() {
    let History { first, replaced } = History::new();
    let newest = token(&replaced, 1);
    let function = Function::start(&first, secret(&replaced), &newest).await;
    let (status, body) = function.refresh(&text(&token(&replaced, 0), &replaced), 100).await;
    assert_eq!((status, &body["refresh_token"]), (200, &json!(text(&newest, &replaced))), "{body}");
    assert_eq!((function.manager.requests().len(), function.dynamodb.requests().len()), (2, 1));
}

#[tokio::test]
async fn a_row_of_a_key_that_is_newer_than_the_set_in_memory_is_replayed() {
    let History { replaced, .. } = History::new();
    // The presented token has a retired key that both sets contain; another function has moved the session forward.
    let change = Change {
        step: "2",
        revoke: &[],
        algorithm: Algorithm::ES256,
        longest_session: Seconds(1000),
        now: at(0),
    };
    let rotated =
        apply(Some(&replaced.to_json()), &change, &mut StdRng::seed_from_u64(3)).expect("a set").set;
    let change = Change { step: "3", ..change };
    let twice = apply(Some(&rotated.to_json()), &change, &mut StdRng::seed_from_u64(4)).expect("a set").set;
    let (presented, newest) = (token(&replaced, 0), token(&twice, 1));
    assert!(!replaced.refresh.has(newest.key_id));
    let function = Function::start(&replaced, secret(&twice), &newest).await;
    let (status, body) = function.refresh(&text(&presented, &replaced), 100).await;
    assert_eq!((status, &body["refresh_token"]), (200, &json!(text(&newest, &twice))), "{body}");
}

#[tokio::test]
async fn a_token_of_a_revoked_key_is_refused_without_a_request_to_dynamodb() {
    let History { first, replaced } = History::new();
    let newest = token(&first, 1);
    let function = Function::start(&first, secret(&replaced), &newest).await;
    for second in [300, 301] {
        let (status, body) = function.refresh(&text(&newest, &first), second).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    }
    assert_eq!((function.manager.requests().len(), function.dynamodb.requests().len()), (2, 0));
}

#[tokio::test]
async fn a_session_whose_newest_token_is_of_a_revoked_key_is_refused() {
    let History { first, replaced } = History::new();
    let function = Function::start(&replaced, secret(&replaced), &token(&first, 1)).await;
    let (status, body) = function.refresh(&text(&token(&replaced, 0), &replaced), 100).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
}

#[tokio::test]
async fn nobody_is_refused_for_an_unknown_key_while_the_secret_can_not_be_read() {
    let History { first, replaced } = History::new();
    let newest = token(&replaced, 1);
    let down = (400, json!({ "__type": "AccessDeniedException" }).to_string());
    let function = Function::start(&first, down, &newest).await;
    for second in [100, 101] {
        let (status, body) = function.refresh(&text(&newest, &replaced), second).await;
        assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")), "{body}");
    }
    assert_eq!((function.manager.requests().len(), function.dynamodb.requests().len()), (2, 0));
}
