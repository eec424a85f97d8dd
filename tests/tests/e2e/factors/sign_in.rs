//! `POST /login` of an account with an authenticator app.

use serde_json::{Value, json};
use shared::Seconds;
use tests::{AuthenticatorApp, Browser, World, jwt};

/// Somebody with an app, in whose step nothing was used yet.
pub(crate) async fn with_app(world: &World) -> (Browser, AuthenticatorApp) {
    let mut browser = world.signed_in().await;
    let authenticator = browser.set_totp_up(&json!({}), world.clock.now()).await;
    world.clock.advance(Seconds(60));
    browser.refresh().await.assert_ok();
    (browser, authenticator)
}

fn amr(browser: &Browser) -> Value {
    jwt::claims(&browser.tokens().access_token)["amr"].clone()
}

#[tokio::test]
async fn a_password_alone_signs_nobody_in_whose_account_has_an_app() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let mut phone = browser.other_device();
    let missing = phone.login_with(&json!({})).await;
    missing.assert_error("mfa_required");
    assert_eq!(missing.json()["factors"], json!(["totp", "recovery_code"]));
    phone.login_with(&app.totp(world.clock.now())).await.assert_ok();
    assert_eq!(amr(&phone), json!(["pwd", "otp"]));
    phone.refresh().await.assert_ok();
    assert_eq!(amr(&phone), json!(["pwd", "otp"]), "a refresh says the same");
    let mut another = browser.other_device();
    another.login_with(&app.recovery_code(0)).await.assert_ok();
    assert_eq!(amr(&another), json!(["pwd", "otp"]));
}

#[tokio::test]
async fn an_account_without_an_app_is_asked_for_nothing_and_a_code_is_passed_over() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    assert_eq!(amr(&browser), json!(["pwd"]));
    browser.other_device().login_with(&json!({ "totp": "123456" })).await.assert_ok();
}

#[tokio::test]
async fn a_wrong_code_is_answered_like_a_wrong_password() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let now = world.clock.now();
    let wrong_password = browser
        .other_device()
        .mistyping()
        .login_with(&app.totp(now))
        .await
        .assert_error("invalid_credentials")
        .text
        .clone();
    for wrong in [
        json!({ "totp": "000000" }),
        json!({ "recovery_code": "0000-0000-0000-0000" }),
        app.totp(now + Seconds(120)),
    ] {
        let answer = browser.other_device().login_with(&wrong).await;
        assert_eq!(answer.assert_error("invalid_credentials").text, wrong_password);
    }
}

#[tokio::test]
async fn what_can_be_no_code_and_two_codes_at_once_are_malformed() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let (mut both, recovery) = (app.totp(world.clock.now()), app.recovery_code(0));
    both["recovery_code"] = recovery["recovery_code"].clone();
    for (malformed, described) in [
        (json!({ "totp": "12345" }), "totp must be 6 digits."),
        (json!({ "totp": 123_456 }), "totp must be a string."),
        (json!({ "recovery_code": "x" }), "recovery_code must be 16 letters and digits."),
        (both, "totp and recovery_code can't be there both."),
    ] {
        let answer = browser.other_device().login_with(&malformed).await;
        answer.assert_error("invalid_request").assert_description(described);
    }
}

#[tokio::test]
async fn a_step_signs_in_once_and_no_earlier_one_does_after_it() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let code = app.totp(world.clock.now());
    browser.other_device().login_with(&code).await.assert_ok();
    browser.other_device().login_with(&code).await.assert_error("invalid_credentials");
    let before = app.totp(world.clock.now());
    world.clock.advance(Seconds(30));
    browser.other_device().login_with(&before).await.assert_error("invalid_credentials");
    browser.other_device().login_with(&app.totp(world.clock.now())).await.assert_ok();
}

#[tokio::test]
async fn the_code_that_confirmed_the_app_does_not_sign_in() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    let same = app.totp(world.clock.now());
    browser.other_device().login_with(&same).await.assert_error("invalid_credentials");
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_the_last_one_is_told() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    for number in 0..10 {
        browser.other_device().login_with(&app.recovery_code(number)).await.assert_ok();
        let again = browser.other_device().login_with(&app.recovery_code(number)).await;
        again.assert_error("invalid_credentials");
        world.clock.advance(Seconds(24 * 60 * 60));
    }
    world.service.mail_to(&browser.email, "recovery_codes_used_up").await;
    let missing = browser.other_device().login_with(&json!({})).await;
    assert_eq!(missing.assert_error("mfa_required").json()["factors"], json!(["totp"]));
}

#[tokio::test]
async fn wrong_codes_are_wrong_attempts_and_the_right_password_alone_is_none() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    for _ in 0..20 {
        browser.other_device().login_with(&json!({})).await.assert_error("mfa_required");
    }
    for _ in 0..5 {
        browser
            .other_device()
            .login_with(&json!({ "totp": "000000" }))
            .await
            .assert_error("invalid_credentials");
    }
    let code = app.totp(world.clock.now());
    browser.other_device().login_with(&code).await.assert_error("too_many_attempts");
}

/// Whoever knows the password and has stolen a device token must not wash wrong codes off by requests without one.
#[tokio::test]
async fn a_password_without_a_code_forgets_no_wrong_codes_of_its_device() {
    let world = World::start().await;
    let (browser, _) = with_app(&world).await;
    let on_device = |members: Value| {
        let (mut body, mut thief) = (members, browser.clone());
        body["device_token"] = browser.tokens().device_token.as_str().into();
        async move { thief.login_with(&body).await }
    };
    for _ in 0..5 {
        on_device(json!({ "totp": "000000" })).await.assert_error("invalid_credentials");
        on_device(json!({})).await;
    }
    on_device(json!({ "totp": "000000" })).await.assert_error("too_many_attempts");
}

#[tokio::test]
async fn a_sign_in_with_a_code_takes_the_requests_of_one_without() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    world.database.forget_requests();
    browser.other_device().login_with(&app.totp(world.clock.now())).await.assert_ok();
    let mut with_code = world.database.take_requests();
    let plain = world.signed_in().await;
    world.database.forget_requests();
    plain.other_device().login_with(&json!({})).await.assert_ok();
    let mut without = world.database.take_requests();
    with_code.sort();
    without.sort();
    assert_eq!(with_code, without);
}

#[tokio::test]
async fn neither_secret_nor_codes_are_in_the_table_in_clear() {
    let world = World::start().await;
    let (_, app) = with_app(&world).await;
    let rows = format!("{:?}", world.database.rows(tests::dynamodb::USERS).await);
    assert!(!rows.contains(&app.secret()), "{rows}");
    for code in &app.recovery_codes {
        assert!(!rows.contains(code.as_str()) && !rows.contains(&code.replace('-', "")), "{rows}");
    }
}
