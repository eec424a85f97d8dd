//! A sign-in with a passkey.

use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{PASSKEYS, USERS};
use tests::{Authenticator, Fault, World, jwt};

use super::{challenges, proven_with_a_passkey, with_a_passkey};

#[tokio::test]
async fn whoever_has_the_passkey_signs_in_without_a_user_name_and_without_a_password() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    let mut elsewhere = browser.other_device();
    let answer = elsewhere.sign_in_with(&mut authenticator).await;
    answer.assert_ok();
    assert_eq!(answer.tokens().user_id, browser.tokens().user_id);
    assert_eq!(jwt::claims(&answer.tokens().access_token)["amr"], json!(["hwk", "user"]));
    elsewhere.refresh().await.assert_ok();
    assert_eq!(jwt::claims(&elsewhere.tokens().access_token)["amr"], json!(["hwk", "user"]));
    elsewhere.me().await.assert_ok();
    // Adding the passkey has ended the session before, and this sign-in ends none.
    browser.me().await.assert_ok();
    assert_eq!(elsewhere.sessions().await.json()["sessions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_options_ask_for_a_discoverable_passkey_and_for_verification_and_name_nobody() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let to_create = browser.creation_options().await;
    let options = &to_create.assert_ok().json()["public_key"];
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["user"]["name"], browser.email.as_str());
    assert_eq!(options["attestation"], "none");
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    let to_sign_in = browser.passkey_options().await;
    let options = &to_sign_in.assert_ok().json()["public_key"];
    assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("localhost"), &json!("required")));
    assert_eq!(options["allowCredentials"], json!([]));
}

#[tokio::test]
async fn a_sign_in_says_when_the_passkey_was_used_and_how_often_it_has_signed() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut authenticator = Authenticator::counting();
    browser.add_passkey(&mut authenticator).await;
    let listed = browser.passkeys().await.assert_ok().json();
    assert!(listed["passkeys"][0]["last_used_at"].is_null());
    world.clock.advance(Seconds(30));
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    let listed = browser.passkeys().await.assert_ok().json();
    assert_eq!(listed["passkeys"][0]["last_used_at"], world.clock.now().seconds());
    let first = world.database.rows(PASSKEYS).await[0].number("sign_count");
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    assert!(world.database.rows(PASSKEYS).await[0].number("sign_count") > first);
}

#[tokio::test]
async fn a_challenge_is_taken_when_its_answer_is_looked_at() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let challenge = browser.passkey_options().await;
    assert_eq!(challenges(&world).await, 1);
    let mut credential = authenticator.sign(&challenge.json()["public_key"], &browser.page());
    let genuine = credential.clone();
    credential["response"]["signature"] = json!("AAAA");
    browser.answer_passkey(&challenge, &credential).await.assert_error("invalid_credentials");
    assert_eq!(challenges(&world).await, 0);
    browser.answer_passkey(&challenge, &genuine).await.assert_error("invalid_credentials");
}

/// The SDK sends a write again whose answer is lost, and that must not find the challenge taken by itself.
#[tokio::test]
async fn a_challenge_that_the_sdk_takes_twice_signs_in_once() {
    for fault in [Fault::LostAnswer, Fault::CutAnswer, Fault::Duplicated, Fault::LostRequest] {
        let world = World::start().await;
        let (mut browser, mut authenticator) = with_a_passkey(&world).await;
        let challenge = browser.passkey_options().await;
        let credential = authenticator.sign(&challenge.json()["public_key"], &browser.page());
        world.database.disturb_next("UpdateItem", fault);
        browser.answer_passkey(&challenge, &credential).await.assert_ok();
        browser.answer_passkey(&challenge, &credential).await.assert_error("invalid_credentials");
    }
}

#[tokio::test]
async fn an_answer_is_good_once_for_300_seconds() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let (good, late) = (browser.passkey_options().await, browser.passkey_options().await);
    let page = browser.page();
    let first = authenticator.sign(&good.json()["public_key"], &page);
    let second = authenticator.sign(&late.json()["public_key"], &page);
    world.clock.advance(Seconds(299));
    browser.answer_passkey(&good, &first).await.assert_ok();
    browser.answer_passkey(&good, &first).await.assert_error("invalid_credentials");
    world.clock.advance(Seconds(1));
    browser.answer_passkey(&late, &second).await.assert_error("invalid_credentials");
}

#[tokio::test]
async fn of_two_answers_at_once_to_one_challenge_one_signs_in() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    let challenge = browser.passkey_options().await;
    let credential = authenticator.sign(&challenge.json()["public_key"], &browser.page());
    let (mut one, mut other) = (browser.other_device(), browser.other_device());
    let answers = tokio::join!(
        one.answer_passkey(&challenge, &credential),
        other.answer_passkey(&challenge, &credential)
    );
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_device_keeps_its_token_over_sign_ins_with_a_passkey_and_an_unknown_one_is_told_by_mail() {
    let world = World::with(&[("NEW_DEVICE_MAIL", "true")]).await;
    let (browser, mut authenticator) = proven_with_a_passkey(&world).await;
    let mails = |kind: &'static str| {
        let (service, email) = (world.service.clone(), browser.email.clone());
        async move { service.inbox(&email).await.iter().filter(|mail| mail.kind == kind).count() }
    };
    let challenge = browser.passkey_options().await;
    let credential = authenticator.sign(&challenge.json()["public_key"], &browser.page());
    let body = json!({
        "challenge_id": challenge.json()["challenge_id"],
        "credential": credential,
        "device_token": browser.tokens().device_token,
    });
    let known = browser.clone().sign_in_with_body(&body).await;
    known.assert_ok();
    let mut unknown = browser.other_device();
    unknown.sign_in_with(&mut authenticator).await.assert_ok();
    world.service.mail_to(&browser.email, "new_device").await;
    assert_eq!(mails("new_device").await, 1);
}

#[tokio::test]
async fn nobody_signs_in_with_a_passkey_to_an_account_that_was_restored_without_passkeys() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    let mut row = world.database.user(&browser.email).await.unwrap();
    row.0.as_object_mut().unwrap().remove("passkeys").unwrap();
    world.database.put(USERS, &row).await;
    browser.other_device().sign_in_with(&mut authenticator).await.assert_error("invalid_credentials");
    browser.other_device().login().await.assert_ok();
}
