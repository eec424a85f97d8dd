//! The rule of attempts lets one through without a delay exactly when the conditional write counts it, and both make the
//! same row of it.
//!
//! The rule is `shared::sign_in::decide`; the write is one `UpdateItem` of `aws::attempts` on a real table. They are
//! written down twice, in two languages, so they are compared over a grid.

use aws::attempts::{Attempts, Outcome};
use serde_json::json;
use shared::email::Email;
use shared::ids::AttemptId;
use shared::key_set::KeySet;
use shared::sign_in::{self, Decision, Lane, Limits, decide};
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

fn rows(now: Timestamp) -> Vec<sign_in::Attempts> {
    let mut rows = Vec::new();
    for failures in [1, 4, 5, 6] {
        for ahead in [-1, 0, 1] {
            for left in [-1, 0, 1] {
                rows.extend([ME, OTHER].map(|reserved_by| sign_in::Attempts {
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

fn as_row(lane: &Lane, attempts: &sign_in::Attempts) -> Row {
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
    let attempts = Attempts::new(aws::client_for(&database.url()), ATTEMPTS.to_owned());
    let keys = KeySet::generate(&mut tests::rng()).unwrap().refresh;
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys);
    let mut counted = 0;
    for now in [0, 250, 999].map(|millis| Timestamp::from_millis(START.seconds() * 1000 + millis)) {
        for row in rows(now) {
            database.put(ATTEMPTS, &as_row(&lane, &row)).await;
            let decision = decide(Some(&row), ME, now, &LIMITS);
            let outcome = attempts.count_free(&lane, ME, now, &LIMITS).await.unwrap();
            let is_free = row.failures < LIMITS.free_attempts && !row.is_over(now);
            match (&decision, outcome) {
                (Decision::Reserve(next), Outcome::Written) if is_free => {
                    counted += 1;
                    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, next)], "{row:?}");
                }
                (Decision::Reserve(next), Outcome::Unchanged(read)) if !is_free => {
                    assert_eq!(read.as_ref(), Some(&row));
                    assert_eq!(attempts.replace(&lane, &row, next).await.unwrap(), Outcome::Written);
                    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, next)], "{row:?}");
                    // Once more it is lost, and the row says to whom.
                    let again = attempts.replace(&lane, &row, next).await.unwrap();
                    assert_eq!(again, Outcome::Unchanged(Some(next.clone())), "{row:?}");
                }
                (Decision::Reserved | Decision::Blocked { .. }, Outcome::Unchanged(read)) => {
                    assert_eq!(read, Some(row));
                }
                (_, outcome) => panic!("{row:?} at {now:?}: {decision:?}, but {outcome:?}"),
            }
        }
    }
    assert!(counted > 10, "{counted}");
}

#[tokio::test]
async fn the_first_attempt_makes_the_row() {
    let database = Database::start(&TestClock::default()).await;
    let attempts = Attempts::new(aws::client_for(&database.url()), ATTEMPTS.to_owned());
    let keys = KeySet::generate(&mut tests::rng()).unwrap().refresh;
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys);
    assert_eq!(attempts.count_free(&lane, ME, START, &LIMITS).await.unwrap(), Outcome::Written);
    let Decision::Reserve(first) = decide(None, ME, START, &LIMITS) else { panic!("the first is free") };
    assert_eq!(database.rows(ATTEMPTS).await, [as_row(&lane, &first)]);
    let others = attempts.count_free(&lane, OTHER, START, &LIMITS).await.unwrap();
    assert_eq!(others, Outcome::Written);
    assert_eq!(database.rows(ATTEMPTS).await[0].number("failures"), 2);
}
