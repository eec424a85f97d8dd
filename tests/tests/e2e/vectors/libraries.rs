//! Tokens and keys that the tests of PyJWT, of both libraries called jsonwebtoken and of aws-jwt-verify refuse.

use shared::access_token::{self, AccessTokenError, Policy};
use shared::key_set::VerifyingKeys;
use tests::World;
use tests::vectors::libraries::{self, Outcome, TokenCase};

use crate::refresh::check_refused;

/// The reason for which a token is refused, if it is.
fn verify(world: &World, token: &str) -> Result<(), AccessTokenError> {
    let policy = Policy { issuer: "urn:ratchet:local".to_owned(), audience: "ratchet".to_owned() };
    access_token::verify(token, &world.keys.verifying, &policy)?.unexpired_at(world.clock.now()).map(drop)
}

fn name(reason: impl std::fmt::Debug) -> String {
    format!("{reason:?}").split('(').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn tokens_that_other_libraries_refuse_are_refused_or_have_a_reason() {
    let world = World::start().await;
    let genuine = world.signed_in().await.tokens().access_token.clone();
    assert_eq!(verify(&world, &genuine), Ok(()));
    let cases = libraries::tokens();
    assert!(cases.len() > 180, "{}", cases.len());
    for case in cases {
        let token = case.token(&genuine, &world.keys, world.clock.now());
        match (&case.outcome, verify(&world, &token)) {
            (Outcome::Refused(reason), Err(error)) => assert_eq!(name(error), *reason, "{}", case.test),
            (Outcome::Accepted(reason), Ok(())) => assert!(!reason.is_empty(), "{}", case.test),
            (expected, verified) => panic!("{}: {verified:?}, not {expected:?}", case.test),
        }
    }
}

/// Whether it may come beside a refresh token: one that has expired may.
fn is_good_enough(case: &TokenCase) -> bool {
    match &case.outcome {
        Outcome::Refused(reason) => reason == "Expired",
        Outcome::Accepted(_) => true,
    }
}

#[tokio::test]
async fn a_refresh_token_survives_what_other_libraries_refuse() {
    let world = World::with(&[("REFRESH_REQUIRES_ACCESS_TOKEN", "true")]).await;
    let mut browser = world.signed_in().await;
    let token = |case: &TokenCase, genuine: &str| case.token(genuine, &world.keys, world.clock.now());
    let (good_enough, refused): (Vec<_>, Vec<_>) = libraries::tokens().into_iter().partition(is_good_enough);
    for case in refused {
        let forged = token(&case, &browser.tokens().access_token);
        check_refused(&world, &browser, &forged, &case.test).await;
    }
    for case in good_enough {
        let spoilt = token(&case, &browser.tokens().access_token);
        browser.refresh_beside(&spoilt).await.assert_ok();
    }
}

#[test]
fn keys_that_other_libraries_refuse_are_refused_or_have_a_reason() {
    let cases = libraries::keys();
    assert!(cases.len() > 30, "{}", cases.len());
    for case in cases {
        let read = VerifyingKeys::from_jwk_set(&case.jwk_set().to_string());
        match (&case.outcome, read.map(drop)) {
            (Outcome::Refused(reason), Err(error)) => assert_eq!(name(error), *reason, "{}", case.test),
            (Outcome::Accepted(reason), Ok(())) => assert!(!reason.is_empty(), "{}", case.test),
            (expected, read) => panic!("{}: {read:?}, not {expected:?}", case.test),
        }
    }
}
