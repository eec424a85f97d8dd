//! The rule with retry keys. The session is in generation 10; its tokens 9, 8 and 7 were superseded at the seconds 10,000,
//! 9,900 and 9,800, each by a rotation with the key of its name.

use super::*;
use crate::conditional_write::ConditionalWrite;

fn key(name: u32) -> RetryKeyHash {
    RetryKeyHash::from_bytes([u8::try_from(name).unwrap(); 16])
}

/// Returns the rotation that superseded the token of this generation.
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

const THIRTY_SECONDS: Seconds = crate::session::LATE_DUPLICATE;
const FREE: RefreshDecision = RefreshDecision::ProvenReplay { counted: None };
const COUNTED: RefreshDecision = RefreshDecision::ProvenReplay { counted: Some(1) };
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
    let counted = |proven_replays| Session { proven_replays, proven_at: at(15_000), ..keyed() };
    let last = RefreshDecision::ProvenReplay { counted: Some(16) };
    check(counted(15), 9, Some(key(9)), at(20_000), last);
    let refused = RefreshDecision::Refuse(RefusalReason::TooManyProvenReplays);
    check(counted(16), 9, Some(key(9)), at(20_000), refused);
}

#[test]
fn g3_a_repeat_of_a_proven_replay_is_free() {
    let counted = |proven_replays| Session { proven_replays, proven_at: at(20_000), ..keyed() };
    check(counted(16), 9, Some(key(9)), at(20_000), FREE);
    check(counted(16), 9, Some(key(9)), at(20_000) + RETRY, FREE);
    check(counted(3), 9, Some(key(9)), at(20_006), RefreshDecision::ProvenReplay { counted: Some(4) });
    check(counted(3), 9, Some(strangers()), at(20_000), REUSE);
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
fn g4_a_client_with_a_key_gets_no_budget() {
    let late = Session { late_at: at(10_300), ..row() };
    check(row(), 9, Some(strangers()), at(10_000) + RETRY, PROMPT);
    check(late.clone(), 9, Some(strangers()), at(10_300) + RETRY, PROMPT);
    check(row(), 9, Some(strangers()), Timestamp::from_millis(10_005_001), REUSE);
    check(late, 9, Some(strangers()), Timestamp::from_millis(10_305_001), REUSE);
}

#[test]
fn g3_a_late_duplicate_with_its_key_keeps_the_session_at_any_age() {
    check(keyed(), 8, Some(key(8)), at(400_000), LATE_DUPLICATE);
    check(keyed(), 7, Some(key(7)), at(400_000), LATE_DUPLICATE);
    check(keyed(), 6, Some(key(6)), at(10_000), REUSE);
}

#[test]
fn g4_a_late_duplicate_with_another_key_is_reuse() {
    for (presented, superseded) in [(8, at(9_900)), (7, at(9_800))] {
        check(keyed(), presented, Some(strangers()), superseded, REUSE);
        check(keyed(), presented, Some(key(9)), superseded, REUSE);
        check(keyed(), presented, None, superseded + THIRTY_SECONDS, LATE_DUPLICATE);
        check(keyed(), presented, None, superseded + Seconds(31), REUSE);
        check(row(), presented, Some(strangers()), superseded + THIRTY_SECONDS, LATE_DUPLICATE);
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
fn keys_that_a_keyless_function_has_left_count_for_their_own_rotations() {
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
    let before = Session { proven_replays: 7, proven_at: at(15_000), ..keyed() };
    let next = rotation(Some(key(10))).update(&before);
    let forgotten = (0, Timestamp::default());
    assert_eq!(next.attempts, [attempt(10), attempt(9), attempt(8)]);
    assert_eq!((next.proven_replays, next.proven_at), forgotten);
    let next = rotation(None).update(&before);
    assert_eq!(next.attempts, [None, attempt(9), attempt(8)]);
    assert_eq!((next.proven_replays, next.proven_at), forgotten);
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
fn g2_a_proven_replay_is_counted_on_the_row_as_it_was_read_and_on_no_other() {
    let write = ProvenReplay { read: keyed(), proven_replays: 1, now: at(20_000) };
    let counted = Session { proven_replays: 1, proven_at: at(20_000), ..keyed() };
    assert_eq!(write.apply(Some(&keyed())), ConditionalWrite::Written(counted.clone()));
    let rotated = rotation(None).update(&keyed());
    for row in [None, Some(rotated), Some(counted)] {
        assert_eq!(write.apply(row.as_ref()), ConditionalWrite::ConditionFailed(row));
    }
}
