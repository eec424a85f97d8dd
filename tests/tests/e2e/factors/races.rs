//! Several requests at once. Where one has to overtake another, the proxy holds the other one's transaction.

use serde_json::json;
use tests::dynamodb::SESSIONS;
use tests::{AuthenticatorApp, Browser, World};

use super::sign_in::with_app;
use crate::sign_in::login_function::{LoginFunction, MANY_CONNECTIONS, with_status};

#[tokio::test]
async fn of_two_sign_ins_at_once_with_one_step_or_one_recovery_code_one_succeeds() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    for code in [app.totp(world.clock.now()), app.recovery_code(3)] {
        let before = world.database.rows(SESSIONS).await.len();
        let (mut one, mut two) = (browser.other_device(), browser.other_device());
        let (one, two) = tokio::join!(one.login_with(&code), two.login_with(&code));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{}\n{}", one.whole(), two.whole());
        assert_eq!(world.database.rows(SESSIONS).await.len(), before + 1);
    }
}

/// The slow one has read an account whose code was not used, and has compared it, before the other one uses it.
#[tokio::test]
async fn a_sign_in_that_another_one_with_its_code_overtakes_begins_no_session() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    for code in [app.totp(world.clock.now()), app.recovery_code(3)] {
        let before = world.database.rows(SESSIONS).await.len();
        let (mut slow, mut fast, same) = (browser.other_device(), browser.other_device(), code.clone());
        let mut held = world.database.hold_next("TransactWriteItems");
        let overtaken = tokio::spawn(async move { slow.login_with(&same).await });
        held.arrived().await;
        fast.login_with(&code).await.assert_ok();
        drop(held);
        overtaken.await.unwrap().assert_error("invalid_credentials");
        assert_eq!(world.database.rows(SESSIONS).await.len(), before + 1);
        fast.refresh().await.assert_ok();
    }
}

/// Somebody with an app on two devices, who sets another app up on the first one.
async fn changing_apps(world: &World) -> (Browser, Browser, AuthenticatorApp, AuthenticatorApp) {
    let (browser, old) = with_app(world).await;
    let mut phone = browser.other_device();
    phone.login_with(&old.recovery_code(0)).await.assert_ok();
    let new = AuthenticatorApp::of(&browser.enrol_totp(&old.totp(world.clock.now())).await);
    (browser, phone, old, new)
}

#[tokio::test]
async fn a_confirmation_that_the_removal_of_the_app_overtakes_adds_none() {
    let world = World::start().await;
    let (browser, mut phone, old, new) = changing_apps(&world).await;
    let (mut tab, code) = (browser.clone(), new.totp(world.clock.now()));
    let mut held = world.database.hold_next("TransactWriteItems");
    let overtaken = tokio::spawn(async move { tab.confirm_totp(&code).await });
    held.arrived().await;
    phone.remove_totp(&old.recovery_code(1)).await.assert_ok();
    drop(held);
    overtaken.await.unwrap().assert_session_over();
    let none = json!({ "totp": null, "recovery_codes_left": 0, "passkeys": 0 });
    assert_eq!(phone.factors().await.assert_ok().json(), none);
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    phone.refresh().await.assert_ok();
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn a_removal_that_the_confirmation_of_another_app_overtakes_removes_none() {
    let world = World::start().await;
    let (mut browser, mut phone, old, mut new) = changing_apps(&world).await;
    let code = old.recovery_code(1);
    let mut held = world.database.hold_next("TransactWriteItems");
    let overtaken = tokio::spawn(async move { phone.remove_totp(&code).await });
    held.arrived().await;
    new.confirm(&mut browser, world.clock.now()).await;
    drop(held);
    overtaken.await.unwrap().assert_session_over();
    assert_eq!(browser.factors().await.assert_ok().json()["recovery_codes_left"], 10);
    browser.other_device().login().await.assert_error("mfa_required");
    browser.other_device().login_with(&new.recovery_code(0)).await.assert_ok();
}

/// New recovery codes end no session. A session that one of them begins meanwhile ends with the others.
#[tokio::test]
async fn a_confirmation_that_new_recovery_codes_overtake_replaces_them_and_ends_what_they_began() {
    let world = World::start().await;
    let (browser, phone, old, new) = changing_apps(&world).await;
    let (mut tab, code) = (browser.clone(), new.totp(world.clock.now()));
    let mut held = world.database.hold_next("TransactWriteItems");
    let overtaken = tokio::spawn(async move { (tab.confirm_totp(&code).await, tab) });
    held.arrived().await;
    let replaced = phone.replace_recovery_codes(&old.recovery_code(1)).await;
    let of_phone = |number: usize| json!({ "recovery_code": replaced.json()["recovery_codes"][number] });
    let mut begun = browser.other_device();
    begun.login_with(&of_phone(0)).await.assert_ok();
    drop(held);
    let (confirmed, mut tab) = overtaken.await.unwrap();
    let shown = json!({ "recovery_code": confirmed.assert_ok().json()["recovery_codes"][0] });
    for mut ended in [phone, begun] {
        ended.refresh().await.assert_error("invalid_grant");
    }
    tab.refresh().await.assert_ok();
    assert_eq!(tab.factors().await.assert_ok().json()["recovery_codes_left"], 10);
    browser.other_device().login_with(&of_phone(1)).await.assert_error("invalid_credentials");
    browser.other_device().login_with(&shown).await.assert_ok();
}

#[tokio::test]
async fn two_recovery_codes_at_once_are_both_used() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let (codes, mut one, mut two) =
        ([app.recovery_code(0), app.recovery_code(1)], browser.other_device(), browser.other_device());
    let (first, second) = tokio::join!(one.login_with(&codes[0]), two.login_with(&codes[1]));
    first.assert_ok();
    second.assert_ok();
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 8);
    for code in codes {
        browser.other_device().login_with(&code).await.assert_error("invalid_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_wrong_codes_at_once_are_compared_no_more_often_than_the_lane_allows() {
    let _alone = MANY_CONNECTIONS.lock().await;
    let world = World::start().await;
    let (browser, _) = with_app(&world).await;
    let function = LoginFunction::beside(&world);
    let guess = |number| json!({ "email": browser.email, "password": browser.password, "totp": format!("{number:06}") });
    let answers = function.at_once((0..500).map(guess)).await;
    assert_eq!((with_status(&answers, 401), with_status(&answers, 429)), (5, 495));
    assert_eq!(function.hashes(), 5);
}
