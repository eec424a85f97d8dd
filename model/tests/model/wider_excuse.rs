//! Why the rule does not excuse every late duplicate: the excuse would hide a thief who refreshes every few seconds.

use model::rule::Rule;
use shared::authentication::AuthenticationMethods;
use shared::ids::{SessionId, UserId};
use shared::refresh_token::{Nonce, RefreshKeyId, RefreshToken};
use shared::session::{
    Device, EndReason, LATE_DUPLICATE, NewSession, Profile, RefreshDecision, RefusalReason, Rotation,
    Session, decide,
};
use shared::{Seconds, Timestamp};

const KEY: RefreshKeyId = RefreshKeyId(1);
const FRESH: Nonce = Nonce::from_bytes([0xff; 12]);

/// A session and a copy of its first token, which its thief has refreshed so often, once in every nine seconds.
fn stolen(refreshes: u8) -> (Session, RefreshToken, Timestamp) {
    let mut now = Timestamp::from_seconds(1_000_000);
    let lifetimes = Rule::product().lifetimes;
    let mut row = Session::begin(NewSession {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        key_id: KEY,
        nonce: Nonce::from_bytes([0; 12]),
        lifetimes,
        amr: AuthenticationMethods::PASSWORD,
        profile: Profile {
            email: String::new(),
            name: String::new(),
            roles: vec![],
            claims: shared::custom_claims::CustomClaims::default(),
            email_verified: false,
            account_version: None,
        },
        device: Device::default(),
        now,
    });
    let users = row.newest_token();
    for refresh in 1..=refreshes {
        now = now + Seconds(9);
        let rotation = Rotation {
            presented: row.newest_token(),
            retry_key: None,
            generation: row.generation.next().unwrap(),
            nonce: Nonce::from_bytes([refresh; 12]),
            key_id: KEY,
            idle: lifetimes.idle,
            now,
        };
        row = rotation.update(&row);
    }
    (row, users, now)
}

/// The product's rule, but a late duplicate of any age is excused, for as long as the row can still tell that its token
/// may have been superseded at most 30 s ago.
fn wider(row: &Session, presented: &RefreshToken, now: Timestamp) -> RefreshDecision {
    let decision = decide(Some(row), presented, None, &FRESH, now, &Rule::product().limits);
    let [.., three] = row.superseded;
    let is_excused = now <= three.max(row.late_at) + LATE_DUPLICATE;
    if decision == RefreshDecision::End(EndReason::Reuse) && is_excused {
        return RefreshDecision::Refuse(RefusalReason::LateDuplicate);
    }
    decision
}

#[test]
fn g4_a_thief_every_nine_seconds_is_noticed_but_not_with_a_wider_excuse() {
    for refreshes in 4..=200 {
        let (row, users, now) = stolen(refreshes);
        let later = now + Seconds(3);
        assert_eq!(
            decide(Some(&row), &users, None, &FRESH, later, &Rule::product().limits),
            RefreshDecision::End(EndReason::Reuse)
        );
        assert_eq!(
            wider(&row, &users, later),
            RefreshDecision::Refuse(RefusalReason::LateDuplicate),
            "{refreshes}"
        );
    }
}
