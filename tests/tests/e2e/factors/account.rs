//! What changes an account that has an authenticator app.

use http::Method;
use serde_json::{Value, json};
use shared::Seconds;
use tests::{Answer, Browser, Form, World, jwt};

use super::sign_in::with_app;
use crate::password::change::new_password;

/// The routes that ask for a second factor, with a body that is good but for it.
fn asking(browser: &Browser) -> Vec<(Method, &'static str, Value)> {
    let proving = |members: Value| browser.proving(&members);
    vec![
        (Method::POST, "/password", proving(json!({ "new_password": new_password("wire") }))),
        (Method::POST, "/email", proving(json!({ "new_email": format!("x{}", browser.email) }))),
        (Method::DELETE, "/me", proving(json!({}))),
        (Method::POST, "/factors/totp", proving(json!({}))),
        (Method::DELETE, "/factors/totp", proving(json!({}))),
        (Method::POST, "/factors/recovery-codes", proving(json!({}))),
        (Method::POST, "/passkeys/creation-options", proving(json!({}))),
        (Method::DELETE, "/passkeys/AAAAAAAAAAAAAAAAAAAAAA", proving(json!({}))),
    ]
}

#[tokio::test]
async fn no_route_that_asks_for_the_factor_works_without_it_or_with_a_wrong_or_used_one() {
    let world = World::with(&[("SIGN_IN_FREE_ATTEMPTS", "100")]).await;
    let (mut browser, app) = with_app(&world).await;
    let used = app.totp(world.clock.now());
    browser.other_device().login_with(&used).await.assert_ok();
    for (method, path, body) in asking(&browser) {
        let missing = browser.call_with(method.clone(), path, &body, Form::Nothing).await;
        missing.assert_error("mfa_required");
        for wrong in [json!("000000"), used["totp"].clone()] {
            let mut body = body.clone();
            body["totp"] = wrong;
            let refused = browser.call_with(method.clone(), path, &body, Form::Nothing).await;
            refused.assert_error("invalid_credentials");
        }
    }
    assert!(!browser.factors().await.json()["totp"].is_null());
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn each_of_them_works_with_a_code_which_then_is_used() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    let code = app.totp(world.clock.now());
    let new_email = format!("x{}", browser.email);
    let mut body = browser.proving(&json!({ "new_email": new_email }));
    body["totp"] = code["totp"].clone();
    browser.call_with(Method::POST, "/email", &body, Form::Accepted).await.assert_ok();
    browser.other_device().login_with(&code).await.assert_error("invalid_credentials");

    let password = new_password("wire");
    let mut body = browser.proving(&json!({ "new_password": password }));
    body["recovery_code"] = app.recovery_code(0)["recovery_code"].clone();
    browser.service.keep_secret(&password);
    let changed = browser.change_password_with(&body).await;
    changed.assert_ok();
    assert_eq!(jwt::claims(&changed.tokens().access_token)["amr"], json!(["pwd", "otp"]));
    browser.password = password;
    world.clock.advance(Seconds(60));
    browser.login_with(&app.totp(world.clock.now())).await.assert_ok();
    browser.other_device().login_with(&app.recovery_code(0)).await.assert_error("invalid_credentials");

    let body = browser.proving(&app.recovery_code(1));
    browser.call_with(Method::DELETE, "/me", &body, Form::Nothing).await.assert_ok();
    browser.other_device().login_with(&json!({})).await.assert_error("invalid_credentials");
}

/// Asks for another address with a recovery code.
async fn ask_for_address(browser: &Browser, new_email: &str, code: &Value) -> Answer {
    let mut body = browser.proving(code);
    body["new_email"] = json!(new_email);
    browser.call_with(Method::POST, "/email", &body, Form::Accepted).await
}

#[tokio::test]
async fn a_request_for_mail_that_its_lane_refuses_uses_no_recovery_code() {
    let world = World::with(&[("MAILS_PER_DAY", "1")]).await;
    let (browser, app) = with_app(&world).await;
    let other = world.signed_in().await;
    let left = async || browser.factors().await.json()["recovery_codes_left"].clone();
    let (taken, free) = (format!("x{}", browser.email), format!("y{}", browser.email));
    other.request_address(&taken).await.assert_ok();
    let lane_of_address = ask_for_address(&browser, &taken, &app.recovery_code(0)).await;
    lane_of_address.assert_error("too_many_mails");
    assert_eq!(left().await, 10);
    // The lane of the user has got its mail back.
    ask_for_address(&browser, &free, &app.recovery_code(0)).await.assert_ok();
    assert_eq!(left().await, 9);
    let lane_of_user = ask_for_address(&browser, &free, &app.recovery_code(1)).await;
    lane_of_user.assert_error("too_many_mails");
    assert_eq!(left().await, 9);
}

#[tokio::test]
async fn of_two_requests_for_mail_at_once_with_one_recovery_code_one_is_counted() {
    let world = World::with(&[("MAILS_PER_DAY", "2")]).await;
    let (browser, app) = with_app(&world).await;
    let addresses = ["x", "y", "z"].map(|letter| format!("{letter}{}", browser.email));
    let code = app.recovery_code(0);
    let (one, two) = tokio::join!(
        ask_for_address(&browser, &addresses[0], &code),
        ask_for_address(&browser, &addresses[1], &code)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 401], "{}\n{}", one.whole(), two.whole());
    ask_for_address(&browser, &addresses[2], &app.recovery_code(1)).await.assert_ok();
}

#[tokio::test]
async fn a_reset_replaces_the_password_and_leaves_the_app_of_a_proven_address() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    world.clock.advance(Seconds(60));
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    let reset = browser.reset(&code, &new_password("wire")).await;
    reset.assert_ok();
    browser.other_device().login().await.assert_error("mfa_required");
    browser.other_device().login_with(&app.totp(world.clock.now())).await.assert_ok();
}

#[tokio::test]
async fn a_reset_that_is_the_first_proof_of_the_address_removes_what_was_set_up_before() {
    let world = World::start().await;
    let (mut browser, _) = with_app(&world).await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    browser.reset(&code, &new_password("wire")).await.assert_ok();
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn an_undo_removes_an_app_that_was_added_since_and_leaves_an_older_one() {
    const DAY: u32 = 24 * 60 * 60;
    for (days_before, stays) in [(8, true), (1, false)] {
        let world = World::start().await;
        let mut browser = world.signed_in().await;
        browser.prove_address().await;
        let old = browser.email.clone();
        let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
        world.clock.advance(Seconds(days_before * DAY));
        browser.login_with(&app.totp(world.clock.now())).await.assert_ok();
        world.clock.advance(Seconds(30));
        let new_email = format!("x{old}");
        let mut body = browser.proving(&json!({ "new_email": new_email }));
        body["totp"] = app.totp(world.clock.now())["totp"].clone();
        browser.call_with(Method::POST, "/email", &body, Form::Accepted).await.assert_ok();
        let code = world.service.mail_to(&new_email, "change_address").await.code().to_owned();
        browser.confirm_address(&code).await.assert_ok();
        let undo = world.service.mail_to(&old, "address_changed").await.code().to_owned();
        browser.undo_address(&undo).await.assert_ok();
        browser.email.clone_from(&old);
        let reset = browser.mailed("reset").await;
        browser.reset(&reset, &new_password("wire")).await.assert_ok();
        let answer = browser.other_device().login().await;
        if stays {
            answer.assert_error("mfa_required")
        } else {
            answer.assert_ok()
        };
    }
}

#[tokio::test]
async fn the_users_own_data_says_which_factors_there_are() {
    let world = World::start().await;
    let (browser, _) = with_app(&world).await;
    let data = browser.own_data().await;
    let factors = browser.factors().await.json();
    assert_eq!(data.assert_ok().json()["account"]["factors"], factors);
}

#[tokio::test]
async fn an_operator_sees_an_app_and_removes_it_and_the_user_is_told() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    browser.set_totp_up(&json!({}), world.clock.now()).await;
    let operator = world.operator();
    let shown = operator.run("show-user", &browser, json!({})).await;
    assert_eq!(shown["user"]["factors"], browser.factors().await.json());
    let removed = operator.run("remove-factors", &browser, json!({})).await;
    assert_eq!((&removed["changed"], &removed["sessions_ended"]), (&json!(true), &json!(1)));
    assert_eq!(removed["user"]["factors"], json!({ "totp": null, "recovery_codes_left": 0, "passkeys": 0 }));
    browser.refresh().await.assert_error("invalid_grant");
    browser.other_device().login().await.assert_ok();
    world.service.mail_to(&browser.email, "factor_removed").await;
    let again = operator.run("remove-factors", &browser, json!({})).await;
    assert_eq!(again["changed"], json!(false));
}
