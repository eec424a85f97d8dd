//! The password and the second factor with which a user adds or removes a passkey.

use tests::dynamodb::USERS;
use tests::{Authenticator, Browser, Fault, World};

use super::with_a_passkey;
use crate::factors::sign_in::with_app;

/// Gives the account the greatest number of passkeys.
async fn fill_up(world: &World, browser: &Browser) {
    let row = world.database.user(&browser.email).await.unwrap();
    world.database.put(USERS, &row.with_number("passkeys", 20)).await;
}

#[tokio::test]
async fn a_user_with_an_app_adds_and_removes_a_passkey_with_a_code() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    let mut authenticator = Authenticator::new();
    browser.creation_options().await.assert_error("mfa_required");
    let challenge = browser.creation_options_with(&browser.proving(&app.recovery_code(0))).await;
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    browser.create_passkey(&challenge, &credential, "x").await.assert_ok();
    let id = authenticator.id();
    browser.remove_passkey(&id).await.assert_error("mfa_required");
    let used = browser.proving(&app.recovery_code(0));
    browser.remove_passkey_with(&id, &used).await.assert_error("invalid_credentials");
    let body = browser.proving(&app.recovery_code(1));
    browser.remove_passkey_with(&id, &body).await.assert_ok();
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 8);
}

#[tokio::test]
async fn a_right_password_is_not_counted_where_there_is_no_such_passkey() {
    let world = World::start().await;
    let (mut browser, _) = with_a_passkey(&world).await;
    for _ in 0..6 {
        browser.remove_passkey("AAAA").await.assert_error("not_found");
    }
    assert_eq!(world.database.attempts().await[0].number("failures"), 0);
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn a_right_password_is_not_counted_where_there_is_no_room_for_another_passkey() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    fill_up(&world, &browser).await;
    for _ in 0..6 {
        browser.creation_options().await.assert_error("too_many_passkeys");
    }
    assert_eq!(world.database.attempts().await[0].number("failures"), 0);
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn no_recovery_code_is_used_where_there_is_no_room_for_another_passkey() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    fill_up(&world, &browser).await;
    let body = browser.proving(&app.recovery_code(0));
    browser.creation_options_with(&body).await.assert_error("too_many_passkeys");
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 10);
}

/// The SDK sends a write again whose answer is lost, and that must not find its own use.
#[tokio::test]
async fn a_code_whose_use_the_sdk_sends_twice_is_right() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    for code in [app.recovery_code(0), app.totp(world.clock.now())] {
        let body = browser.proving(&code);
        let mut count = world.database.hold_next("UpdateItem");
        let asking = browser.clone();
        let asked = tokio::spawn(async move { asking.creation_options_with(&body).await });
        count.arrived().await;
        world.database.disturb_next("UpdateItem", Fault::LostAnswer);
        drop(count);
        asked.await.unwrap().assert_ok();
        let again = browser.creation_options_with(&browser.proving(&code)).await;
        again.assert_error("invalid_credentials");
    }
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 9);
}
