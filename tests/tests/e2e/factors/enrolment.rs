//! The life of an authenticator app.

use serde_json::json;
use shared::Seconds;
use tests::{AuthenticatorApp, Browser, Fault, World, jwt};

use super::sign_in::with_app;
use crate::password::change::new_password;

#[tokio::test]
async fn an_app_is_asked_for_once_it_is_confirmed_and_the_other_sessions_end() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    browser.enrol_totp(&json!({})).await.assert_ok();
    browser.other_device().login().await.assert_ok();
    assert_eq!(
        browser.factors().await.json(),
        json!({ "totp": null, "recovery_codes_left": 0, "passkeys": 0 })
    );

    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    assert_eq!(jwt::claims(&browser.tokens().access_token)["amr"], json!(["pwd", "otp"]));
    phone.refresh().await.assert_error("invalid_grant");
    browser.other_device().login().await.assert_error("mfa_required");
    let added_at = world.clock.now().seconds();
    let expected = json!({ "totp": { "added_at": added_at }, "recovery_codes_left": 10, "passkeys": 0 });
    assert_eq!(browser.factors().await.assert_ok().json(), expected);
    world.service.mail_to(&browser.email, "factor_added").await;
    assert_eq!(app.recovery_codes.len(), 10);
}

#[tokio::test]
async fn a_wrong_code_confirms_nothing_and_counts() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let code = json!({ "totp": "000000" });
    browser.confirm_totp(&code).await.assert_error("invalid_code");
    browser.enrol_totp(&json!({})).await.assert_ok();
    for _ in 0..4 {
        browser.clone().with_device_token("x").confirm_totp(&code).await.assert_error("invalid_code");
    }
    browser.with_device_token("x").confirm_totp(&code).await.assert_error("invalid_code");
    browser.with_device_token("x").confirm_totp(&code).await.assert_error("too_many_attempts");
    assert!(browser.factors().await.json()["totp"].is_null());
}

#[tokio::test]
async fn an_app_that_is_not_confirmed_within_an_hour_never_is() {
    let world = World::with(&[("ACCESS_TOKEN_SECONDS", "86400")]).await;
    let mut browser = world.signed_in().await;
    let enrolled = browser.enrol_totp(&json!({})).await;
    let secret =
        enrolled.json()["secret"].as_str().and_then(shared::factor::TotpSecret::from_base32).unwrap();
    world.clock.advance(Seconds(3600));
    let code = json!({ "totp": secret.code_at(world.clock.now()) });
    browser.confirm_totp(&code).await.assert_error("invalid_code");
}

#[tokio::test]
async fn an_app_is_confirmed_by_the_session_that_began_it_alone() {
    let world = World::start().await;
    let (mut browser, mut phone) = world.on_two_devices().await;
    let mut app = AuthenticatorApp::of(&browser.enrol_totp(&json!({})).await);
    phone.confirm_totp(&app.totp(world.clock.now())).await.assert_error("invalid_code");
    app.confirm(&mut browser, world.clock.now()).await;
}

#[tokio::test]
async fn a_new_password_ends_the_enrolment_of_an_app() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let app = AuthenticatorApp::of(&browser.enrol_totp(&json!({})).await);
    assert!(!world.database.user(&browser.email).await.unwrap().0["pending_totp"].is_null());
    browser.change_password(&new_password("wire")).await.assert_ok();
    assert!(world.database.user(&browser.email).await.unwrap().0["pending_totp"].is_null());
    browser.confirm_totp(&app.totp(world.clock.now())).await.assert_error("invalid_code");
}

/// The SDK sends a write again whose answer is lost, and that must not find its own use.
#[tokio::test]
async fn an_enrolment_that_the_sdk_sends_twice_is_one() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    let mut count = world.database.hold_next("UpdateItem");
    let (asking, code) = (browser.clone(), app.recovery_code(0));
    let asked = tokio::spawn(async move { asking.enrol_totp(&code).await });
    count.arrived().await;
    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    drop(count);
    let mut second = AuthenticatorApp::of(&asked.await.unwrap());
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 9);
    second.confirm(&mut browser, world.clock.now()).await;
}

#[tokio::test]
async fn another_app_takes_the_place_of_the_first_and_asks_for_it() {
    let world = World::start().await;
    let (mut browser, first) = with_app(&world).await;
    browser.enrol_totp(&json!({})).await.assert_error("mfa_required");
    browser.enrol_totp(&json!({ "totp": "000000" })).await.assert_error("invalid_credentials");
    let second = browser.set_totp_up(&first.totp(world.clock.now()), world.clock.now()).await;
    world.clock.advance(Seconds(60));
    let now = world.clock.now();
    browser.other_device().login_with(&first.totp(now)).await.assert_error("invalid_credentials");
    browser.other_device().login_with(&first.recovery_code(0)).await.assert_error("invalid_credentials");
    browser.other_device().login_with(&second.totp(now)).await.assert_ok();
    browser.other_device().login_with(&second.recovery_code(0)).await.assert_ok();
}

#[tokio::test]
async fn the_app_is_removed_by_who_has_it_and_its_recovery_codes_go_with_it() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    let mut phone = browser.other_device();
    phone.login_with(&app.recovery_code(0)).await.assert_ok();
    browser.remove_totp(&json!({})).await.assert_error("mfa_required");
    browser.remove_totp(&json!({ "totp": "000000" })).await.assert_error("invalid_credentials");
    browser.mistyping().remove_totp(&app.totp(world.clock.now())).await.assert_error("invalid_credentials");
    browser.remove_totp(&app.totp(world.clock.now())).await.assert_ok();
    phone.refresh().await.assert_error("invalid_grant");
    assert_eq!(
        browser.factors().await.json(),
        json!({ "totp": null, "recovery_codes_left": 0, "passkeys": 0 })
    );
    browser.other_device().login().await.assert_ok();
    browser.remove_totp(&json!({})).await.assert_error("not_found");
    browser.replace_recovery_codes(&json!({})).await.assert_error("not_found");
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones_and_sessions_go_on() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    browser.replace_recovery_codes(&json!({})).await.assert_error("mfa_required");
    let answer = browser.replace_recovery_codes(&app.recovery_code(0)).await;
    answer.assert_ok();
    browser.refresh().await.assert_ok();
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 10);
    browser.other_device().login_with(&app.recovery_code(1)).await.assert_error("invalid_credentials");
    let new = json!({ "recovery_code": answer.json()["recovery_codes"][0] });
    browser.other_device().login_with(&new).await.assert_ok();
}

/// Whoever has none of the data keys of before can't read what they have sealed.
#[tokio::test]
async fn a_sign_in_seals_the_secret_under_the_current_data_key() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let mut keys: serde_json::Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    keys["data_keys"][0]["state"] = "retired".into();
    keys["data_keys"][0]["used_until"] = 0.into();
    keys["data_keys"][1]["state"] = "current".into();
    let rotated = world.beside(&[("KEY_SET", &keys.to_string())]).await;
    browser
        .moved_to(&rotated.service)
        .other_device()
        .login_with(&app.totp(world.clock.now()))
        .await
        .assert_ok();
    keys["data_keys"].as_array_mut().unwrap().remove(0);
    let revoked = world.beside(&[("KEY_SET", &keys.to_string())]).await;
    let later = world.clock.now() + Seconds(30);
    revoked.clock.set(later);
    let elsewhere: Browser = browser.moved_to(&revoked.service);
    elsewhere.other_device().login_with(&app.totp(later)).await.assert_ok();
    // Recovery codes are HMACs: nobody can make them anew, and with their key they are lost.
    let lost = elsewhere.other_device().login_with(&app.recovery_code(0)).await;
    lost.assert_error("invalid_credentials");
}

#[tokio::test]
async fn without_a_data_key_factors_are_unavailable_and_others_sign_in() {
    let world = World::start().await;
    let mut keys: serde_json::Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    keys.as_object_mut().unwrap().remove("data_keys");
    let old = world.beside(&[("KEY_SET", &keys.to_string())]).await;
    let mut browser = old.signed_in().await;
    browser.other_device().login().await.assert_ok();
    browser.enrol_totp(&json!({})).await.assert_error("temporarily_unavailable");
    browser.confirm_totp(&json!({ "totp": "000000" })).await.assert_error("temporarily_unavailable");
    browser.refresh().await.assert_ok();
}
