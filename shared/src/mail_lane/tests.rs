use super::*;
use crate::attempts::Lane;
use crate::code::Purpose;
use crate::conditional_write::ConditionalWrite;
use crate::email::Email;
use crate::refresh_token::{RefreshKeyId, RefreshKeys};
use proptest::prelude::*;

const LIMITS: Limits = Limits { interval: Seconds(60), per_day: 5 };
const NOW: Timestamp = Timestamp::from_millis(2_000_000_000_250);
const ME: AttemptId = AttemptId::from_bytes([1; 16]);
const OTHER: AttemptId = AttemptId::from_bytes([2; 16]);

/// Returns a lane with this many mails today, the last one this long ago, whose day ends in this many seconds.
fn row(mails: u32, millis_ago: i64, ends_in: i64) -> Mails {
    Mails {
        mails,
        last_at: Timestamp::from_millis(NOW.millis() - millis_ago),
        reserved_by: OTHER,
        expires_at: Timestamp::from_seconds(NOW.seconds() + ends_in),
    }
}

fn counted(mails: u32, ends_in: i64) -> MailDecision {
    MailDecision::Count(Mails { reserved_by: ME, ..row(mails, 0, ends_in) })
}

fn blocked(retry_after: u32) -> MailDecision {
    MailDecision::Blocked { retry_after: Seconds(retry_after) }
}

#[track_caller]
fn check(row: Option<Mails>, expected: MailDecision) {
    assert_eq!(decide(row.as_ref(), ME, NOW, &LIMITS), expected, "{row:?}");
}

#[test]
fn there_is_one_mail_in_an_interval_and_five_in_a_day() {
    check(None, counted(1, 86_400));
    check(Some(row(1, 0, 86_400)), blocked(60));
    check(Some(row(1, 59_001, 86_300)), blocked(1));
    check(Some(row(1, 60_000, 86_300)), counted(2, 86_300));
    check(Some(row(4, 60_000, 7)), counted(5, 7));
    check(Some(row(5, 60_000, 7)), blocked(7));
    check(Some(row(5, 60_000, 0)), counted(1, 86_400));
    check(Some(row(9, 0, -5)), counted(1, 86_400));
}

#[test]
fn a_request_knows_its_own_count_again() {
    for mine in [row(1, 0, 86_400), row(5, 0, 7), row(5, 0, 0)] {
        let mine = Mails { reserved_by: ME, ..mine };
        check(Some(mine.clone()), MailDecision::Counted(mine));
    }
}

#[test]
fn the_lane_of_the_last_mail_opens_at_the_end_of_the_day() {
    assert_eq!(row(4, 0, 100).opens_at(&LIMITS), NOW + Seconds(60));
    assert_eq!(row(5, 0, 100).opens_at(&LIMITS), Timestamp::from_seconds(NOW.seconds() + 100));
}

fn count(by: AttemptId, now: Timestamp) -> CountNext {
    let keys = RefreshKeys::new(RefreshKeyId(1), &[1; 32]);
    let lane = Lane::of_mail(Purpose::Reset, &Email::parse("ada@example.com").unwrap(), &keys);
    CountNext { lane, by, now, limits: LIMITS }
}

#[test]
fn the_first_write_counts_what_the_rule_counts_on_the_same_day_and_nothing_else() {
    for mails in 0..7 {
        for millis_ago in [0, 59_999, 60_000, 90_000_000] {
            for ends_in in [-1, 0, 1, 86_400] {
                let row = row(mails, millis_ago, ends_in);
                let expected = match decide(Some(&row), ME, NOW, &LIMITS) {
                    MailDecision::Count(next) if ends_in > 0 => ConditionalWrite::Written(next),
                    MailDecision::Counted(_) | MailDecision::Count(_) | MailDecision::Blocked { .. } => {
                        ConditionalWrite::ConditionFailed(Some(row.clone()))
                    }
                };
                assert_eq!(count(ME, NOW).apply(Some(&row)), expected, "{row:?}");
            }
        }
    }
    assert_eq!(count(ME, NOW).apply(None), ConditionalWrite::Written(count(ME, NOW).first()));
}

#[test]
fn all_mail_of_a_minute_is_counted_in_one_lane_and_the_next_minute_has_another() {
    let keys = RefreshKeys::new(RefreshKeyId(1), &[1; 32]);
    let at = |seconds| CountAll::new(600, &keys, Timestamp::from_seconds(seconds));
    assert_eq!(at(60).lane, at(119).lane);
    assert_ne!(at(60).lane, at(120).lane);
    assert_eq!((at(60).retry_after(), at(119).retry_after()), (Seconds(60), Seconds(1)));
}

proptest! {
    #[test]
    fn whoever_waits_as_long_as_told_is_let_through(
        mails in 0_u32..20, millis_ago in -5_000_i64..200_000, ends_in in -10_i64..90_000,
    ) {
        let row = row(mails, millis_ago, ends_in);
        if let MailDecision::Blocked { retry_after } = decide(Some(&row), ME, NOW, &LIMITS) {
            let later = decide(Some(&row), ME, NOW + retry_after, &LIMITS);
            prop_assert!(matches!(later, MailDecision::Count(_)), "{later:?}");
        }
    }
}
