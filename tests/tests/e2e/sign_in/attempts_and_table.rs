//! The rule of attempts lets one through without a delay exactly when the conditional write counts it, and both make the
//! same row of it.
//!
//! The rule is `shared::attempts::decide`; the write is one `UpdateItem` of `aws::attempts` on a real table. They are
//! written down twice, in two languages, so they are compared over a grid.

use aws::attempts::Attempts;
use serde_json::json;
use shared::attempts::{self, AttemptDecision, CountFree, CountedIn, Lane, Limits, Replace, decide};
use shared::conditional_write::ConditionalWrite as Answer;
use shared::email::Email;
use shared::ids::AttemptId;
use shared::key_set::{Algorithm, KeySet};
use shared::{Seconds, Timestamp};
use tests::dynamodb::ATTEMPTS;
use tests::{Database, Row, START, TestClock};

const ME: AttemptId = AttemptId::from_bytes([1; 16]);
const OTHER: AttemptId = AttemptId::from_bytes([2; 16]);
const LIMITS: Limits = Limits {
    free_attempts: 5,
    first_delay: Seconds(1),
    longest_delay: Seconds(900),
    remember: Seconds(86_400),
};

fn rows(now: Timestamp) -> Vec<attempts::Attempts> {
    let mut rows = Vec::new();
    for failures in [1, 4, 5, 6] {
        for ahead in [-1, 0, 1] {
            for left in [-1, 0, 1] {
                rows.extend([ME, OTHER].map(|reserved_by| attempts::Attempts {
                    failures,
                    blocked_until: Timestamp::from_millis(now.millis() + ahead),
                    reserved_by,
                    expires_at: Timestamp::from_seconds(now.seconds() + left),
                }));
            }
        }
    }
    rows
}

fn count(lane: &Lane, by: AttemptId, now: Timestamp) -> CountFree {
    CountFree { lane: lane.clone(), by, now, limits: LIMITS }
}

fn as_row(lane: &Lane, attempts: &attempts::Attempts) -> Row {
    Row(json!({
        "lane": { "S": lane.as_str() },
        "failures": { "N": attempts.failures.to_string() },
        "blocked_until": { "N": attempts.blocked_until.millis().to_string() },
        "reserved_by": { "S": attempts.reserved_by.to_string() },
        "expires_at": { "N": attempts.expires_at.seconds().to_string() },
    }))
}

#[tokio::test]
async fn the_rule_of_attempts_and_the_conditional_writes_agree() {
    let database = Database::start(&TestClock::default()).await;
    let table = Attempts::new(aws::client_for(&database.url()), ATTEMPTS.to_owned());
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap().refresh;
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys);
    let mut counted = 0;
    for now in [0, 250, 999].map(|millis| Timestamp::from_millis(START.seconds() * 1000 + millis)) {
        for row in rows(now) {
            database.put(ATTEMPTS, &as_row(&lane, &row)).await;
            let decision = decide(Some(&row), ME, now, &LIMITS);
            let applied = count(&lane, ME, now).apply(Some(&row));
            let answer = table.count_free(&count(&lane, ME, now)).await.unwrap();
            assert_eq!(
                matches!(applied, Answer::Written(_)),
                matches!(answer, Answer::Written(())),
                "{row:?}"
            );
            let is_free = row.failures < LIMITS.free_attempts && !row.is_over(now);
            match (&decision, answer) {
                (AttemptDecision::Reserve(next), Answer::Written(())) if is_free => {
                    counted += 1;
                    assert_eq!(applied, Answer::Written(next.clone()), "{row:?}");
                    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, next)], "{row:?}");
                }
                (AttemptDecision::Reserve(next), Answer::ConditionFailed(read)) if !is_free => {
                    assert_eq!(read.as_ref(), Some(&row));
                    let write = Replace { lane: lane.clone(), read: row.clone(), next: next.clone() };
                    assert_eq!(write.apply(Some(&row)), Answer::Written(next.clone()));
                    assert_eq!(write.apply(Some(next)), Answer::ConditionFailed(Some(next.clone())));
                    assert_eq!(table.replace(&write).await.unwrap(), Answer::Written(()));
                    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, next)], "{row:?}");
                    // Once more it is lost, and the row says to whom.
                    let again = table.replace(&write).await.unwrap();
                    assert_eq!(again, Answer::ConditionFailed(Some(next.clone())), "{row:?}");
                }
                (
                    AttemptDecision::Reserved | AttemptDecision::Blocked { .. },
                    Answer::ConditionFailed(read),
                ) => {
                    assert_eq!(read, Some(row));
                }
                (_, answer) => panic!("{row:?} at {now:?}: {decision:?}, but {answer:?}"),
            }
        }
    }
    assert!(counted > 10, "{counted}");
}

#[tokio::test]
async fn the_first_attempt_makes_the_row() {
    let database = Database::start(&TestClock::default()).await;
    let table = Attempts::new(aws::client_for(&database.url()), ATTEMPTS.to_owned());
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap().refresh;
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys);
    assert_eq!(table.count_free(&count(&lane, ME, START)).await.unwrap(), Answer::Written(()));
    let AttemptDecision::Reserve(first) = decide(None, ME, START, &LIMITS) else {
        panic!("the first is free")
    };
    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, &first)]);
    let others = table.count_free(&count(&lane, OTHER, START)).await.unwrap();
    assert_eq!(others, Answer::Written(()));
    assert_eq!(database.rows(ATTEMPTS).await[0].number("failures"), 2);
}

#[tokio::test]
async fn what_takes_a_success_from_the_count_writes_what_it_says() {
    let database = Database::start(&TestClock::default()).await;
    let table = Attempts::new(aws::client_for(&database.url()), ATTEMPTS.to_owned());
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap().refresh;
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys);
    let take_back = CountedIn::Common(lane.clone()).taken_back().unwrap();
    assert_eq!(CountedIn::Device(lane.clone()).taken_back(), None);
    for mut row in rows(START) {
        for failures in [0, row.failures] {
            row.failures = failures;
            database.put(ATTEMPTS, &as_row(&lane, &row)).await;
            table.take_back(&take_back).await;
            let expected = match take_back.apply(Some(&row)) {
                Answer::Written(next) => next,
                Answer::ConditionFailed(kept) => kept.unwrap(),
            };
            assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, &expected)], "{row:?}");
        }
    }
    database
        .call("DeleteItem", &json!({ "TableName": ATTEMPTS, "Key": { "lane": { "S": lane.as_str() } } }))
        .await;
    table.take_back(&take_back).await;
    assert_eq!(database.rows(ATTEMPTS).await, [], "it makes no row");
}
