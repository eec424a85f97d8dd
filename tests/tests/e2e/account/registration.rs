//! A registration whose address must be proven first.

use serde_json::json;
use shared::Seconds;
use tests::{Browser, Form, World};

const DAY: u32 = 24 * 60 * 60;

async fn verified() -> World {
    World::with(&[("REGISTRATION", "verified")]).await
}

#[tokio::test]
async fn an_account_begins_when_its_address_is_proven_and_not_before() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    let half = browser.begin_registration().await;
    assert!(world.database.user(&browser.email).await.is_none(), "a pending registration is no account");
    browser.login().await.assert_error("invalid_credentials");
    let code = browser.mailed("registration").await;
    let answer = browser.confirm_registration(&half, &code).await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["email_verified"], true);
    browser.refresh().await.assert_ok();
    browser.login().await.assert_ok();
    browser.confirm_registration(&half, &code).await.assert_error("invalid_code");
}

#[tokio::test]
async fn in_another_browser_the_password_stands_for_the_half_and_guesses_at_it_are_counted() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    let mut guesser = browser.mistyping();
    for _ in 0..5 {
        guesser.confirm_registration_elsewhere(&code).await.assert_error("invalid_credentials");
    }
    guesser.confirm_registration_elsewhere(&code).await.assert_error("too_many_attempts");
    browser.confirm_registration_elsewhere(&code).await.assert_error("too_many_attempts");
    world.clock.advance(Seconds(DAY - 60));
    browser.confirm_registration_elsewhere(&code).await.assert_ok();
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_good_password_takes_its_attempt_from_the_count() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    browser.confirm_registration_elsewhere(&code).await.assert_ok();
    for _ in 0..5 {
        browser.mistyping().other_device().login().await.assert_error("invalid_credentials");
    }
    browser.mistyping().other_device().login().await.assert_error("too_many_attempts");
}

#[tokio::test]
async fn one_half_of_a_code_is_worth_nothing_nor_are_halves_of_two_rows() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    let (half, code) = (browser.begin_registration().await, browser.mailed("registration").await);
    world.clock.advance(Seconds(60));
    let second_half = browser.begin_registration().await;
    for (half, code) in [(&half, &half), (&code, &code), (&code, &half), (&second_half, &code)] {
        browser.confirm_registration(half, code).await.assert_error("invalid_code");
    }
    let mut other = Browser::at(&world.service);
    other.confirm_registration_elsewhere(&code).await.assert_error("invalid_code");
    browser.confirm_registration(&half, &code).await.assert_ok();
}

#[tokio::test]
async fn where_addresses_are_proven_first_an_attackers_registration_never_becomes_the_owners_account() {
    let world = verified().await;
    let mut owner = Browser::at(&world.service);
    let mut attacker = Browser::at(&world.service);
    attacker.email.clone_from(&owner.email);
    let attackers_half = attacker.begin_registration().await;
    let attackers_code = owner.mailed("registration").await;
    // The owner opens the attacker's link in a browser of their own, and types their own password.
    owner.confirm_registration_elsewhere(&attackers_code).await.assert_error("invalid_credentials");
    world.clock.advance(Seconds(60));
    let half = owner.begin_registration().await;
    let codes: Vec<_> = world.service.inbox(&owner.email).await;
    let code = codes[0].code().to_owned();
    assert_ne!(code, attackers_code);
    attacker.confirm_registration(&attackers_half, &code).await.assert_error("invalid_code");
    owner.confirm_registration(&half, &code).await.assert_ok();
    attacker.confirm_registration(&attackers_half, &attackers_code).await.assert_error("invalid_code");
    attacker.login().await.assert_error("invalid_credentials");
    owner.login().await.assert_ok();
}

#[tokio::test]
async fn in_open_registration_a_reset_takes_an_attackers_account_from_them() {
    let world = World::start().await;
    let mut owner = Browser::at(&world.service);
    let mut attacker = Browser::at(&world.service);
    attacker.email.clone_from(&owner.email);
    attacker.register().await.assert_ok();
    owner.register().await.assert_error("email_taken");
    owner.request_reset().await.assert_ok();
    let (code, password) = (owner.mailed("reset").await, owner.password.clone());
    owner.reset(&code, &password).await.assert_ok();
    attacker.refresh().await.assert_error("invalid_grant");
    attacker.login().await.assert_error("invalid_credentials");
    let answer = owner.login().await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["email_verified"], true);
    let sessions = owner.sessions().await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1, "the attacker's has ended");
}

#[tokio::test]
async fn in_closed_registration_an_attackers_halves_from_before_open_no_account() {
    let before = verified().await;
    let owner = Browser::at(&before.service);
    let mut attacker = Browser::at(&before.service);
    attacker.email.clone_from(&owner.email);
    let half = attacker.begin_registration().await;
    let code = owner.mailed("registration").await;
    let world = before.beside(&[("REGISTRATION", "closed")]).await;
    let mut attacker = attacker.moved_to(&world.service);
    attacker.register().await.assert_error("not_found");
    attacker.confirm_registration(&half, &code).await.assert_error("not_found");
    attacker.confirm_registration_elsewhere(&code).await.assert_error("not_found");
    assert!(world.database.user(&owner.email).await.is_none());
}

#[tokio::test]
async fn where_addresses_are_proven_first_a_taken_one_is_answered_as_a_free_one_and_its_user_told() {
    let world = verified().await;
    let mut known = Browser::at(&world.service);
    let half = known.begin_registration().await;
    let code = known.mailed("registration").await;
    known.confirm_registration(&half, &code).await.assert_ok();
    world.clock.advance(Seconds(60));
    let mut seen = Vec::new();
    for browser in [&known, &Browser::at(&world.service)] {
        world.database.begin_metering();
        world.database.forget_requests();
        let answer = world.service.post("/register", &browser.registration(), Form::Pending).await;
        answer.assert_ok();
        world.service.keep_secret(answer.json()["registration_token"].as_str().unwrap_or_default());
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        let (requests, units) = (world.database.take_requests(), world.database.take_units());
        seen.push((answer.status, answer.text.len(), headers, requests, format!("{units:?}")));
    }
    assert_eq!(seen[0], seen[1]);
    let mail = world.service.mail_to(&known.email, "address_taken").await;
    assert_eq!((mail.code, mail.link), (None, None));
}

#[tokio::test]
async fn a_confirmation_that_does_not_say_who_registered_is_told_what_would() {
    let world = verified().await;
    for body in [json!({ "token": "x" }), json!({ "token": "x", "password": "x" })] {
        let answer = world.service.post("/register/confirm", &body, Form::NewTokens).await;
        let missing = "registration_token, or email and password, is missing.";
        answer.assert_error("invalid_request").assert_description(missing);
    }
    let body = json!({ "token": "x", "email": "ada@example.com" });
    let answer = world.service.post("/register/confirm", &body, Form::NewTokens).await;
    answer.assert_error("invalid_request").assert_description("password is missing.");
}

#[tokio::test]
async fn of_two_confirmations_of_one_address_at_once_one_opens_it() {
    let world = verified().await;
    let browser = Browser::at(&world.service);
    let half = browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (a, b) = tokio::join!(one.confirm_registration(&half, &code), two.confirm_registration(&half, &code));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
}

#[tokio::test]
async fn a_registration_that_is_not_confirmed_in_a_day_is_over() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    let half = browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    world.clock.advance(Seconds(DAY));
    browser.confirm_registration(&half, &code).await.assert_error("invalid_code");
    browser.confirm_registration_elsewhere(&code).await.assert_error("invalid_code");
}

#[tokio::test]
async fn what_was_mailed_works_when_registration_is_opened_and_not_when_it_is_closed() {
    let world = verified().await;
    let mut browser = Browser::at(&world.service);
    let half = browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    let closed = world.beside(&[("REGISTRATION", "closed")]).await;
    let mut there = browser.clone().moved_to(&closed.service);
    there.confirm_registration(&half, &code).await.assert_error("not_found");
    let open = world.beside(&[]).await;
    browser = browser.moved_to(&open.service);
    browser.confirm_registration(&half, &code).await.assert_ok();
}
