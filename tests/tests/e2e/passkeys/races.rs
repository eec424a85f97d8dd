//! Passkeys that are added and used while sessions end.

use serde_json::json;
use tests::dynamodb::{PASSKEYS, SESSIONS};
use tests::{Authenticator, Browser, World};

use super::with_a_passkey;

fn new_password(browser: &Browser) -> String {
    Browser::at(&browser.service).password
}

#[tokio::test]
async fn g5_a_sign_in_that_the_removal_of_its_passkey_overtakes_leaves_no_session() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let id = authenticator.id();
    let mut elsewhere = browser.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let sign_in = tokio::spawn(async move { elsewhere.sign_in_with(&mut authenticator).await });
    held.arrived().await;
    browser.remove_passkey(&id).await.assert_ok();
    drop(held);
    sign_in.await.unwrap().assert_error("invalid_credentials");
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn a_sign_in_that_a_change_of_the_password_overtakes_begins_as_of_the_changed_account() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let mut elsewhere = browser.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let sign_in = tokio::spawn(async move { (elsewhere.sign_in_with(&mut authenticator).await, elsewhere) });
    held.arrived().await;
    let password = new_password(&browser);
    browser.change_password(&password).await.assert_ok();
    drop(held);
    let (answer, mut elsewhere) = sign_in.await.unwrap();
    answer.assert_ok();
    elsewhere.refresh().await.assert_ok();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn g5_a_sign_in_that_is_overtaken_by_the_end_of_the_account_leaves_no_session() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    let mut elsewhere = browser.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let sign_in = tokio::spawn(async move { elsewhere.sign_in_with(&mut authenticator).await });
    held.arrived().await;
    browser.delete_account().await.assert_ok();
    drop(held);
    sign_in.await.unwrap().assert_error("invalid_credentials");
    assert!(world.database.rows(SESSIONS).await.is_empty());
}

#[tokio::test]
async fn a_creation_that_the_end_of_its_session_overtakes_adds_nothing() {
    for ends_all in [true, false] {
        let world = World::start().await;
        let mut browser = world.signed_in().await;
        let operator = world.operator();
        let challenge = browser.creation_options().await;
        let mut authenticator = Authenticator::new();
        let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
        let mut tab = browser.clone();
        let mut held = world.database.hold_next("TransactWriteItems");
        let creation = tokio::spawn(async move { tab.create_passkey(&challenge, &credential, "x").await });
        held.arrived().await;
        if ends_all {
            operator.run("end-sessions", &browser, json!({})).await;
        } else {
            browser.logout().await.assert_ok();
        }
        drop(held);
        creation.await.unwrap().assert_session_over();
        assert!(world.database.rows(PASSKEYS).await.is_empty());
        assert!(world.database.rows(SESSIONS).await.is_empty());
        browser.login().await.assert_ok();
    }
}

#[tokio::test]
async fn a_change_that_ends_sessions_voids_the_challenge_of_a_session_that_it_begins_too() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let challenge = browser.creation_options().await;
    let credential = Authenticator::new().create(&challenge.json()["public_key"], &browser.page());
    let password = new_password(&browser);
    browser.change_password(&password).await.assert_ok();
    browser.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
}

#[tokio::test]
async fn of_two_removals_at_once_of_the_last_two_passkeys_one_stays_without_a_password() {
    let world = World::start().await;
    let (mut browser, mut first) = with_a_passkey(&world).await;
    let mut second = Authenticator::new();
    browser.add_passkey(&mut second).await;
    let mut row = world.database.user(&browser.email).await.unwrap();
    row.0.as_object_mut().unwrap().remove("password_hash");
    world.database.put(tests::dynamodb::USERS, &row).await;
    browser.sign_in_with(&mut first).await.assert_ok();
    let mut other = browser.other_device();
    other.sign_in_with(&mut second).await.assert_ok();
    let (one, another) = (first.id(), second.id());
    let body = json!({});
    let answers =
        tokio::join!(browser.remove_passkey_with(&one, &body), other.remove_passkey_with(&another, &body));
    let removed = [answers.0.status, answers.1.status].iter().filter(|status| **status == 200).count();
    assert_eq!(removed, 1);
    assert_eq!(world.database.rows(PASSKEYS).await.len(), 1);
}
