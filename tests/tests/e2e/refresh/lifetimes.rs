//! How long sessions and access tokens live.

use serde_json::Value;
use shared::{Seconds, Timestamp};
use tests::{START, World, jwt};

#[tokio::test]
async fn a_session_that_is_not_refreshed_ends_at_its_idle_end() {
    // Idle ends are whole seconds: the one that began a quarter past ends at the full second.
    for (before_the_end, lives) in [(1, true), (0, false)] {
        let world = World::with(&[("REFRESH_IDLE_SECONDS", "100")]).await;
        let mut browser = world.signed_in().await;
        world.clock.set(Timestamp::from_millis((START.seconds() + 100) * 1000 - before_the_end));
        let answer = browser.refresh().await;
        if lives {
            answer.assert_ok()
        } else {
            answer.assert_error("invalid_grant")
        };
    }
}

#[tokio::test]
async fn a_refresh_moves_the_idle_end_and_never_the_absolute_one() {
    let world = World::with(&[("REFRESH_IDLE_SECONDS", "100"), ("REFRESH_ABSOLUTE_SECONDS", "250")]).await;
    let mut browser = world.signed_in().await;
    // After 90, 180 and 220 s: a hundred seconds more, unless the absolute end is nearer.
    for (pause, left) in [(90, 99), (90, 70), (40, 30)] {
        world.clock.advance(Seconds(pause));
        let answer = browser.refresh().await;
        answer.assert_ok();
        assert_eq!(answer.json()["refresh_expires_in"], left, "after {pause} s more");
    }
    let mut tab = browser.clone();
    world.clock.advance_millis(29_999);
    browser.refresh().await.assert_ok();
    world.clock.advance_millis(1);
    browser.refresh().await.assert_error("invalid_grant");
    tab.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn no_access_token_outlives_its_session() {
    let world = World::with(&[("REFRESH_ABSOLUTE_SECONDS", "100"), ("ACCESS_TOKEN_SECONDS", "60")]).await;
    let mut browser = world.signed_in().await;
    let end = START.seconds() + 100;
    world.clock.advance(Seconds(70));
    let answer = browser.refresh().await;
    answer.assert_ok();
    assert_eq!(answer.json()["expires_in"], 30);
    assert_eq!(jwt::claims(&browser.tokens().access_token)["exp"], end);

    world.clock.set(Timestamp::from_millis(end * 1000 - 1));
    browser.weather().await.assert_ok();
    world.clock.set(Timestamp::from_seconds(end));
    browser.weather().await.assert_error("invalid_token");
}

#[tokio::test]
async fn an_access_token_is_refused_from_the_second_of_its_exp_on() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let exp = jwt::claims(&browser.tokens().access_token)["exp"].as_i64().unwrap();
    world.clock.set(Timestamp::from_millis(exp * 1000 - 1));
    browser.weather().await.assert_ok();
    world.clock.set(Timestamp::from_seconds(exp));
    assert_eq!(browser.weather().await.assert_error("invalid_token").header("is-token-expired"), "true");
}

#[tokio::test]
async fn the_time_to_live_is_in_seconds_and_all_other_times_in_milliseconds() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    assert_eq!(row.number("expires_at"), START.seconds() + 604_800);
    assert_eq!(row.number("created_at"), START.millis());
    assert_eq!(row.number("ends_at"), START.millis() + 2_592_000_000);
}

#[tokio::test]
async fn a_row_past_its_time_to_live_is_refused_before_it_is_swept_and_after() {
    let world = World::with(&[("REFRESH_IDLE_SECONDS", "100")]).await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Seconds(101));
    let mut living = world.signed_in().await;
    browser.refresh().await.assert_error("invalid_grant");
    assert!(world.database.session(&browser.tokens().session_id).await.is_some());
    world.database.sweep(world.clock.now()).await;
    assert_eq!(world.database.session(&browser.tokens().session_id).await, None);
    browser.refresh().await.assert_error("invalid_grant");
    living.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_new_access_token_says_when_its_user_signed_in() {
    let world = World::start().await;
    let browser = world.refreshed(3).await;
    let claims = jwt::claims(&browser.tokens().access_token);
    assert_eq!(claims["auth_time"], START.seconds());
    assert_eq!(claims["iat"], START.seconds() + 180);
    assert_eq!(claims["email_verified"], Value::Bool(false));
}
