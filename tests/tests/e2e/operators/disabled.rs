//! A disabled account: no refresh, no sign-in, no code, also of those that are under way.

use serde_json::json;
use tests::{Browser, World};

#[tokio::test]
async fn a_disabled_account_neither_refreshes_nor_signs_in_until_it_is_enabled() {
    let world = World::start().await;
    let operator = world.operator();
    let (mut browser, mut other) = world.on_two_devices().await;
    let answer = operator.run("disable-user", &browser, json!({})).await;
    assert_eq!((&answer["user"]["disabled"], &answer["sessions_ended"]), (&json!(true), &json!(2)));
    for device in [&mut browser, &mut other] {
        device.refresh().await.assert_error("invalid_grant");
        device.login().await.assert_error("invalid_credentials");
    }
    operator.run("enable-user", &browser, json!({})).await;
    browser.login().await.assert_ok();
    other.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_disabled_account_answers_as_one_that_is_not_there() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.operator().run("disable-user", &browser, json!({})).await;
    world.database.forget_requests();
    let disabled = browser.other_device().login().await;
    let of_disabled = world.database.take_requests();
    let unknown = Browser::at(&world.service).login().await;
    assert_eq!((disabled.status, disabled.json()), (unknown.status, unknown.json()));
    assert_eq!(of_disabled, world.database.take_requests());
    let disabled = browser.request_reset().await;
    let unknown = Browser::at(&world.service).request_reset().await;
    assert_eq!((disabled.status, unknown.status), (202, 202));
    let mails = world.service.inbox(&browser.email).await;
    assert!(mails.iter().all(|mail| mail.kind != "reset"), "nothing is mailed to it");
}

#[tokio::test]
async fn a_sign_in_in_flight_leaves_no_session_when_the_account_is_disabled() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut signing_in = browser.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let sign_in = tokio::spawn(async move { signing_in.login().await });
    held.arrived().await;
    let apart = world.database.another_way_in();
    world.operator_with(&apart, &[]).run("disable-user", &browser, json!({})).await;
    drop(held);
    sign_in.await.unwrap().assert_error("invalid_credentials");
    let user_id = &browser.tokens().user_id;
    let rows = world.database.rows(tests::dynamodb::SESSIONS).await;
    assert!(rows.iter().all(|row| row.text("user_id") != *user_id), "{rows:?}");
}

#[tokio::test]
async fn no_code_works_for_a_disabled_account_nor_after_it_is_enabled_again() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    operator.run("disable-user", &browser, json!({})).await;
    let new = Browser::at(&world.service).password;
    browser.reset(&code, &new).await.assert_error("invalid_code");
    operator.run("enable-user", &browser, json!({})).await;
    browser.reset(&code, &new).await.assert_error("invalid_code");
    browser.login().await.assert_ok();
}
