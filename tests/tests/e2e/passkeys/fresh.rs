//! A fresh passkey: for 300 seconds after its use it proves who asks, without a password and without a code.

use http::Method;
use serde_json::json;
use shared::Seconds;
use tests::{Authenticator, AuthenticatorApp, Browser, Form, World, jwt};

use super::{proven_with_a_passkey, with_a_passkey};
use crate::password::change::new_password;

/// Asserts that the passkey proves nothing any more, and that tokens say when it was used.
async fn assert_not_fresh(browser: &Browser, used_at: i64) {
    let password = json!({ "new_password": new_password("wire") });
    for (method, path, body) in [
        (Method::POST, "/password", password),
        (Method::POST, "/passkeys/creation-options", json!({})),
        (Method::DELETE, "/me", json!({})),
    ] {
        let refused = browser.call_with(method, path, &body, Form::Nothing).await;
        refused.assert_error("insufficient_user_authentication");
    }
    let claims = jwt::claims(&browser.tokens().access_token);
    assert_eq!(claims["auth_time"], used_at);
}

#[tokio::test]
async fn a_new_password_makes_no_passkey_fresh_again() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    let used_at = world.clock.now().seconds();
    for _ in 0..2 {
        world.clock.advance(Seconds(149));
        browser.refresh().await.assert_ok();
        browser.change_password_by_passkey(&new_password("wire")).await.assert_ok();
    }
    world.clock.advance(Seconds(2));
    assert_not_fresh(&browser, used_at).await;
    browser.refresh().await.assert_ok();
    assert_not_fresh(&browser, used_at).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    browser.change_password_by_passkey(&new_password("wire")).await.assert_ok();
}

#[tokio::test]
async fn a_new_address_makes_no_passkey_fresh_again() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = proven_with_a_passkey(&world).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    let used_at = world.clock.now().seconds();
    let new = Browser::at(&world.service).email;
    browser.request_address(&new).await.assert_ok();
    let code = world.service.mail_to(&new, "change_address").await.code().to_owned();
    world.clock.advance(Seconds(300));
    browser.refresh().await.assert_ok();
    browser.confirm_address(&code).await.assert_ok();
    assert_not_fresh(&browser, used_at).await;
}

#[tokio::test]
async fn another_passkey_and_an_app_make_no_passkey_fresh_again() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    let used_at = world.clock.now().seconds();
    let challenge = browser.creation_options_with(&json!({})).await;
    let credential = Authenticator::new().create(&challenge.json()["public_key"], &browser.page());
    world.clock.advance(Seconds(299));
    browser.refresh().await.assert_ok();
    browser.create_passkey(&challenge, &credential, "x").await.assert_ok();
    let mut app = AuthenticatorApp::of(&browser.enrol_totp(&json!({})).await);
    world.clock.advance(Seconds(1));
    assert_not_fresh(&browser, used_at).await;
    app.confirm(&mut browser, world.clock.now()).await;
    assert_not_fresh(&browser, used_at).await;
}

#[tokio::test]
async fn a_fresh_passkey_removes_the_app_and_deletes_the_account_without_password_or_code() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    browser.set_totp_up(&json!({}), world.clock.now()).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    let removed = browser.call_with(Method::DELETE, "/factors/totp", &json!({}), Form::Tokens).await;
    removed.assert_ok();
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    assert!(browser.factors().await.json()["totp"].is_null());
    browser.call_with(Method::DELETE, "/me", &json!({}), Form::Nothing).await.assert_ok();
    browser.sign_in_with(&mut authenticator).await.assert_error("invalid_credentials");
}
