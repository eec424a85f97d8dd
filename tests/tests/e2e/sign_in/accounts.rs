//! Registering and signing in: accounts, passwords, and how many sessions there may be.

use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{SESSIONS, USERS};
use tests::{Browser, Form, World};
use tokio::task::JoinSet;

#[tokio::test]
async fn one_email_in_many_spellings_is_one_account() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    for (spelling, is_first) in [
        ("Ada.Lovelace+math@Bücher.Example", true),
        ("ada.lovelace+math@bücher.example", false),
        ("ADA.LOVELACE+MATH@BÜCHER.EXAMPLE", false),
        ("ada.lovelace+math@xn--bcher-kva.example", false),
        ("ada.lovelace+math@XN--BCHER-KVA.example", false),
        ("ada.lovelace+math@bu\u{308}cher.example", false),
    ] {
        browser.email = spelling.to_owned();
        let answer = browser.register().await;
        if is_first {
            answer.assert_ok()
        } else {
            answer.assert_error("email_taken")
        };
        let answer = browser.login().await;
        answer.assert_ok();
        assert_eq!(answer.json()["user"]["email"], "ada.lovelace+math@xn--bcher-kva.example");
    }
    assert_eq!(world.database.rows(USERS).await.len(), 1);
}

#[tokio::test]
async fn dots_and_suffixes_are_other_accounts() {
    let service = World::start().await.service;
    for email in ["ada.l@example.com", "adal@example.com", "ada.l+x@example.com", "ada.l@mail.example.com"] {
        let mut browser = Browser::at(&service);
        browser.email = email.to_owned();
        browser.register().await.assert_ok();
    }
}

#[tokio::test]
async fn a_password_is_the_same_on_every_keyboard() {
    let mut browser = Browser::at(&tests::Service::any().await);
    let composed = format!("{} \u{e9}\u{df}", browser.password);
    let decomposed = format!("{} e\u{301}\u{df}", browser.password);
    browser.password = composed;
    browser.register().await.assert_ok();
    browser.password = decomposed;
    browser.login().await.assert_ok();
    browser.password.push(' ');
    browser.login().await.assert_error("invalid_credentials");
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_can_not_be_told_apart() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let (mut unknown, mut wrong) = (Browser::at(&world.service), known.clone());
    wrong.password = "another password".to_owned();
    let mut seen = Vec::new();
    for browser in [&mut unknown, &mut wrong] {
        let mut answer = browser.login().await;
        answer.assert_error("invalid_credentials").assert_description("The email or the password is wrong.");
        for own in ["date", "x-amzn-requestid"] {
            assert!(answer.headers.remove(own).is_some(), "{own}");
        }
        let mut requests = world.database.take_requests();
        // They are sent at the same time.
        requests.sort();
        seen.push((answer.status, answer.headers, answer.text, requests));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].3, ["GetItem", "UpdateItem"]);
}

#[tokio::test]
async fn of_two_registrations_of_one_email_at_once_one_wins() {
    let world = World::start().await;
    let ada = Browser::at(&world.service);
    let mut registrations = JoinSet::new();
    for number in 0..6 {
        let mut browser = ada.clone();
        browser.password = format!("{} {number}", ada.password);
        registrations.spawn(async move { (browser.register().await, browser) });
    }
    let (winners, losers): (Vec<_>, Vec<_>) =
        registrations.join_all().await.into_iter().partition(|(answer, _)| answer.status == 201);
    assert_eq!((winners.len(), losers.len()), (1, 5));
    for (answer, mut loser) in losers {
        answer.assert_error("email_taken").assert_description("This email already has an account.");
        loser.login().await.assert_error("invalid_credentials");
    }
    assert_eq!((world.database.rows(USERS).await.len(), world.database.rows(SESSIONS).await.len()), (1, 1));
}

#[tokio::test]
async fn a_password_is_hashed_anew_at_sign_in_when_the_cost_has_changed() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let dearer = world.beside(&[("PASSWORD_ITERATIONS", "3")]).await;
    let account = world.database.user(&browser.email).await.unwrap();
    assert!(account.text("password_hash").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{account:?}");

    browser.service = dearer.service.clone();
    let right = std::mem::replace(&mut browser.password, "another password".to_owned());
    browser.login().await.assert_error("invalid_credentials");
    assert_eq!(world.database.user(&browser.email).await.unwrap(), account);

    browser.password = right;
    browser.login().await.assert_ok();
    let rehashed = world.database.user(&browser.email).await.unwrap();
    assert!(rehashed.text("password_hash").starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{rehashed:?}");
    assert_eq!(rehashed.clone().with_text("password_hash", &account.text("password_hash")), account);

    browser.login().await.assert_ok();
    assert_eq!(world.database.user(&browser.email).await.unwrap(), rehashed);
}

#[tokio::test]
async fn the_newest_sign_in_ends_the_others_where_one_session_is_allowed() {
    let world = World::with(&[("SESSIONS_PER_USER", "1")]).await;
    let mut first = world.signed_in().await;
    let mut second = first.other_device();
    world.clock.advance(Seconds(1));
    second.login().await.assert_ok();
    first.refresh().await.assert_error("invalid_grant");
    second.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn an_expired_session_takes_no_living_ones_place() {
    let world = World::with(&[("SESSIONS_PER_USER", "2"), ("REFRESH_IDLE_SECONDS", "1000")]).await;
    let mut living = world.signed_in().await;
    world.clock.advance(Seconds(1));
    let mut expired = living.other_device();
    expired.login().await.assert_ok();
    world.clock.advance(Seconds(900));
    living.refresh().await.assert_ok();
    world.clock.advance(Seconds(200));
    assert_eq!(world.database.rows(SESSIONS).await.len(), 2, "nothing has swept the expired row");
    living.other_device().login().await.assert_ok();
    living.refresh().await.assert_ok();
    expired.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn the_sessions_of_others_are_not_counted() {
    let world = World::with(&[("SESSIONS_PER_USER", "2")]).await;
    let mut ada = world.signed_in().await;
    let mut grace = world.signed_in().await;
    for expected in [2, 2, 2] {
        world.clock.advance(Seconds(1));
        ada.login().await.assert_ok();
        let rows = world.database.rows(SESSIONS).await;
        let own = rows.iter().filter(|row| row.text("user_id") == ada.tokens().user_id);
        assert_eq!(own.count(), expected);
    }
    grace.refresh().await.assert_ok();
}

#[tokio::test]
async fn of_sign_ins_at_once_exactly_one_session_stays_where_one_is_allowed() {
    let world = World::with(&[("SESSIONS_PER_USER", "1")]).await;
    let browser = world.signed_in().await;
    for round in 0..5 {
        let mut sign_ins = JoinSet::new();
        for _ in 0..4 {
            let mut device = browser.other_device();
            sign_ins.spawn(async move { device.login().await.assert_ok().status });
        }
        sign_ins.join_all().await;
        assert_eq!(world.database.rows(SESSIONS).await.len(), 1, "round {round}");
    }
}

#[tokio::test]
async fn a_sign_in_that_stalls_behind_a_newer_one_leaves_one_session_too() {
    let world = World::with(&[("SESSIONS_PER_USER", "1")]).await;
    let browser = world.signed_in().await;
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut stalled = browser.other_device();
    let sign_in = tokio::spawn(async move { stalled.login().await });
    held.arrived().await;
    world.clock.advance(Seconds(1));
    let mut newer = browser.other_device();
    newer.login().await.assert_ok();
    drop(held);
    sign_in.await.unwrap().assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    newer.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_session_remembers_the_device_it_was_begun_on() {
    let world = World::start().await;
    let browser = Browser::at(&world.service);
    let body = json!({ "email": browser.email, "password": browser.password, "name": "Ada" });
    let request = world.service.request(http::Method::POST, "/register").json(&body);
    let request = request.header("user-agent", format!("Browser/1 {}", "x".repeat(300)));
    let request = request.header("x-forwarded-for", "192.0.2.1");
    world.service.send(request, Form::NewTokens).await.assert_ok();
    let rows = world.database.rows(SESSIONS).await;
    assert_eq!(rows[0].text("user_agent"), format!("Browser/1 {}", "x".repeat(246)));
    assert_eq!(rows[0].text("source_ip"), "127.0.0.1");
}

#[tokio::test]
async fn the_case_of_letters_beyond_ascii_tells_two_accounts_apart_everywhere() {
    let world = World::start().await;
    let mut small = Browser::at(&world.service);
    small.email = format!("\u{e9}{}", small.email);
    let mut large = Browser::at(&world.service);
    large.email = small.email.replace('\u{e9}', "\u{c9}");
    small.register().await.assert_ok();
    large.register().await.assert_ok();
    for browser in [&mut small, &mut large] {
        let answer = browser.login().await;
        assert_eq!(answer.assert_ok().json()["user"]["email"], browser.email);
    }
    for _ in 0..5 {
        small.other_device().mistyping().login().await.assert_error("invalid_credentials");
    }
    small.other_device().login().await.assert_error("too_many_attempts");
    large.other_device().login().await.assert_ok();
    // The device token of one is none for the other.
    let device_token = large.tokens().device_token.clone();
    small.with_device_token(&device_token).login().await.assert_error("too_many_attempts");
}

#[tokio::test]
async fn a_decomposed_address_is_the_composed_one_everywhere() {
    let world = World::start().await;
    let mut composed = Browser::at(&world.service);
    let id = composed.email.clone();
    composed.email = format!("jos\u{e9}{id}");
    composed.register().await.assert_ok();
    let mut decomposed = composed.clone();
    decomposed.email = format!("JOSE\u{301}{id}").replace("JOSE", "Jose");
    decomposed.clone().register().await.assert_error("email_taken");
    for _ in 0..5 {
        composed.other_device().mistyping().login().await.assert_error("invalid_credentials");
    }
    decomposed.other_device().login().await.assert_error("too_many_attempts");
    // The device is known by either spelling.
    let answer = decomposed.login().await;
    assert_eq!(answer.assert_ok().json()["user"]["email"], composed.email);
}
