use super::*;
use crate::access_token;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::{Nonce, RefreshKeyId};
use crate::session::{Device, Lifetimes, NewSession, Profile};
use rand::SeedableRng;
use rand::rngs::StdRng;

const NOW: i64 = 2_000_000_000;

fn keys() -> KeySet {
    KeySet::generate(crate::key_set::Algorithm::default(), &mut StdRng::seed_from_u64(1)).unwrap()
}

fn settings() -> AccessTokens {
    let policy = Policy { issuer: "urn:ratchet:test".to_owned(), audience: "api".to_owned() };
    AccessTokens { policy, client_id: "web".to_owned(), lifetime: Seconds(60) }
}

fn session(idle: u32, absolute: u32) -> Session {
    let profile = Profile {
        email: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        roles: vec!["admin".parse().unwrap()],
        claims: crate::custom_claims::CustomClaims::default(),
        email_verified: false,
        account_version: Some(1),
    };
    Session::begin(NewSession {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        key_id: RefreshKeyId(1),
        nonce: Nonce::from_bytes([3; 12]),
        lifetimes: Lifetimes { idle: Seconds(idle), absolute: Seconds(absolute) },
        amr: AuthenticationMethods::PASSWORD,
        profile,
        device: Device::default(),
        now: Timestamp::from_seconds(NOW),
    })
}

fn respond(session: &Session, now: Timestamp, seed: u64) -> TokenResponse {
    let mut rng = StdRng::seed_from_u64(seed);
    token_response(&settings(), &keys(), session, &session.newest_token(), now, &mut rng).unwrap()
}

#[test]
fn a_client_is_told_every_time_in_seconds_from_now() {
    let response = respond(&session(1000, 5000), Timestamp::from_millis(NOW * 1000 + 900), 1);
    assert_eq!((response.token_type, response.expires_in, response.server_time), ("Bearer", 60, NOW));
    assert_eq!(response.refresh_expires_in, 999);
    assert_eq!(respond(&session(1000, 500), Timestamp::from_seconds(NOW), 1).refresh_expires_in, 500);
}

#[test]
fn no_access_token_outlives_its_sessions_absolute_end() {
    let now = Timestamp::from_seconds(NOW + 4970);
    let response = respond(&session(1_000_000, 5000), now, 1);
    assert_eq!((response.expires_in, response.refresh_expires_in), (30, 30));
    let policy = settings().policy;
    let genuine = access_token::verify(&response.access_token, &keys().verifying, &policy).unwrap();
    assert_eq!(genuine.even_if_expired(now).unwrap().exp, NOW + 5000);
}

#[test]
fn clients_are_spread_over_the_last_third_of_a_tokens_life() {
    let session = session(1000, 5000);
    let times: Vec<_> =
        (0..300).map(|seed| respond(&session, Timestamp::from_seconds(NOW), seed).refresh_after).collect();
    assert_eq!((times.iter().min(), times.iter().max()), (Some(&42), Some(&54)));
}

#[test]
fn a_refresh_token_key_that_is_gone_is_an_error() {
    let orphan = Session { key_id: RefreshKeyId(9), ..session(1000, 5000) };
    let mut rng = StdRng::seed_from_u64(1);
    let result =
        token_response(&settings(), &keys(), &orphan, &orphan.newest_token(), orphan.created_at, &mut rng);
    assert_eq!(result.err(), Some(IssueError::RefreshKey(RefreshKeyError(RefreshKeyId(9)))));
}

#[test]
fn the_response_has_the_contracts_members() {
    let json = serde_json::to_value(respond(&session(1000, 5000), Timestamp::from_seconds(NOW), 1)).unwrap();
    let mut members: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "access_token",
            "expires_in",
            "refresh_after",
            "refresh_expires_in",
            "refresh_token",
            "server_time",
            "session_id",
            "token_type",
            "user"
        ]
    );
    assert_eq!(json["user"]["roles"], serde_json::json!(["admin"]));
}
