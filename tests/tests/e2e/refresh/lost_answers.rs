//! Lost requests, lost answers and a DynamoDB that fails: sessions come through it.

use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Browser, Fault, World, routes};

#[tokio::test]
async fn g2_a_refresh_whose_write_the_sdk_sends_twice_is_one_rotation() {
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::internal_error()] {
        let world = World::start().await;
        let mut browser = world.signed_in().await;
        let mut tab = browser.clone();
        world.database.disturb_next("UpdateItem", fault.clone());
        browser.refresh().await.assert_ok();
        assert_eq!(world.database.take_requests(), ["UpdateItem", "UpdateItem"], "{fault:?}");
        assert_eq!(world.number(&browser, "generation").await, 1, "{fault:?}");
        tab.refresh().await.assert_ok();
        assert!(tab.tokens().refresh_token == browser.tokens().refresh_token, "{fault:?}");
        browser.refresh().await.assert_ok();
        assert_eq!(world.number(&browser, "generation").await, 2, "{fault:?}");
    }
}

#[tokio::test]
async fn g2_a_write_sent_twice_is_recognised_where_no_replay_is_excused() {
    let world = World::with(&[("REFRESH_GRACE_SECONDS", "0"), ("REFRESH_RETRY_SECONDS", "0")]).await;
    let mut browser = world.signed_in().await;
    for generation_now in [1, 2] {
        world.database.disturb_next("UpdateItem", Fault::LostAnswer);
        browser.refresh().await.assert_ok();
        assert_eq!(world.number(&browser, "generation").await, generation_now);
    }
}

#[tokio::test]
async fn g2_a_write_sent_twice_is_recognised_though_the_session_has_moved_on() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let (mut slow, mut tab) = (browser.clone(), browser.clone());

    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    let mut first = world.database.hold_next("UpdateItem");
    let refresh = tokio::spawn(async move {
        slow.refresh().await.assert_ok();
        slow.tokens().refresh_token.clone()
    });
    first.arrived().await;
    let mut again = world.database.hold_next("UpdateItem");
    drop(first);
    again.arrived().await;
    // The write has happened, its answer is lost, and before it is sent again a tab goes on from it.
    tab.refresh().await.assert_ok();
    let successor = tab.tokens().refresh_token.clone();
    tab.refresh().await.assert_ok();
    assert_eq!(world.number(&browser, "generation").await, 2);
    drop(again);
    assert!(refresh.await.unwrap() == successor);
    assert_eq!(world.number(&browser, "generation").await, 2);
}

#[tokio::test]
async fn g3_a_late_replay_whose_write_the_sdk_sends_twice_is_counted_once() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut late = browser.clone();
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(60));

    // The first request says that the token is superseded; it is the second whose answer is lost.
    let mut first = world.database.hold_next("UpdateItem");
    world.database.forget_requests();
    let replay = tokio::spawn(async move {
        late.refresh().await.assert_ok();
        late.tokens().refresh_token.clone()
    });
    first.arrived().await;
    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    drop(first);
    assert!(replay.await.unwrap() == browser.tokens().refresh_token);
    assert_eq!(world.database.take_requests(), ["UpdateItem"; 3]);
    assert_eq!(world.number(&browser, "late_replays").await, 1);
}

#[tokio::test]
async fn g6_a_refresh_that_dies_after_its_write_is_mended_by_repeating_it() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.disturb_all("UpdateItem", Fault::LostAnswer);
    browser.refresh().await.assert_error("temporarily_unavailable");
    assert_eq!(world.number(&browser, "generation").await, 1);
    world.database.heal();
    world.clock.advance(Seconds(600));
    browser.refresh().await.assert_ok();
    assert_eq!(world.number(&browser, "generation").await, 1);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn g6_a_refresh_that_dies_before_its_write_is_mended_by_repeating_it() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.disturb_all("UpdateItem", Fault::LostRequest);
    browser.refresh().await.assert_error("temporarily_unavailable");
    assert_eq!(world.number(&browser, "generation").await, 0);
    world.database.heal();
    world.clock.advance(Seconds(24 * 60 * 60));
    browser.refresh().await.assert_ok();
    assert_eq!(world.number(&browser, "generation").await, 1);
}

#[tokio::test]
async fn g6_a_reuse_whose_end_can_not_be_written_is_ended_at_the_next_try() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut thief = browser.clone();
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(601));
    world.database.disturb_all("DeleteItem", Fault::internal_error());
    thief.refresh().await.assert_error("temporarily_unavailable");
    assert_eq!(world.number(&browser, "generation").await, 1);
    world.database.heal();
    thief.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_sign_in_whose_transaction_the_sdk_sends_twice_is_one_session() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    world.database.disturb_next("TransactWriteItems", Fault::LostAnswer);
    browser.register().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    world.database.disturb_next("TransactWriteItems", Fault::LostAnswer);
    browser.login().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 2);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_transaction_that_met_another_is_tried_again() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for _ in 0..4 {
        world.database.disturb_next("TransactWriteItems", Fault::transaction_conflict());
    }
    browser.login().await.assert_ok();
    let mut requests = world.database.take_requests();
    // A read and a count are sent at the same time.
    requests[..2].sort();
    let once = ["GetItem", "UpdateItem"].into_iter().chain(["TransactWriteItems"; 5]).chain(["Query"]);
    assert_eq!(requests, once.collect::<Vec<_>>());

    world.database.disturb_all("TransactWriteItems", Fault::transaction_conflict());
    browser.login().await.assert_error("temporarily_unavailable");
}

#[tokio::test]
async fn when_dynamodb_fails_routes_that_need_it_answer_503_and_end_nothing() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let operations =
        ["GetItem", "TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem", "Query"];
    for operation in operations {
        world.database.disturb_all(operation, Fault::internal_error());
    }
    routes::assert_each_without_dynamodb(&browser).await;
    world.database.heal();
    browser.refresh().await.assert_ok();
    browser.login().await.assert_ok();
}
