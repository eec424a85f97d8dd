//! Ending a session, and what still runs while it ends.

use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{SESSIONS, USERS};
use tests::{Browser, Form, World};

#[tokio::test]
async fn g5_no_refresh_succeeds_after_a_logout() {
    let world = World::start().await;
    let mut browser = world.refreshed(2).await;
    let mut tab = browser.clone();
    browser.logout().await.assert_ok();
    assert_eq!(world.database.session(&browser.tokens().session_id).await, None);
    browser.refresh().await.assert_error("invalid_grant");
    tab.refresh_with_access_token().await.assert_error("invalid_grant");
    browser.logout().await.assert_ok();
}

#[tokio::test]
async fn any_genuine_token_of_the_session_ends_it() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let first = browser.clone();
    for _ in 0..5 {
        world.clock.advance(Seconds(3600));
        browser.refresh().await.assert_ok();
    }
    first.logout().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn other_sessions_of_the_user_live_on() {
    let mut browser = Browser::signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    browser.logout().await.assert_ok();
    phone.refresh().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_logout_of_what_is_no_token_is_answered_alike_and_ends_nothing() {
    let mut browser = Browser::signed_in().await;
    for text in ["", "x", "null", &"A".repeat(86)] {
        let answer = browser.service.post("/logout", &json!({ "refresh_token": text }), Form::Nothing).await;
        answer.assert_ok();
    }
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn g5_a_late_replay_that_a_logout_overtakes_is_refused() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let late = browser.clone();
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(10));
    let (second, replay) = world.hold_late_replay(late).await;
    browser.logout().await.assert_ok();
    drop(second);
    replay.await.unwrap().assert_error("invalid_grant");
    assert!(world.database.rows(SESSIONS).await.is_empty());
}

#[tokio::test]
async fn g5_a_refresh_that_a_logout_overtakes_is_refused() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut tab = browser.clone();
    let mut held = world.database.hold_next("UpdateItem");
    let refresh = tokio::spawn(async move { tab.refresh().await });
    held.arrived().await;
    browser.logout().await.assert_ok();
    drop(held);
    refresh.await.unwrap().assert_error("invalid_grant");
    assert!(world.database.rows(SESSIONS).await.is_empty());
}

/// A sign-in that has read the account and verified the password, and has yet to write, while the account's row is
/// changed as `change` says. Returns what became of it, and how many sessions there are afterwards.
async fn sign_in_stalled_while(change: impl Fn(tests::Row) -> tests::Row) -> (tests::Answer, usize) {
    let world = World::start().await;
    let browser = world.signed_in().await;
    browser.logout().await.assert_ok();
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut stalled = browser.clone();
    let sign_in = tokio::spawn(async move { stalled.login().await });
    held.arrived().await;
    let account = world.database.user(&browser.email).await.unwrap();
    world.database.put(USERS, &change(account)).await;
    drop(held);
    (sign_in.await.unwrap(), world.database.rows(SESSIONS).await.len())
}

#[tokio::test]
async fn g5_a_sign_in_that_a_password_change_overtakes_leaves_no_session() {
    let other_hash = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43));
    let (answer, sessions) = sign_in_stalled_while(|account| {
        account.with_number("version", 2).with_text("password_hash", &other_hash)
    })
    .await;
    answer.assert_error("invalid_credentials");
    assert_eq!(sessions, 0);
}

#[tokio::test]
async fn a_sign_in_that_another_change_overtakes_tells_of_it() {
    let (answer, sessions) =
        sign_in_stalled_while(|account| account.with_number("version", 2).with_text("name", "Ada King"))
            .await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["name"], "Ada King");
    assert_eq!(sessions, 1);
}
