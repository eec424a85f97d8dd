//! Ending sessions: one, all, all but one's own; and what an end that fails midway leaves.

use http::Method;
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Browser, Fault, Form, World};

/// Somebody, and as many other devices of the same person.
async fn devices(world: &World, others: usize) -> (Browser, Vec<Browser>) {
    let browser = world.signed_in().await;
    let mut devices = Vec::new();
    for _ in 0..others {
        let mut device = browser.other_device();
        device.login().await.assert_ok();
        devices.push(device);
    }
    world.database.forget_requests();
    (browser, devices)
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_live() {
    let mut browser = Browser::signed_in().await;
    let (mut phone, mut tablet) = (browser.other_device(), browser.other_device());
    phone.login().await.assert_ok();
    tablet.login().await.assert_ok();
    browser.end_session(&phone.tokens().session_id).await.assert_ok();
    phone.refresh().await.assert_error("invalid_grant");
    // Once more: it is no session of the user's any more.
    browser.end_session(&phone.tokens().session_id).await.assert_error("not_found");
    browser.refresh().await.assert_ok();
    tablet.refresh().await.assert_ok();
    assert_eq!(browser.sessions().await.assert_ok().json()["sessions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_session_may_end_itself() {
    let mut browser = Browser::signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    phone.end_session(&phone.tokens().session_id).await.assert_ok();
    phone.refresh().await.assert_error("invalid_grant");
    phone.sessions().await.assert_session_over();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn all_sessions_are_ended_the_own_included() {
    let world = World::start().await;
    let (browser, others) = devices(&world, 2).await;
    browser.end_all_sessions().await.assert_ok();
    assert_eq!(world.database.take_requests(), ["Query", "BatchWriteItem", "BatchWriteItem"]);
    for mut device in others.into_iter().chain([browser.clone()]) {
        device.refresh().await.assert_error("invalid_grant");
        device.end_all_sessions().await.assert_session_over();
    }
    assert!(world.database.rows(SESSIONS).await.is_empty());
    browser.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn all_other_sessions_are_ended_and_the_own_goes_on() {
    let world = World::start().await;
    let (mut browser, others) = devices(&world, 3).await;
    browser.end_other_sessions().await.assert_ok();
    assert_eq!(world.database.take_requests(), ["Query", "BatchWriteItem"]);
    for mut device in others {
        device.refresh().await.assert_error("invalid_grant");
    }
    browser.refresh().await.assert_ok();
    browser.sessions().await.assert_ok();
    world.database.forget_requests();
    browser.end_other_sessions().await.assert_ok();
    assert_eq!(world.database.take_requests(), ["Query"], "there is nothing to end");
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_id_is_taken_as_the_list_spells_it_and_nothing_else_is_one() {
    let world = World::start().await;
    let (mut browser, mut others) = devices(&world, 1).await;
    let id = others[0].tokens().session_id.clone();
    for other in [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("%7B{id}%7D"),
        format!("urn:uuid:{id}"),
        format!("{id}%20"),
        format!("{id}%00"),
        id[..35].to_owned(),
        "x".to_owned(),
        "current".to_owned(),
        "*".to_owned(),
        "%F0%9F%A6%80".to_owned(),
        "x".repeat(2000),
    ] {
        let answer = browser.end_session(&other).await;
        answer.assert_error("not_found").assert_description("There is no such session.");
    }
    others[0].refresh().await.assert_ok();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_session_that_is_over_is_none_to_end() {
    let world = World::with(&[("REFRESH_IDLE_SECONDS", "100")]).await;
    let (mut browser, others) = devices(&world, 1).await;
    world.clock.advance(Seconds(90));
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(10));
    browser.end_session(&others[0].tokens().session_id).await.assert_error("not_found");
    assert_eq!(world.database.rows(SESSIONS).await.len(), 2, "nothing has swept its row");
}

#[tokio::test]
async fn another_query_is_refused_and_ends_nothing() {
    let world = World::start().await;
    let (mut browser, mut others) = devices(&world, 1).await;
    let only = "The query can have no other parameter than except.";
    for (query, description) in [
        ("except=this", "except must be current."),
        ("except=Current", "except must be current."),
        ("except=", "except must be current."),
        ("except", "except must be current."),
        ("except=current&except=current", "except must be given once."),
        ("except=current&except=", "except must be given once."),
        ("excpet=current", only),
        ("EXCEPT=current", only),
        ("except=current&user_id=x", only),
        ("all=true", only),
        ("=", only),
    ] {
        let answer = browser.call(Method::DELETE, &format!("/sessions?{query}"), Form::Nothing).await;
        answer.assert_error("invalid_request").assert_description(description);
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.refresh().await.assert_ok();
    others[0].refresh().await.assert_ok();
}

#[tokio::test]
async fn what_is_left_unprocessed_is_sent_again() {
    let world = World::start().await;
    let (browser, _) = devices(&world, 5).await;
    world.database.disturb_next("BatchWriteItem", Fault::Unprocessed { after: 2 });
    world.database.disturb_next("BatchWriteItem", Fault::Unprocessed { after: 0 });
    browser.end_other_sessions().await.assert_ok();
    assert_eq!(
        world.database.take_requests(),
        ["Query", "BatchWriteItem", "BatchWriteItem", "BatchWriteItem"]
    );
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn an_end_that_fails_midway_is_finished_by_repeating_it() {
    let world = World::start().await;
    let (mut browser, mut others) = devices(&world, 3).await;
    // Deletes are never processed, or fail, or their answers are lost: the session that asks lives, and may ask again.
    for fault in [Fault::Unprocessed { after: 0 }, Fault::internal_error(), Fault::LostRequest] {
        world.database.disturb_next("BatchWriteItem", Fault::Unprocessed { after: 1 });
        world.database.disturb_all("BatchWriteItem", fault.clone());
        browser.end_all_sessions().await.assert_error("temporarily_unavailable");
        world.database.heal();
        let rows = world.database.rows(SESSIONS).await.len();
        assert!(rows > 1, "{fault:?}: {rows}");
        browser.refresh().await.assert_ok();
        others[0].login().await.assert_ok();
    }
    browser.end_all_sessions().await.assert_ok();
    assert!(world.database.rows(SESSIONS).await.is_empty());
}

#[tokio::test]
async fn an_end_whose_deletes_the_sdk_sends_twice_is_an_end() {
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::internal_error()] {
        let world = World::start().await;
        let (mut browser, mut others) = devices(&world, 1).await;
        world.database.disturb_next("BatchWriteItem", fault);
        browser.end_session(&others[0].tokens().session_id).await.assert_ok();
        assert_eq!(world.database.take_requests(), ["Query", "BatchWriteItem", "BatchWriteItem"]);
        others[0].refresh().await.assert_error("invalid_grant");
        browser.refresh().await.assert_ok();
    }
}
