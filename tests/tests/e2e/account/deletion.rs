//! The end of an account, and one's own data.

use tests::dynamodb::{SESSIONS, USERS};
use tests::{Answer, Browser, Held, World};
use tokio::task::JoinHandle;

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_sessions_and_its_address_is_free() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    browser.prove_address().await;
    browser.mistyping().delete_account().await.assert_error("invalid_credentials");
    browser.delete_account().await.assert_ok();
    for tab in [&mut browser, &mut other] {
        tab.refresh().await.assert_error("invalid_grant");
        tab.login().await.assert_error("invalid_credentials");
    }
    assert!(world.database.rows(SESSIONS).await.is_empty() && world.database.rows(USERS).await.is_empty());
    world.service.mail_to(&browser.email, "account_deleted").await;

    let mut next = browser.other_device();
    next.register().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    browser.me().await.assert_ok();
    browser.own_data().await.assert_session_over();
    browser.change_name("Mallory").await.assert_session_over();
    // The old device token opens no lane at the new account. Three attempts are counted from before.
    for _ in 0..2 {
        next.mistyping().other_device().login().await.assert_error("invalid_credentials");
    }
    browser.login().await.assert_error("too_many_attempts");
    next.login().await.assert_ok();
}

#[tokio::test]
async fn a_session_that_has_ended_deletes_nothing() {
    let world = World::start().await;
    let (browser, mut other) = world.on_two_devices().await;
    browser.logout().await.assert_ok();
    browser.delete_account().await.assert_session_over();
    other.refresh().await.assert_ok();
}

#[tokio::test]
async fn wrong_passwords_at_a_deletion_are_counted_as_those_at_a_sign_in() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..5 {
        browser.mistyping().delete_account().await.assert_error("invalid_credentials");
    }
    browser.mistyping().other_device().login().await.assert_error("too_many_attempts");
    browser.delete_account().await.assert_error("too_many_attempts");
}

/// A sign-in that has read the account, and waits before its transaction.
async fn held_sign_in(world: &World, browser: &Browser) -> (Held, JoinHandle<Answer>) {
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut browser = browser.other_device();
    let signing_in = tokio::spawn(async move { browser.login().await });
    held.arrived().await;
    (held, signing_in)
}

#[tokio::test]
async fn a_sign_in_that_read_the_account_before_its_deletion_gets_no_session() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let (held, signing_in) = held_sign_in(&world, &browser).await;
    browser.delete_account().await.assert_ok();
    drop(held);
    signing_in.await.unwrap().assert_error("invalid_credentials");
    assert!(world.database.rows(SESSIONS).await.is_empty());
}

#[tokio::test]
async fn a_sign_in_from_before_a_deletion_gets_no_session_at_who_registers_the_address_anew() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let (held, signing_in) = held_sign_in(&world, &browser).await;
    browser.delete_account().await.assert_ok();
    let mut next = browser.other_device();
    Browser::at(&world.service).password.clone_into(&mut next.password);
    next.register().await.assert_ok();
    drop(held);
    signing_in.await.unwrap().assert_error("invalid_credentials");
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn ones_own_data_is_all_that_is_stored_but_secrets_counts_and_mails() {
    let world = World::start().await;
    let (browser, other) = world.on_two_devices().await;
    let answer = browser.own_data().await;
    answer.assert_ok();
    let body = answer.json();
    assert_eq!(body["account"]["email"], browser.email.as_str());
    assert_eq!(body["sessions"].as_array().unwrap().len(), 2);
    assert!(answer.text.contains(&other.tokens().session_id));
    for secret in ["password", "argon2", "nonce", "key_id"] {
        assert!(!answer.text.contains(secret), "{secret}");
    }
    let stranger = Browser::at(&world.service);
    assert!(!answer.text.contains(&stranger.email));
}
