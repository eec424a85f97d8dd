//! Lost answers and conflicts while attempts are counted: nobody is counted twice or blocked by himself.

use shared::Seconds;
use tests::dynamodb::USERS;
use tests::{Browser, Fault, World};

async fn failures(world: &World) -> i64 {
    world.database.attempts().await[0].number("failures")
}

fn mistyping(world: &World) -> Browser {
    Browser::at(&world.service).mistyping()
}

#[tokio::test]
async fn an_attempt_whose_count_the_sdk_sends_twice_is_counted_once() {
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::internal_error()] {
        let world = World::start().await;
        let mut browser = mistyping(&world);
        // The last of these leaves no free attempt, and so nothing that its own second count could take.
        for expected in 1..=5 {
            world.database.disturb_next("UpdateItem", fault.clone());
            browser.login().await.assert_error("invalid_credentials");
            assert_eq!(failures(&world).await, expected, "{fault:?}");
        }
        browser.login().await.assert_error("too_many_attempts");
    }
}

#[tokio::test]
async fn the_one_attempt_per_delay_is_not_blocked_by_its_own_lost_answer() {
    let world = World::start().await;
    let mut browser = mistyping(&world);
    for _ in 0..5 {
        browser.login().await.assert_error("invalid_credentials");
    }
    world.clock.advance(Seconds(1));
    // The first count says that there are no free attempts; it is the second whose answer is lost.
    let mut first = world.database.hold_next("UpdateItem");
    world.database.forget_requests();
    let attempt = tokio::spawn(async move { browser.login().await });
    first.arrived().await;
    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    drop(first);
    attempt.await.unwrap().assert_error("invalid_credentials");
    let updates = world.database.take_requests().into_iter().filter(|operation| operation == "UpdateItem");
    assert_eq!(updates.count(), 3);
    assert_eq!(failures(&world).await, 6);
}

#[tokio::test]
async fn a_right_password_survives_the_lost_answers_of_a_sign_in() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for operation in ["UpdateItem", "GetItem", "TransactWriteItems"] {
        world.database.disturb_next(operation, Fault::LostAnswer);
        browser.other_device().login().await.assert_ok();
        assert_eq!(failures(&world).await, 0, "{operation}");
    }
}

#[tokio::test]
async fn what_takes_a_success_from_the_count_is_sent_once_and_may_fail() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    browser.other_device().mistyping().login().await.assert_error("invalid_credentials");
    for (fault, left) in [(Fault::LostAnswer, 1), (Fault::LostRequest, 2), (Fault::internal_error(), 3)] {
        let mut held = world.database.hold_next("TransactWriteItems");
        let mut device = browser.other_device();
        let sign_in = tokio::spawn(async move { device.login().await });
        held.arrived().await;
        world.database.forget_requests();
        world.database.disturb_all("UpdateItem", fault.clone());
        drop(held);
        sign_in.await.unwrap().assert_ok();
        world.database.heal();
        let updates = world.database.take_requests().into_iter().filter(|request| request == "UpdateItem");
        assert_eq!((updates.count(), failures(&world).await), (1, left), "{fault:?}");
    }
}

#[tokio::test]
async fn an_attempt_that_never_learns_whether_it_is_counted_does_not_go_on() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.database.disturb_all("UpdateItem", Fault::LostAnswer);
    browser.other_device().login().await.assert_error("temporarily_unavailable");
    world.database.heal();
    assert_eq!(failures(&world).await, 1);
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn a_count_that_meets_the_transaction_of_another_sign_in_is_tried_again() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..4 {
        world.database.disturb_next("UpdateItem", Fault::conflict_with_a_transaction());
    }
    browser.other_device().login().await.assert_ok();
    world.database.disturb_all("UpdateItem", Fault::conflict_with_a_transaction());
    browser.other_device().login().await.assert_error("temporarily_unavailable");
}

#[tokio::test]
async fn a_hash_made_anew_never_replaces_a_newer_password() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let dearer = world.beside(&[("PASSWORD_ITERATIONS", "3")]).await;
    let newer = world.signed_in().await;
    let hash = world.database.user(&newer.email).await.unwrap().text("password_hash");

    let mut held = world.database.hold_next("TransactWriteItems");
    let mut stalled = browser.other_device().moved_to(&dearer.service);
    let sign_in = tokio::spawn(async move { stalled.login().await });
    held.arrived().await;
    let row = world.database.user(&browser.email).await.unwrap();
    let changed = row.with_number("version", 2).with_text("password_hash", &hash);
    world.database.put(USERS, &changed).await;
    drop(held);
    sign_in.await.unwrap().assert_error("invalid_credentials");
    assert_eq!(world.database.user(&browser.email).await.unwrap(), changed);
}
