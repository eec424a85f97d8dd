use super::*;
use crate::conditional_write::ConditionalWrite;
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::{DeviceId, UserId};
use crate::refresh_token::{RefreshKeyId, RefreshKeys};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    free_attempts: 5,
    first_delay: Seconds(1),
    longest_delay: Seconds(900),
    remember: Seconds(86_400),
};
const NOW: Timestamp = Timestamp::from_millis(2_000_000_000_250);
const ME: AttemptId = AttemptId::from_bytes([1; 16]);
const OTHER: AttemptId = AttemptId::from_bytes([2; 16]);

fn row(failures: u32, blocked_for_millis: i64, expires_in: i64) -> Attempts {
    Attempts {
        failures,
        blocked_until: Timestamp::from_millis(NOW.millis() + blocked_for_millis),
        reserved_by: OTHER,
        expires_at: Timestamp::from_seconds(NOW.seconds() + expires_in),
    }
}

fn reserve(failures: u32, delay: u32) -> AttemptDecision {
    AttemptDecision::Reserve(Attempts {
        failures,
        blocked_until: NOW + Seconds(delay),
        reserved_by: ME,
        expires_at: Timestamp::from_seconds(NOW.seconds() + 86_400),
    })
}

fn blocked(retry_after: u32) -> AttemptDecision {
    AttemptDecision::Blocked { retry_after: Seconds(retry_after) }
}

#[track_caller]
fn check(row: Option<Attempts>, expected: AttemptDecision) {
    assert_eq!(decide(row.as_ref(), ME, NOW, &LIMITS), expected, "{row:?}");
}

#[test]
fn the_first_attempts_are_free_whatever_the_time_since_the_last() {
    check(None, reserve(1, 1));
    check(Some(row(1, 1000, 86_400)), reserve(2, 1));
    check(Some(row(4, 1000, 86_400)), reserve(5, 1));
    check(Some(row(4, -5000, 86_400)), reserve(5, 1));
}

#[test]
fn after_them_there_is_one_per_delay_and_the_delay_doubles() {
    for (failures, delay) in
        [(5, 2), (6, 4), (7, 8), (8, 16), (13, 512), (14, 900), (15, 900), (40, 900), (u32::MAX - 1, 900)]
    {
        check(Some(row(failures, 1, 86_400)), blocked(1));
        check(Some(row(failures, 0, 86_400)), reserve(failures + 1, delay));
    }
}

#[test]
fn a_wait_is_given_in_whole_seconds_rounded_up() {
    for (millis, seconds) in [(1, 1), (999, 1), (1000, 1), (1001, 2), (899_001, 900), (900_000, 900)] {
        check(Some(row(5, millis, 86_400)), blocked(seconds));
    }
}

#[test]
fn attempts_are_forgotten_in_the_second_of_the_ttl_attribute() {
    check(Some(row(50, 900_000, 1)), blocked(900));
    check(Some(row(50, 900_000, 0)), reserve(1, 1));
    check(Some(row(50, 900_000, -86_400)), reserve(1, 1));
}

#[test]
fn an_attempt_knows_its_own_reservation_again() {
    for mine in [row(1, 1000, 10), row(6, 4000, 10), row(6, 4000, 0)] {
        check(Some(Attempts { reserved_by: ME, ..mine }), AttemptDecision::Reserved);
    }
}

#[test]
fn limits_at_their_ends_do_not_overflow() {
    let limits = Limits { first_delay: Seconds(u32::MAX), longest_delay: Seconds(u32::MAX), ..LIMITS };
    let full = Attempts { failures: u32::MAX, ..row(0, 0, 10) };
    let AttemptDecision::Reserve(next) = decide(Some(&full), ME, NOW, &limits) else {
        panic!("free to go on")
    };
    assert_eq!((next.failures, next.blocked_until), (u32::MAX, NOW + Seconds(u32::MAX)));
    let far = Attempts { blocked_until: Timestamp::from_millis(i64::MAX), ..row(9, 0, 10) };
    check(Some(far), blocked(u32::MAX));
}

fn keys(secret: u8) -> RefreshKeys {
    RefreshKeys::new(RefreshKeyId(1), &[secret; 32])
}

#[test]
fn lanes_differ_by_account_device_version_and_key_and_tell_nothing() {
    let [ada, grace] = ["ada@example.com", "grace@example.com"].map(|text| Email::parse(text).unwrap());
    let of_user = |user: u8, id: u8, version| DeviceToken {
        device_id: DeviceId::from_bytes([id; 16]),
        user_id: UserId::from_bytes([user; 16]),
        ended_version: version,
    };
    let device = |id, version| of_user(1, id, version);
    let lanes = [
        Lane::common(&ada, &keys(1)),
        Lane::common(&grace, &keys(1)),
        Lane::common(&ada, &keys(2)),
        Lane::of_device(&ada, &device(1, 1), &keys(1)),
        Lane::of_device(&ada, &device(2, 1), &keys(1)),
        Lane::of_device(&ada, &device(1, 2), &keys(1)),
        Lane::of_device(&ada, &of_user(2, 1, 1), &keys(1)),
        Lane::of_device(&grace, &device(1, 1), &keys(1)),
    ];
    for (position, lane) in lanes.iter().enumerate() {
        assert_eq!(lane.as_str().len(), 43);
        assert!(!lanes[..position].contains(lane), "{position}");
    }
    assert_eq!(lanes[0], Lane::common(&Email::parse("ADA@Example.com").unwrap(), &keys(1)));
    assert_eq!(format!("{:?}", lanes[0]), "Lane(..)");
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (1_u32..20, 1_u32..100, 0_u32..10_000, 0_u32..100_000).prop_map(|(free, first, more, remember)| Limits {
        free_attempts: free,
        first_delay: Seconds(first),
        longest_delay: Seconds(first + more),
        remember: Seconds(first + more + remember),
    })
}

/// Returns the row after all these attempts, each of another request, and the number of those admitted.
fn play(times: &[i64], limits: &Limits) -> (Vec<i64>, Option<Attempts>) {
    let (mut row, mut let_through) = (None, Vec::new());
    for (number, millis) in times.iter().enumerate() {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let now = Timestamp::from_millis(NOW.millis() + millis);
        if let AttemptDecision::Reserve(next) = decide(row.as_ref(), AttemptId::from_bytes(id), now, limits) {
            row = Some(next);
            let_through.push(*millis);
        }
    }
    (let_through, row)
}

/// Sends an attempt as the flow does, and returns whether it is admitted.
fn attempt(row: &mut Option<Attempts>, number: u64, now: Timestamp, limits: Limits) -> bool {
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys(1));
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let count = CountFree { lane: lane.clone(), by: AttemptId::from_bytes(id), now, limits };
    let next = match count.apply(row.as_ref()) {
        ConditionalWrite::Written(next) => Some(next),
        ConditionalWrite::ConditionFailed(_) => match decide(row.as_ref(), count.by, now, &limits) {
            AttemptDecision::Reserve(next) => Some(next),
            AttemptDecision::Reserved | AttemptDecision::Blocked { .. } => None,
        },
    };
    let is_through = next.is_some();
    *row = next.or(row.take());
    is_through
}

/// Returns how many guesses a stranger gets in a day of constant guessing while the owner signs in
/// from a new device at this interval in seconds.
fn guesses_in_a_day(sign_ins: i64) -> usize {
    let (mut row, mut guesses, mut number) = (None, 0, 0);
    let every = if sign_ins == 0 { i64::MAX } else { 86_400 / sign_ins };
    let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys(1));
    let take_back = CountedIn::Common(lane).taken_back().unwrap();
    for second in 0..86_400 {
        let now = Timestamp::from_seconds(NOW.seconds() + second);
        number += 1;
        if second % every == every - 1
            && attempt(&mut row, number, now, LIMITS)
            && let ConditionalWrite::Written(next) = take_back.apply(row.as_ref())
        {
            row = Some(next);
        }
        loop {
            number += 1;
            if !attempt(&mut row, number, now, LIMITS) {
                break;
            }
            guesses += 1;
        }
    }
    guesses
}

#[test]
fn a_day_has_109_guesses_however_often_the_owner_signs_in() {
    assert_eq!(guesses_in_a_day(0), 109);
    for sign_ins in [1, 10, 96, 1440, 43_200] {
        let guesses = guesses_in_a_day(sign_ins);
        assert!(guesses <= 109, "{sign_ins} sign-ins: {guesses}");
    }
}

#[test]
fn a_success_is_taken_back_once_and_leaves_the_rest_of_the_row() {
    let take_back = |row: Option<&Attempts>| {
        let lane = Lane::common(&Email::parse("ada@example.com").unwrap(), &keys(1));
        CountedIn::Common(lane).taken_back().unwrap().apply(row)
    };
    let counted = row(7, 1000, 10);
    assert_eq!(
        take_back(Some(&counted)),
        ConditionalWrite::Written(Attempts { failures: 6, ..counted.clone() })
    );
    let none = row(0, 1000, 10);
    assert_eq!(take_back(Some(&none)), ConditionalWrite::ConditionFailed(Some(none.clone())));
    assert_eq!(take_back(None), ConditionalWrite::ConditionFailed(None));
}

proptest! {
    #[test]
    fn no_more_than_the_free_attempts_are_let_through_at_once(limits in any_limits(), tries in 0_usize..100) {
        let (let_through, _) = play(&vec![0; tries], &limits);
        prop_assert_eq!(let_through.len(), tries.min(limits.free_attempts as usize));
    }

    #[test]
    fn after_the_free_ones_there_is_always_a_delay_that_never_shrinks(
        limits in any_limits(), steps in prop::collection::vec(0_i64..20_000, 1..200),
    ) {
        let limits = Limits { remember: Seconds(10_000_000), ..limits };
        let times: Vec<i64> = steps.iter().scan(0, |at, step| { *at += step; Some(*at) }).collect();
        let (let_through, row) = play(&times, &limits);
        prop_assert_eq!(row.unwrap().failures as usize, let_through.len());
        let mut least = limits.first_delay.millis();
        let delayed: Vec<_> = let_through.into_iter().skip(limits.free_attempts as usize - 1).collect();
        for pair in delayed.windows(2) {
            prop_assert!(pair[1] - pair[0] >= least, "{:?} {}", pair, least);
            least = (least * 2).min(limits.longest_delay.millis());
        }
    }

    #[test]
    fn whoever_waits_as_long_as_told_is_let_through(
        limits in any_limits(), failures in 0_u32..100, ahead in -5_000_i64..5_000_000, expires_in in -10_i64..100_000,
    ) {
        let row = row(failures, ahead, expires_in);
        if let AttemptDecision::Blocked { retry_after } = decide(Some(&row), ME, NOW, &limits) {
            let later = decide(Some(&row), ME, NOW + retry_after, &limits);
            prop_assert!(matches!(later, AttemptDecision::Reserve(_)));
            prop_assert!(retry_after.millis() - ahead < 1000);
        }
    }
}
