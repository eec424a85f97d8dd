//! Another passkey: who may add one, and what comes of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::json;
use shared::Seconds;
use tests::dynamodb::PASSKEYS;
use tests::{Authenticator, Fault, Form, World};

use super::{challenges, with_a_passkey};
use crate::factors::sign_in::with_app;

#[tokio::test]
async fn a_passkey_is_added_with_the_password_and_ends_the_other_sessions() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    browser.prove_address().await;
    let (mut tab, mut authenticator) = (browser.clone(), Authenticator::new());
    let answer = browser.add_passkey(&mut authenticator).await;
    let added = &answer.json()["passkey"];
    assert_eq!(added["id"], authenticator.id().as_str());
    assert_eq!(added["name"], "Ada's phone");
    assert_eq!(added["transports"], json!(["internal", "hybrid"]));
    for ended in [&mut other, &mut tab] {
        ended.refresh().await.assert_error("invalid_grant");
    }
    browser.refresh().await.assert_ok();
    world.service.mail_to(&browser.email, "factor_added").await;
    let row = &world.database.rows(PASSKEYS).await[0];
    assert_eq!(row.text("rp_id"), "localhost");
    assert_eq!(world.database.user(&browser.email).await.unwrap().number("passkeys"), 1);
}

#[tokio::test]
async fn nobody_adds_a_passkey_without_the_password_or_a_fresh_passkey() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    browser.mistyping().creation_options().await.assert_error("invalid_credentials");
    let without = browser.creation_options_with(&json!({})).await;
    without.assert_error("invalid_request").assert_description("current_password is missing.");

    let mut fresh = browser.other_device();
    fresh.sign_in_with(&mut authenticator).await.assert_ok();
    world.clock.advance(Seconds(299));
    fresh.refresh().await.assert_ok();
    fresh.creation_options_with(&json!({})).await.assert_ok();
    world.clock.advance(Seconds(1));
    let refused = fresh.creation_options_with(&json!({})).await;
    refused.assert_error("insufficient_user_authentication");
    let challenge = [refused.header("www-authenticate"), refused.header("x-amzn-remapped-www-authenticate")];
    let challenge = challenge.concat();
    assert!(challenge.starts_with(r#"Bearer error="insufficient_user_authentication","#), "{challenge}");
    assert!(challenge.ends_with(r#"max_age="300""#), "{challenge}");
}

#[tokio::test]
async fn wrong_passwords_are_counted_as_those_at_a_sign_in() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..5 {
        browser.mistyping().creation_options().await.assert_error("invalid_credentials");
    }
    browser.mistyping().other_device().login().await.assert_error("too_many_attempts");
    browser.creation_options().await.assert_error("too_many_attempts");
}

/// Otherwise the recovery code that its options took is lost, and the authenticator keeps a passkey that the service does not know.
#[tokio::test]
async fn a_challenge_that_the_sdk_takes_twice_adds_its_passkey() {
    let world = World::start().await;
    let (mut browser, app) = with_app(&world).await;
    let mut authenticator = Authenticator::new();
    let challenge = browser.creation_options_with(&browser.proving(&app.recovery_code(0))).await;
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    browser.create_passkey(&challenge, &credential, "x").await.assert_ok();
    browser.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
    assert_eq!(world.database.rows(PASSKEYS).await.len(), 1);
}

#[tokio::test]
async fn a_challenge_is_for_the_session_that_asked_once_and_for_300_seconds() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    let mut stranger = world.signed_in().await;
    let mut authenticator = Authenticator::new();
    for thief in [&mut other, &mut stranger] {
        let challenge = browser.creation_options().await;
        let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
        thief.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
        // It is used up, whoever has tried.
        browser.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
    }
    let challenge = browser.creation_options().await;
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    world.clock.advance(Seconds(300));
    browser.refresh().await.assert_ok();
    browser.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
    assert!(world.database.rows(PASSKEYS).await.is_empty());
}

#[tokio::test]
async fn a_challenge_to_sign_in_adds_no_passkey_and_a_challenge_to_add_one_signs_nobody_in() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let (to_create, to_sign_in) = (browser.creation_options().await, browser.passkey_options().await);
    let page = browser.page();
    let signed = authenticator.sign(&to_create.json()["public_key"], &page);
    browser.answer_passkey(&to_create, &signed).await.assert_error("invalid_credentials");
    let mut options = to_sign_in.json()["public_key"].clone();
    options["user"] = to_create.json()["public_key"]["user"].clone();
    let made = Authenticator::new().create(&options, &page);
    browser.create_passkey(&to_sign_in, &made, "x").await.assert_error("invalid_passkey");
    assert_eq!(challenges(&world).await, 2, "neither was of the kind that is taken");
}

#[tokio::test]
async fn a_challenge_is_no_code_and_a_code_is_no_challenge() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let challenge = browser.creation_options().await.json();
    let id = URL_SAFE_NO_PAD.decode(challenge["challenge_id"].as_str().unwrap()).unwrap();
    // The first half of a code is the key of its row.
    let code = URL_SAFE_NO_PAD.encode([id, vec![0; 16]].concat());
    browser.verify(&code).await.assert_error("invalid_code");
    browser.request_verification().await.assert_ok();
    let mailed = browser.mailed("verify").await;
    let id = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(&mailed).unwrap()[..16]);
    let credential = Authenticator::new().create(&challenge["public_key"], &browser.page());
    for path in ["/passkeys", "/passkeys/sign-in"] {
        let body = json!({ "challenge_id": id, "credential": credential });
        assert!(browser.call_with(Method::POST, path, &body, Form::Tokens).await.status >= 400);
    }
    browser.verify(&mailed).await.assert_ok();
}

#[tokio::test]
async fn nothing_is_mailed_of_a_challenge() {
    let world = World::start().await;
    let (browser, _) = with_a_passkey(&world).await;
    let mails = world.service.inbox(&browser.email).await.len();
    browser.passkey_options().await.assert_ok();
    browser.creation_options().await.assert_ok();
    // What comes later in the stream is mailed.
    browser.request_reset().await.assert_ok();
    browser.mailed("reset").await;
    assert_eq!(world.service.inbox(&browser.email).await.len(), mails + 1);
}

#[tokio::test]
async fn an_authenticator_is_told_which_passkeys_there_are_and_none_is_added_twice() {
    let world = World::start().await;
    let (browser, authenticator) = with_a_passkey(&world).await;
    let options = browser.creation_options().await.assert_ok().json();
    assert_eq!(options["public_key"]["excludeCredentials"][0]["id"], authenticator.id().as_str());
}

#[tokio::test]
async fn a_transport_that_is_named_repeatedly_is_stored_once() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let challenge = browser.creation_options().await;
    let mut credential = Authenticator::new().create(&challenge.json()["public_key"], &browser.page());
    credential["response"]["transports"] = json!(["usb", "internal"].repeat(500));
    let answer = browser.create_passkey(&challenge, &credential, "x").await;
    assert_eq!(answer.assert_ok().json()["passkey"]["transports"], json!(["usb", "internal"]));
}

#[tokio::test]
async fn there_are_at_most_20_passkeys() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut waiting = None;
    for count in 1..=20 {
        if count == 20 {
            let challenge = browser.creation_options().await;
            let mut late = Authenticator::new();
            let credential = late.create(&challenge.json()["public_key"], &browser.page());
            waiting = Some((challenge, credential));
        }
        if let Some((challenge, credential)) = waiting.take() {
            browser.create_passkey(&challenge, &credential, "x").await.assert_ok();
        } else {
            browser.add_passkey(&mut Authenticator::new()).await;
        }
    }
    browser.creation_options().await.assert_error("too_many_passkeys");
    assert_eq!(browser.passkeys().await.json()["passkeys"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn of_two_passkeys_that_are_added_at_once_the_account_counts_each() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (first, second) = (browser.creation_options().await, browser.creation_options().await);
    let page = browser.page();
    let made = Authenticator::new().create(&first.json()["public_key"], &page);
    let also_made = Authenticator::new().create(&second.json()["public_key"], &page);
    let mut tab = browser.clone();
    let answers = tokio::join!(
        browser.create_passkey(&first, &made, "one"),
        tab.create_passkey(&second, &also_made, "other")
    );
    // Each ends the session that the other one asks from.
    let added = [answers.0.status, answers.1.status].iter().filter(|status| **status == 201).count();
    assert_eq!(added, 1);
    assert_eq!(world.database.rows(PASSKEYS).await.len(), 1);
    assert_eq!(world.database.user(&browser.email).await.unwrap().number("passkeys"), 1);
}
