//! The rule with retry keys. The session is in generation 10; its tokens 9, 8 and 7 were superseded at the seconds 10,000,
//! 9,900 and 9,800, each by a rotation with the key of its name.

use super::*;
use crate::conditional_write::ConditionalWrite;

fn key(name: u32) -> RetryKeyHash {
    RetryKeyHash::from_bytes([u8::try_from(name).unwrap(); 16])
}

/// The rotation that superseded the token of this generation.
fn attempt(superseded: u32) -> Option<Attempt> {
    Some(Attempt { key: key(superseded), generation: Generation::new(superseded + 1).unwrap() })
}

fn keyed() -> Session {
    Session { attempts: [attempt(9), attempt(8), attempt(7)], ..row() }
}

fn strangers() -> RetryKeyHash {
    key(99)
}

#[track_caller]
fn check(
    row: Session,
    presented: u32,
    retry_key: Option<RetryKeyHash>,
    now: Timestamp,
    expected: RefreshDecision,
) {
    let decision = decide(Some(&row), &token(presented), retry_key, &FRESH, now, &LIMITS);
    assert_eq!(
        decision,
        expected,
        "{presented} with {} key at {now:?}",
        if retry_key.is_some() { "a" } else { "no" }
    );
}

const FREE: RefreshDecision = RefreshDecision::ProvenReplay { counted: false };
const COUNTED: RefreshDecision = RefreshDecision::ProvenReplay { counted: true };
const PROMPT: RefreshDecision = RefreshDecision::PromptReplay;

#[test]
fn g3_a_replay_with_the_key_of_its_rotation_is_proven_at_any_age() {
    check(keyed(), 9, Some(key(9)), at(9_999), FREE);
    check(keyed(), 9, Some(key(9)), at(10_000) + RETRY, FREE);
    check(keyed(), 9, Some(key(9)), Timestamp::from_millis(10_005_001), COUNTED);
    check(keyed(), 9, Some(key(9)), at(499_999), COUNTED);
    check(keyed(), 9, Some(key(9)), at(500_000), EXPIRED);
}

#[test]
fn the_seventeenth_proven_replay_is_refused_and_the_session_kept() {
    let counted = |proven_replays| Session { proven_replays, ..keyed() };
    check(counted(15), 9, Some(key(9)), at(20_000), COUNTED);
    let refused = RefreshDecision::Refuse(RefusalReason::TooManyProvenReplays);
    check(counted(16), 9, Some(key(9)), at(20_000), refused);
    check(counted(16), 9, Some(key(9)), at(10_000) + RETRY, FREE);
}

#[test]
fn g4_a_replay_without_the_key_of_its_rotation_is_reuse_after_the_retry_window() {
    let spent = Session { late_replays: 3, late_at: at(9_999), ..keyed() };
    for retry_key in [None, Some(strangers())] {
        check(keyed(), 9, retry_key, at(10_000) + RETRY, PROMPT);
        check(spent.clone(), 9, retry_key, at(10_000) + RETRY, PROMPT);
        check(keyed(), 9, retry_key, Timestamp::from_millis(10_005_001), REUSE);
        let after_a_late_replay = Session { late_at: at(10_300), ..keyed() };
        check(after_a_late_replay, 9, retry_key, at(10_301), REUSE);
    }
}

#[test]
fn g4_a_client_with_a_key_did_not_make_a_rotation_without_one_and_gets_no_budget() {
    let late = Session { late_at: at(10_300), ..row() };
    check(row(), 9, Some(strangers()), at(10_000) + RETRY, PROMPT);
    check(late.clone(), 9, Some(strangers()), at(10_300) + RETRY, PROMPT);
    check(row(), 9, Some(strangers()), Timestamp::from_millis(10_005_001), REUSE);
    check(late, 9, Some(strangers()), Timestamp::from_millis(10_305_001), REUSE);
}

#[test]
fn g3_a_late_duplicate_with_the_key_of_its_rotation_is_refused_and_the_session_kept_at_any_age() {
    check(keyed(), 8, Some(key(8)), at(400_000), LATE_DUPLICATE);
    check(keyed(), 7, Some(key(7)), at(400_000), LATE_DUPLICATE);
    check(keyed(), 6, Some(key(6)), at(10_000), REUSE);
}

#[test]
fn g4_a_late_duplicate_with_another_key_is_reuse_and_one_without_a_key_after_thirty_seconds() {
    for (presented, superseded) in [(8, at(9_900)), (7, at(9_800))] {
        check(keyed(), presented, Some(strangers()), superseded, REUSE);
        check(keyed(), presented, Some(key(9)), superseded, REUSE);
        check(keyed(), presented, None, superseded + super::super::LATE_DUPLICATE, LATE_DUPLICATE);
        check(keyed(), presented, None, superseded + Seconds(31), REUSE);
        check(row(), presented, Some(strangers()), superseded + super::super::LATE_DUPLICATE, LATE_DUPLICATE);
        check(row(), presented, Some(strangers()), superseded + Seconds(31), REUSE);
    }
}

#[test]
fn a_key_is_for_one_token() {
    let used = RefreshDecision::Refuse(RefusalReason::RetryKeyUsed);
    check(keyed(), 10, Some(key(9)), at(10_000), used);
    check(keyed(), 10, Some(key(8)), at(10_000), RefreshDecision::Rotate);
    check(keyed(), 10, Some(key(10)), at(10_000), RefreshDecision::Rotate);
    check(keyed(), 10, None, at(10_000), RefreshDecision::Rotate);
}

#[test]
fn what_a_function_of_before_has_left_in_the_row_counts_for_the_rotations_it_was_written_by() {
    // Two rotations, 8 and 9, were made by such a function.
    let left = || Session { attempts: [attempt(7), attempt(6), attempt(5)], ..row() };
    check(left(), 10, Some(key(7)), at(10_000), RefreshDecision::Rotate);
    check(left(), 9, Some(key(7)), Timestamp::from_millis(10_005_001), REUSE);
    check(left(), 9, None, at(10_300), RefreshDecision::LateReplay { late_replays: 1 });
    check(left(), 8, Some(key(6)), at(9_930), LATE_DUPLICATE);
    check(left(), 7, Some(key(7)), at(400_000), LATE_DUPLICATE);
}

#[test]
fn strict_single_use_refuses_proven_replays_too() {
    let strict = Limits { retry: Seconds(0), grace: Seconds(0), late_replays: 3 };
    let decision = decide(Some(&keyed()), &token(9), Some(key(9)), &FRESH, at(10_000), &strict);
    assert_eq!(decision, REUSE);
}

#[test]
fn a_rotation_keeps_the_last_three_keys_and_forgets_the_proven_replays() {
    let before = Session { proven_replays: 7, ..keyed() };
    let next = rotation(Some(key(10))).update(&before);
    assert_eq!((next.attempts, next.proven_replays), ([attempt(10), attempt(9), attempt(8)], 0));
    let next = rotation(None).update(&before);
    assert_eq!((next.attempts, next.proven_replays), ([None, attempt(9), attempt(8)], 0));
}

#[test]
fn a_rotation_whose_key_has_made_its_token_fails_its_condition() {
    let failed = ConditionalWrite::ConditionFailed(Some(keyed()));
    assert_eq!(rotation(Some(key(9))).apply(Some(&keyed())), failed);
    for retry_key in [None, Some(key(8)), Some(key(10))] {
        assert_ne!(rotation(retry_key).apply(Some(&keyed())), failed);
    }
}

#[test]
fn g2_a_proven_replay_is_counted_unless_the_session_moved_on_or_sixteen_were() {
    let write = ProvenReplay { read: keyed() };
    let counted = Session { proven_replays: 1, ..keyed() };
    assert_eq!(write.apply(Some(&keyed())), ConditionalWrite::Written(counted));
    let rotated = rotation(None).update(&keyed());
    let full = Session { proven_replays: 16, ..keyed() };
    for row in [None, Some(rotated), Some(full)] {
        assert_eq!(write.apply(row.as_ref()), ConditionalWrite::ConditionFailed(row));
    }
}
