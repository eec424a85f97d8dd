//! An address that is proven.

use serde_json::Value;
use tests::{Browser, World, jwt};

use super::new_password;

#[tokio::test]
async fn an_address_is_verified_by_the_code_of_a_mail_and_tokens_say_so_from_the_next_refresh_on() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    assert_eq!(browser.me().await.json()["user"]["email_verified"], false, "the token is from before");
    let answer = browser.refresh().await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["email_verified"], true);
    assert_eq!(browser.me().await.json()["user"]["email_verified"], true);
    assert_eq!(jwt::claims(&browser.tokens().access_token)["email_verified"], Value::Bool(true));
    browser.verify(&code).await.assert_error("invalid_code");
    assert_eq!(browser.login().await.json()["user"]["email_verified"], true);
}

#[tokio::test]
async fn a_code_proves_the_address_of_the_account_that_it_was_made_for_alone() {
    let world = World::start().await;
    let (browser, mut stranger) = (world.signed_in().await, world.signed_in().await);
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    stranger.verify(&code).await.assert_error("invalid_code");
    stranger.refresh().await.assert_ok();
    assert_eq!(stranger.me().await.json()["user"]["email_verified"], false);
    browser.verify(&code).await.assert_ok();
}

#[tokio::test]
async fn a_session_that_has_ended_verifies_nothing() {
    let world = World::start().await;
    let (browser, mut other) = world.on_two_devices().await;
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    browser.logout().await.assert_ok();
    browser.verify(&code).await.assert_session_over();
    other.refresh().await.assert_ok();
    assert_eq!(other.me().await.json()["user"]["email_verified"], false);
    other.verify(&code).await.assert_ok();
}

#[tokio::test]
async fn a_verification_leaves_sessions_refreshes_and_device_tokens_as_they_are() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    browser.refresh().await.assert_ok();
    other.refresh().await.assert_ok();
    // A stranger blocks the common lane; the device's own is open.
    for _ in 0..5 {
        browser.mistyping().other_device().login().await.assert_error("invalid_credentials");
    }
    browser.login().await.assert_ok();
    let new = new_password(&browser);
    browser.change_password(&new).await.assert_ok();
}

#[tokio::test]
async fn a_verified_address_is_mailed_nothing_and_counted_and_answered_all_the_same() {
    let world = World::start().await;
    let (mut verified, mut unverified) = (world.signed_in().await, world.signed_in().await);
    verified.prove_address().await;
    let mut seen = Vec::new();
    for browser in [&verified, &unverified] {
        world.database.begin_metering();
        world.database.forget_requests();
        let answer = browser.request_verification().await;
        answer.assert_ok();
        let mut requests = world.database.take_requests();
        requests.sort();
        browser.request_verification().await.assert_error("too_many_mails");
        seen.push((answer.status, answer.text.clone(), requests));
    }
    assert_eq!(seen[0], seen[1]);
    unverified.prove_address().await;
    let mut counts = Vec::new();
    for browser in [&unverified, &verified] {
        let mails = world.service.inbox(&browser.email).await;
        counts.push(mails.iter().filter(|mail| mail.kind == "verify").count());
    }
    assert_eq!(counts, [2, 1], "one is that of the registration");
}

#[tokio::test]
async fn a_registration_mails_the_code_that_proves_its_address() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    assert_eq!(browser.refresh().await.json()["user"]["email_verified"], true);
    let mail = world.service.mail_to(&browser.email, "verify").await;
    let said = format!("{} {} {}", mail.subject, mail.text, mail.html);
    assert!(
        !said.contains("Lovelace"),
        "whoever registers somebody else's address chooses no words that reach it"
    );
}

#[tokio::test]
async fn a_wave_of_registrations_is_mailed_no_more_than_the_minute_allows() {
    let world = World::with(&[("MAILS_PER_MINUTE", "2")]).await;
    let mut mailed = 0;
    for _ in 0..4 {
        let browser = world.signed_in().await;
        mailed += world.service.inbox(&browser.email).await.len();
    }
    assert_eq!(mailed, 2);
}

#[tokio::test]
async fn where_registration_is_closed_nobody_registers_and_who_has_an_account_signs_in() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let closed = world.beside(&[("REGISTRATION", "closed")]).await;
    let mut somebody = Browser::at(&closed.service);
    somebody.register().await.assert_error("not_found").assert_description("There is no such route.");
    browser = browser.moved_to(&closed.service);
    browser.login().await.assert_ok();
}
