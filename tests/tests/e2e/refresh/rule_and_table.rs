//! The rule says "rotate" exactly when the conditional write applies, for every age of a row and a token, and both make
//! the same row of it.
//!
//! The rule is `shared::session::decide`; the write is one `UpdateItem` of `aws::sessions` on a real table. They are
//! written down twice, in two languages, so they are compared over a grid.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::authentication::AuthenticationMethods;
use shared::conditional_write::ConditionalWrite;
use shared::ids::{SessionId, UserId};
use shared::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use shared::retry_key::RetryKeyHash;
use shared::session::{
    Attempt, Device, LateReplay, Limits, Profile, ProfileUpdate, ProvenReplay, RefreshDecision, Rotation,
    Session, decide,
};
use shared::{Seconds, Timestamp};
use tests::dynamodb::SESSIONS;
use tests::{Database, Row, START, TestClock};
use tokio::task::JoinSet;

use aws::sessions::Sessions;

const GENERATION: u32 = 10;
const CURRENT: Nonce = Nonce::from_bytes([1; 12]);
const PREVIOUS: Nonce = Nonce::from_bytes([2; 12]);
const OTHER: Nonce = Nonce::from_bytes([3; 12]);
/// What this request would write, or has written already.
const FRESH: Nonce = Nonce::from_bytes([4; 12]);
const IDLE: Seconds = Seconds(100);
/// What the newest rotation came with, and what another request comes with.
const KEY: RetryKeyHash = RetryKeyHash::from_bytes([5; 16]);
const OTHER_KEY: RetryKeyHash = RetryKeyHash::from_bytes([6; 16]);
const LIMITS: Limits = Limits { retry: Seconds(5), grace: Seconds(600), late_replays: 3 };

/// At a full second, within one, and at its last millisecond.
fn times() -> [Timestamp; 3] {
    let second = START.seconds() * 1000;
    [second, second + 250, second + 999].map(Timestamp::from_millis)
}

/// Rows of every age at `now`: nonces, idle end, absolute end.
fn rows(now: Timestamp) -> Vec<Session> {
    let mut rows = Vec::new();
    for (nonce, previous_nonce) in [
        (CURRENT, None),
        (CURRENT, Some(PREVIOUS)),
        (CURRENT, Some(OTHER)),
        (CURRENT, Some(FRESH)),
        (FRESH, Some(CURRENT)),
    ] {
        for idle_left in [-1, 0, 1] {
            for left in [-1, 0, 1] {
                rows.push(Session {
                    nonce,
                    previous_nonce,
                    expires_at: Timestamp::from_seconds(now.seconds() + idle_left),
                    ends_at: Timestamp::from_millis(now.millis() + left),
                    ..row(now)
                });
            }
        }
    }
    rows
}

fn row(now: Timestamp) -> Session {
    let ago = |seconds: i64| Timestamp::from_millis(now.millis() - seconds * 1000);
    Session {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::random(&mut tests::rng()),
        generation: Generation::new(GENERATION).unwrap(),
        nonce: CURRENT,
        previous_nonce: None,
        key_id: RefreshKeyId(1),
        superseded: [ago(60), ago(120), ago(180)],
        late_replays: 2,
        late_at: ago(30),
        attempts: [None, None, attempt(KEY, GENERATION - 2)],
        proven_replays: 0,
        proven_at: Timestamp::default(),
        created_at: ago(3600),
        ends_at: now,
        // A whole second, as the TTL attribute holds it.
        expires_at: Timestamp::from_seconds(now.seconds()),
        amr: AuthenticationMethods::PASSWORD,
        authenticated_at: ago(1800),
        profile: Profile {
            email: "a@b.example".into(),
            name: "Ada".into(),
            roles: vec!["admin".parse().unwrap()],
            claims: shared::custom_claims::CustomClaims::default(),
            email_verified: false,
            account_version: Some(1),
        },
        device: Device { user_agent: "Browser/1".into(), source_ip: "192.0.2.1".into() },
    }
}

fn attempt(key: RetryKeyHash, generation: u32) -> Option<Attempt> {
    Some(Attempt { key, generation: Generation::new(generation).unwrap() })
}

/// Tokens of every age beside that row: behind it, current, ahead of it; of its nonces and of another.
fn tokens(row: &Session) -> Vec<RefreshToken> {
    let mut tokens = Vec::new();
    for generation in GENERATION - 4..=GENERATION + 2 {
        for nonce in [CURRENT, PREVIOUS, OTHER] {
            tokens.push(RefreshToken {
                user_id: row.user_id,
                session_id: row.session_id,
                key_id: row.key_id,
                generation: Generation::new(generation).unwrap(),
                nonce,
            });
        }
    }
    tokens
}

/// A request whose write stands one or two generations back holds the token from before that write, never the current
/// one: with a row that names our nonce, a current token can't be.
fn can_be(row: &Session, token: &RefreshToken) -> bool {
    let is_own = row.nonce == FRESH || row.previous_nonce == Some(FRESH);
    !(is_own && token.generation == row.generation && token.nonce == row.nonce)
}

fn table(database: &Database) -> Sessions {
    Sessions::new(aws::client_for(&database.url()), SESSIONS.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_applies_exactly_when_the_rule_says_rotate() {
    let database = Arc::new(Database::start(&TestClock::default()).await);
    let mut checks = JoinSet::new();
    for now in times() {
        checks.spawn(check_rows(Arc::clone(&database), rows(now), now));
    }
    let rotations: Vec<_> = checks.join_all().await.into_iter().flatten().collect();
    // At each time, the one current token of each of the three rows that are alive and not our own write.
    assert_eq!(
        (rotations.len(), rotations.iter().filter(|rotates| **rotates).count()),
        (3 * (45 * 21 - 9), 3 * 3)
    );
}

/// Whether each token of each row rotated.
async fn check_rows(database: Arc<Database>, rows: Vec<Session>, now: Timestamp) -> Vec<bool> {
    let (sessions, mut rotations) = (table(&database), Vec::new());
    for row in rows {
        database.put(SESSIONS, &item(&row)).await;
        for token in tokens(&row).into_iter().filter(|token| can_be(&row, token)) {
            let rotates = decide(Some(&row), &token, None, &FRESH, now, &LIMITS) == RefreshDecision::Rotate;
            let rotation = rotation(&token, None, now);
            let expected = rotation.apply(Some(&row));
            assert_eq!(rotates, matches!(expected, ConditionalWrite::Written(_)), "{row:?} {token:?}");
            let answer = sessions.rotate(&rotation).await.unwrap();
            assert_eq!(answer, expected, "now {now:?}, token {token:?} {:?}", token.nonce.as_bytes());
            if rotates {
                database.put(SESSIONS, &item(&row)).await;
            }
            rotations.push(rotates);
        }
    }
    rotations
}

fn rotation(token: &RefreshToken, retry_key: Option<RetryKeyHash>, now: Timestamp) -> Rotation {
    let generation = token.generation.next().unwrap();
    let presented = token.clone();
    Rotation { presented, retry_key, generation, nonce: FRESH, key_id: RefreshKeyId(2), idle: IDLE, now }
}

#[tokio::test]
async fn a_rotation_keeps_three_retry_keys_and_takes_none_twice() {
    let database = Database::start(&TestClock::default()).await;
    let sessions = table(&database);
    let expires_at = Timestamp::from_seconds(START.seconds() + 1);
    let made = Session { expires_at, ends_at: START + IDLE, ..row(START) };
    let attempts = [
        [None; 3],
        [attempt(KEY, GENERATION), None, attempt(OTHER_KEY, GENERATION - 2)],
        [attempt(OTHER_KEY, GENERATION), attempt(KEY, GENERATION - 1), None],
        // Left by a function that knows no keys.
        [attempt(KEY, GENERATION - 1), attempt(KEY, GENERATION - 2), attempt(KEY, GENERATION - 3)],
    ];
    for attempts in attempts {
        for retry_key in [None, Some(KEY), Some(OTHER_KEY)] {
            let row = Session { attempts, ..made.clone() };
            let row = Session { proven_replays: 2, proven_at: START, ..row };
            database.put(SESSIONS, &item(&row)).await;
            let token = row.newest_token();
            let rotation = rotation(&token, retry_key, START);
            let expected = rotation.apply(Some(&row));
            let rotates = decide(Some(&row), &token, retry_key, &FRESH, START, &LIMITS);
            let is_written = matches!(expected, ConditionalWrite::Written(_));
            assert_eq!(rotates == RefreshDecision::Rotate, is_written, "{row:?} {retry_key:?}");
            assert_eq!(sessions.rotate(&rotation).await, Ok(expected), "{row:?} {retry_key:?}");
        }
    }
}

#[tokio::test]
async fn a_proven_replay_is_counted_on_the_row_as_it_was_read_and_on_no_other() {
    let database = Database::start(&TestClock::default()).await;
    let sessions = table(&database);
    let (first, again) = (counted(Timestamp::default(), 0), counted(START, 3));
    for read in [&first, &again] {
        let write = ProvenReplay { read: read.clone(), proven_replays: read.proven_replays + 1, now: START };
        let moved = Session { generation: read.generation.next().unwrap(), ..read.clone() };
        for row in [&first, &again, &moved, &counted(START + IDLE, 4)] {
            database.put(SESSIONS, &item(row)).await;
            let expected = write.apply(Some(row));
            assert_eq!(matches!(expected, ConditionalWrite::Written(_)), row == read);
            assert_eq!(sessions.count_proven_replay(&write).await, Ok(expected), "{row:?}");
        }
    }
}

/// The row after so many proven replays, of which the last was at `proven_at`.
fn counted(proven_at: Timestamp, proven_replays: u32) -> Session {
    let session_id = SessionId::from_bytes([9; 16]);
    Session { proven_replays, proven_at, session_id, ..row(START) }
}

#[tokio::test]
async fn a_late_replay_is_counted_on_the_row_as_it_was_read_and_on_no_other() {
    let database = Database::start(&TestClock::default()).await;
    let sessions = table(&database);
    let read = row(START);
    let moved = Session { generation: read.generation.next().unwrap(), ..read.clone() };
    let counted = Session { late_at: START, ..read.clone() };
    let write = LateReplay { read: read.clone(), late_replays: 3, now: START };
    for row in [&read, &moved, &counted] {
        database.put(SESSIONS, &item(row)).await;
        assert_eq!(sessions.count_late_replay(&write).await, Ok(write.apply(Some(row))), "{row:?}");
    }
    assert!(matches!(write.apply(Some(&read)), ConditionalWrite::Written(_)));
}

#[tokio::test]
async fn a_profile_is_updated_where_it_is_older_and_brings_no_row_back() {
    let database = Database::start(&TestClock::default()).await;
    let sessions = table(&database);
    let mut old = row(START);
    let profile = Profile {
        name: "Lady Lovelace".into(),
        roles: vec![],
        claims: shared::custom_claims::CustomClaims::default(),
        email_verified: false,
        account_version: Some(4),
        ..old.profile.clone()
    };
    let (user_id, session_id) = (old.user_id, old.session_id);
    let update = ProfileUpdate { user_id, session_id, profile };
    assert_eq!(sessions.update_profile(&update).await, Ok(ConditionalWrite::ConditionFailed(None)));
    assert!(database.rows(SESSIONS).await.is_empty());
    for version in [1, 3, 4, 5] {
        old.profile.account_version = Some(version);
        database.put(SESSIONS, &item(&old)).await;
        let expected = update
            .apply(Some(&old))
            .map_or_else(|| ConditionalWrite::ConditionFailed(Some(old.clone())), ConditionalWrite::Written);
        assert_eq!(matches!(expected, ConditionalWrite::Written(_)), version < 4);
        assert_eq!(sessions.update_profile(&update).await, Ok(expected), "{version}");
    }
}

#[tokio::test]
async fn without_a_row_neither_rotates() {
    let database = Database::start(&TestClock::default()).await;
    let sessions = table(&database);
    for token in tokens(&row(START)) {
        let answer = sessions.rotate(&rotation(&token, None, START)).await;
        assert_eq!(answer, Ok(ConditionalWrite::ConditionFailed(None)));
        assert!(matches!(decide(None, &token, None, &FRESH, START, &LIMITS), RefreshDecision::Refuse(_)));
    }
    assert!(database.rows(SESSIONS).await.is_empty());
}

/// The row in the table's own form, written down apart from the adapter.
fn item(session: &Session) -> Row {
    let text = |value: String| json!({ "S": value });
    let number = |value: i64| json!({ "N": value.to_string() });
    let [one, two, three] = session.superseded;
    let row = Row(json!({
        "user_id": text(session.user_id.to_string()),
        "session_id": text(session.session_id.to_string()),
        "generation": number(session.generation.number().into()),
        "key_id": number(session.key_id.0.into()),
        "superseded_1": number(one.millis()),
        "superseded_2": number(two.millis()),
        "superseded_3": number(three.millis()),
        "late_replays": number(session.late_replays.into()),
        "late_at": number(session.late_at.millis()),
        "created_at": number(session.created_at.millis()),
        "authenticated_at": number(session.authenticated_at.millis()),
        "ends_at": number(session.ends_at.millis()),
        "expires_at": number(session.expires_at.seconds()),
        "email": text(session.profile.email.clone()),
        "name": text(session.profile.name.clone()),
        "roles": { "L": session.profile.roles.iter().map(ToString::to_string).map(text).collect::<Vec<Value>>() },
        "user_agent": text(session.device.user_agent.clone()),
        "source_ip": text(session.device.source_ip.clone()),
        "account_version": number(session.profile.account_version.unwrap()),
    }));
    let mut row = row.with_bytes("nonce", session.nonce.as_bytes());
    if session.proven_replays > 0 {
        row = row.with_number("proven_replays", session.proven_replays.into());
        row = row.with_number("proven_at", session.proven_at.millis());
    }
    for (name, attempt) in ["attempt", "attempt_2", "attempt_3"].into_iter().zip(session.attempts) {
        if let Some(Attempt { key, generation }) = attempt {
            let [_, generation @ ..] = generation.number().to_be_bytes();
            row = row.with_bytes(name, &[&key.as_bytes()[..], &generation].concat());
        }
    }
    match &session.previous_nonce {
        Some(nonce) => row.with_bytes("previous_nonce", nonce.as_bytes()),
        None => row,
    }
}
