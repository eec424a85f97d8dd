use super::*;
use proptest::prelude::*;

mod keys;

const RETRY: Seconds = Seconds(5);
const GRACE: Seconds = Seconds(600);
const LIMITS: Limits = Limits { retry: RETRY, grace: GRACE, late_replays: 3 };
const HOUR: i64 = 3600;
const FRESH: Nonce = Nonce::from_bytes([0xff; 12]);

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

/// Returns the nonce of the token of this generation.
fn nonce(generation: u32) -> Nonce {
    Nonce::from_bytes([u8::try_from(generation).unwrap(); 12])
}

/// Returns the token of this generation.
fn token(generation: u32) -> RefreshToken {
    RefreshToken {
        generation: Generation::new(generation).unwrap(),
        nonce: nonce(generation),
        ..row().newest_token()
    }
}

/// Returns a session in generation 10, whose tokens 9, 8 and 7 were superseded at the seconds 10,000, 9,900 and 9,800.
pub(super) fn row() -> Session {
    Session {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        generation: Generation::new(10).unwrap(),
        nonce: nonce(10),
        previous_nonce: Some(nonce(9)),
        key_id: RefreshKeyId(1),
        superseded: [at(10_000), at(9_900), at(9_800)],
        late_replays: 0,
        late_at: at(0),
        attempts: [None; 3],
        proven_replays: 0,
        proven_at: at(0),
        created_at: at(0),
        ends_at: at(1_000_000),
        expires_at: at(500_000),
        amr: AuthenticationMethods::PASSWORD,
        authenticated_at: at(0),
        profile: Profile {
            email: String::new(),
            name: String::new(),
            roles: vec![],
            claims: crate::custom_claims::CustomClaims::default(),
            email_verified: false,
            account_version: Some(1),
        },
        device: Device::default(),
    }
}

fn check(row: Option<Session>, presented: &RefreshToken, now: Timestamp, expected: RefreshDecision) {
    let decision = decide(row.as_ref(), presented, None, &FRESH, now, &LIMITS);
    assert_eq!(decision, expected, "{presented:?} at {now:?}");
}

/// Returns a refresh of the session at the second 20,000.9.
pub(super) fn rotation(retry_key: Option<RetryKeyHash>) -> Rotation {
    Rotation {
        presented: row().newest_token(),
        generation: row().generation.next().unwrap(),
        nonce: FRESH,
        key_id: RefreshKeyId(2),
        retry_key,
        idle: Seconds(100),
        now: Timestamp::from_millis(20_000_900),
    }
}

const EXPIRED: RefreshDecision = RefreshDecision::Refuse(RefusalReason::Expired);
const REUSE: RefreshDecision = RefreshDecision::End(EndReason::Reuse);
const LATE_DUPLICATE: RefreshDecision = RefreshDecision::Refuse(RefusalReason::LateDuplicate);
const OTHER_HISTORY: RefreshDecision = RefreshDecision::Refuse(RefusalReason::OtherHistory);

#[test]
fn no_row_refuses() {
    check(None, &token(10), at(10_000), RefreshDecision::Refuse(RefusalReason::SignedOut));
}

#[test]
fn the_current_token_rotates() {
    check(Some(row()), &token(10), at(10_000), RefreshDecision::Rotate);
    check(Some(row()), &token(10), at(499_999), RefreshDecision::Rotate);
}

#[test]
fn both_lifetimes_are_exclusive() {
    check(Some(row()), &token(10), at(500_000), EXPIRED);
    check(Some(row()), &token(10), Timestamp::from_millis(499_999_999), RefreshDecision::Rotate);
    let ending = Session { ends_at: Timestamp::from_millis(400_000_500), ..row() };
    check(Some(ending.clone()), &token(10), Timestamp::from_millis(400_000_499), RefreshDecision::Rotate);
    check(Some(ending), &token(10), Timestamp::from_millis(400_000_500), EXPIRED);
}

#[test]
fn g4_a_session_that_is_over_is_not_deleted_for_reuse_but_left_to_the_ttl() {
    check(Some(row()), &token(1), at(500_000), EXPIRED);
}

#[test]
fn our_own_write_is_recognised_also_after_another_refresh() {
    let own = Session { nonce: FRESH, ..row() };
    check(Some(own), &token(9), at(400_000), RefreshDecision::OwnWrite);
    let refreshed_since = Session { previous_nonce: Some(FRESH), ..row() };
    check(Some(refreshed_since), &token(8), at(400_000), RefreshDecision::OwnWrite);
}

#[test]
fn g3_a_replay_within_retry_is_prompt_and_free() {
    check(Some(row()), &token(9), at(10_000), RefreshDecision::PromptReplay);
    check(Some(row()), &token(9), at(10_000) + RETRY, RefreshDecision::PromptReplay);
    let spent = Session { late_replays: 3, late_at: at(9_990), ..row() };
    check(Some(spent), &token(9), at(10_000) + RETRY, RefreshDecision::PromptReplay);
}

#[test]
fn a_clock_behind_the_row_is_prompt() {
    check(Some(row()), &token(9), at(9_999), RefreshDecision::PromptReplay);
}

#[test]
fn g3_a_replay_within_grace_takes_from_the_budget() {
    let one_later = Timestamp::from_millis(10_005_001);
    check(Some(row()), &token(9), one_later, RefreshDecision::LateReplay { late_replays: 1 });
    check(Some(row()), &token(9), at(10_000) + GRACE, RefreshDecision::LateReplay { late_replays: 1 });
    let two_used = Session { late_replays: 2, late_at: at(10_100), ..row() };
    check(Some(two_used), &token(9), at(10_300), RefreshDecision::LateReplay { late_replays: 3 });
}

#[test]
fn a_repeat_of_a_late_replay_is_prompt() {
    let answered = Session { late_replays: 3, late_at: at(10_300), ..row() };
    check(Some(answered.clone()), &token(9), at(10_300) + RETRY, RefreshDecision::PromptReplay);
    check(Some(answered), &token(9), at(10_306), REUSE);
}

#[test]
fn g4_a_replay_after_grace_or_without_budget_is_reuse() {
    check(Some(row()), &token(9), Timestamp::from_millis(10_600_001), REUSE);
    let spent = Session { late_replays: 3, late_at: at(10_100), ..row() };
    check(Some(spent), &token(9), at(10_300), REUSE);
}

#[test]
fn one_late_replay_comes_back_every_eight_hours() {
    let spent_at = |late_at: i64| {
        let superseded = [at(10_000 + 24 * HOUR), at(0), at(0)];
        Some(Session { late_replays: 3, late_at: at(late_at), superseded, ..row() })
    };
    let now = at(10_100 + 24 * HOUR);
    check(spent_at(10_100 + 16 * HOUR + 1), &token(9), now, REUSE);
    check(spent_at(10_100 + 16 * HOUR), &token(9), now, RefreshDecision::LateReplay { late_replays: 3 });
    check(spent_at(10_100 + 8 * HOUR), &token(9), now, RefreshDecision::LateReplay { late_replays: 2 });
    check(spent_at(10_100), &token(9), now, RefreshDecision::LateReplay { late_replays: 1 });
}

#[test]
fn g3_a_late_duplicate_is_refused_and_the_session_kept() {
    check(Some(row()), &token(8), at(9_930), LATE_DUPLICATE);
    check(Some(row()), &token(7), at(9_830), LATE_DUPLICATE);
}

#[test]
fn g4_an_older_token_is_reuse_at_any_age() {
    check(Some(row()), &token(8), Timestamp::from_millis(9_930_001), REUSE);
    check(Some(row()), &token(7), Timestamp::from_millis(9_830_001), REUSE);
    check(Some(row()), &token(6), at(9_700), REUSE);
    check(Some(row()), &token(0), at(499_999), REUSE);
}

#[test]
fn a_row_of_another_history_is_kept() {
    let mut stranger = token(10);
    stranger.nonce = nonce(99);
    check(Some(row()), &stranger, at(10_000), OTHER_HISTORY);
    stranger.generation = Generation::new(9).unwrap();
    check(Some(row()), &stranger, at(10_000), OTHER_HISTORY);
}

#[test]
fn a_row_behind_the_token_ends() {
    check(Some(row()), &token(11), at(10_000), RefreshDecision::End(EndReason::RowBehind));
}

#[test]
fn without_grace_a_token_works_once() {
    let strict = Limits { retry: Seconds(0), grace: Seconds(0), late_replays: 3 };
    assert_eq!(decide(Some(&row()), &token(9), None, &FRESH, at(10_000), &strict), REUSE);
    assert_eq!(decide(Some(&row()), &token(9), None, &FRESH, at(9_999), &strict), REUSE);
    assert_eq!(decide(Some(&row()), &token(10), None, &FRESH, at(10_000), &strict), RefreshDecision::Rotate);
}

#[test]
fn a_rotation_moves_everything_one_back() {
    let next = rotation(None).update(&row());
    assert_eq!(next.generation.number(), 11);
    assert_eq!((next.nonce, next.previous_nonce, next.key_id), (FRESH, Some(nonce(10)), RefreshKeyId(2)));
    assert_eq!(next.superseded, [Timestamp::from_millis(20_000_900), at(10_000), at(9_900)]);
    assert_eq!((next.expires_at, next.ends_at), (at(20_100), at(1_000_000)));
}

proptest! {
    /// G2 and G4 for a single step, over every generation, age and budget: only the current token moves the session, and
    /// every answer contains the newest token of the row.
    #[test]
    fn g2_only_the_current_token_moves_the_session(
        generation in 0u32..=14, same_nonce: bool, now in 9_000i64..11_000, late_replays in 0u32..5, late_at in 0i64..11_000,
    ) {
        let row = Session { late_replays, late_at: at(late_at), ..row() };
        let mut presented = token(generation);
        if !same_nonce {
            presented.nonce = nonce(200);
        }
        let decision = decide(Some(&row), &presented, None, &FRESH, at(now), &LIMITS);
        let is_current = generation == 10 && same_nonce;
        let is_previous = generation == 9 && same_nonce;
        prop_assert_eq!(decision == RefreshDecision::Rotate, is_current);
        let replayed = matches!(decision, RefreshDecision::PromptReplay | RefreshDecision::LateReplay { .. });
        prop_assert!(!replayed || is_previous, "{:?}", decision);
        if let RefreshDecision::LateReplay { late_replays } = decision {
            prop_assert!((1..=LIMITS.late_replays).contains(&late_replays));
        }
    }
}

#[test]
fn a_user_agent_is_cut_between_characters() {
    let kept = |header: &str| Device::new(header.as_bytes(), String::new()).user_agent;
    assert_eq!(kept("curl/8"), "curl/8");
    assert_eq!(kept(&"x".repeat(300)).len(), 256);
    assert_eq!(kept(&format!("{}\u{20ac}", "x".repeat(254))), "x".repeat(254));
}

#[test]
fn a_user_agent_holds_nothing_that_is_not_seen() {
    let kept = |header: &[u8]| Device::new(header, String::new()).user_agent;
    assert_eq!(kept("a\tb\u{85}c\u{1b}[2Jd".as_bytes()), "a\u{fffd}b\u{fffd}c\u{fffd}[2Jd");
    assert_eq!(kept("a\u{202e}b\u{200b}c".as_bytes()), "a\u{fffd}b\u{fffd}c");
    assert_eq!(kept(b"a\xffb"), "a\u{fffd}b");
    assert_eq!(kept("\"<script>\\ \u{1f980}".as_bytes()), "\"<script>\\ \u{1f980}");
    let replaced = kept(&[0x01; 300]);
    assert_eq!((replaced.len(), replaced.chars().all(|c| c == '\u{fffd}')), (255, true));
}
