//! Guessing, counted in hashes: no more of them run than the limits allow, whoever sends them and however fast.

use std::collections::BTreeMap;

use serde_json::json;
use shared::Seconds;
use tests::{Fault, World};

use super::login_function::{LoginFunction, MANY_CONNECTIONS, with_status};

#[tokio::test(flavor = "multi_thread")]
async fn of_500_guesses_at_once_five_are_hashed_with_or_without_an_account() {
    let _alone = MANY_CONNECTIONS.lock().await;
    let world = World::start().await;
    let known = world.signed_in().await;
    let mut seen = Vec::new();
    for email in [known.email.as_str(), "nobody@example.com"] {
        let function = LoginFunction::beside(&world);
        let answers = function.guess(email, 500).await;
        assert_eq!(function.hashes(), 5, "{email}");
        assert_eq!((with_status(&answers, 401), with_status(&answers, 429)), (5, 495), "{email}");
        let mut requests = BTreeMap::<String, usize>::new();
        for operation in world.database.take_requests() {
            *requests.entry(operation).or_default() += 1;
        }
        let expected = [("GetItem", 500), ("UpdateItem", 500)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(requests, BTreeMap::from(expected), "{email}");
        seen.push(answers);
    }
    assert!(seen[0] == seen[1], "an account can be told from none");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_each_delay_one_of_many_guesses_is_hashed_and_the_delay_doubles() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let mut seen = Vec::new();
    for email in [known.email.as_str(), "nobody@example.com"] {
        let function = LoginFunction::beside(&world);
        let mut answers = function.guess(email, 20).await;
        let mut hashes = 5;
        assert_eq!(function.hashes(), hashes);
        for delay in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            world.clock.advance_millis(delay * 1000 - 1);
            let early = function.guess(email, 3).await;
            assert_eq!((with_status(&early, 429), function.hashes()), (3, hashes), "before {delay} s");
            assert!(early.iter().all(|answer| answer.json()["retry_after"] == 1), "{early:?}");
            world.clock.advance_millis(1);
            let in_time = function.guess(email, 20).await;
            hashes += 1;
            assert_eq!((with_status(&in_time, 401), function.hashes()), (1, hashes), "after {delay} s");
            assert_eq!(with_status(&in_time, 429), 19, "after {delay} s");
            answers.extend(early.into_iter().chain(in_time));
        }
        seen.push(answers);
    }
    assert!(seen[0] == seen[1], "an account can be told from none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_is_not_hashed_while_guesses_are_blocked() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let function = LoginFunction::beside(&world);
    function.guess(&known.email, 5).await;
    let right = json!({ "email": known.email, "password": known.password });
    let blocked = function.login(&right).await;
    assert_eq!((blocked.status, function.hashes()), (429, 5), "{blocked:?}");
    world.clock.advance(Seconds(1));
    assert_eq!(function.login(&right).await.status, 200);
    // Nothing is forgotten: as after a guess, there is one more after the next delay.
    assert_eq!(with_status(&function.guess(&known.email, 50).await, 401), 0);
    world.clock.advance(Seconds(2));
    assert_eq!(with_status(&function.guess(&known.email, 50).await, 401), 1);
    assert_eq!(function.hashes(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_guesses_do_not_stop_the_known_device_of_the_owner() {
    let _alone = MANY_CONNECTIONS.lock().await;
    let world = World::start().await;
    let owner = world.signed_in().await;
    let (stranger, own) = (LoginFunction::uncounted(&world), LoginFunction::beside(&world));
    let on_a_new_device = json!({ "email": owner.email, "password": owner.password });
    let mut on_the_known_device = on_a_new_device.clone();
    on_the_known_device["device_token"] = owner.tokens().device_token.as_str().into();
    for round in 1..=40 {
        let (answers, signed_in) =
            tokio::join!(stranger.guess(&owner.email, 250), own.login(&on_the_known_device));
        assert_eq!(signed_in.status, 200, "round {round}: {signed_in:?}");
        on_the_known_device["device_token"] = signed_in.json()["device_token"].clone();
        assert_eq!(with_status(&answers, 401) + with_status(&answers, 429), 250, "round {round}");
    }
    assert_eq!(stranger.hashes(), 5);
    let elsewhere = own.login(&on_a_new_device).await;
    assert_eq!((elsewhere.status, own.hashes()), (429, 40), "{elsewhere:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_can_not_be_counted_is_not_hashed() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let function = LoginFunction::beside(&world);
    for operation in ["UpdateItem", "GetItem"] {
        world.database.disturb_all(operation, Fault::internal_error());
        for email in [known.email.as_str(), "nobody@example.com"] {
            let right = json!({ "email": email, "password": known.password });
            let answer = function.login(&right).await;
            assert_eq!((answer.status, function.hashes()), (503, 0), "{operation}: {answer:?}");
        }
        world.database.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_token_from_before_a_change_of_the_account_brings_no_guesses() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let row = world.database.user(&known.email).await.unwrap();
    world.database.put(tests::dynamodb::USERS, &row.with_number("version", 2)).await;
    let function = LoginFunction::beside(&world);
    assert_eq!(with_status(&function.guess(&known.email, 3).await, 401), 3);
    let guess = json!({ "email": known.email, "password": "x", "device_token": known.tokens().device_token });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(function.login(&guess).await.status);
    }
    assert_eq!((statuses, function.hashes()), (vec![401, 401, 429, 429], 5));
}
