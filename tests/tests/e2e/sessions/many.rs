//! A thousand sessions: several pages of the table, and batches of deletes.

use serde_json::json;
use shared::Seconds;
use shared::ids::SessionId;
use tests::dynamodb::{SESSIONS, USERS};
use tests::{Browser, Fault, Row, World};
use tokio::task::JoinSet;

/// Other sessions of the same user, written past the service: rows so large that a thousand need two pages of 1 MB.
pub(crate) async fn with_others(world: &World, browser: &Browser, others: usize) -> Row {
    let own = world.database.session(&browser.tokens().session_id).await.unwrap();
    let large =
        own.clone().with_text("user_agent", &"\u{20ac}".repeat(85)).with_text("name", &"x".repeat(1000));
    let created_at = own.number("created_at");
    let rows: Vec<_> = (0..others)
        .map(|number| {
            let id = SessionId::random(&mut tests::rng()).to_string();
            let age = i64::try_from(number).unwrap() + 1;
            large.clone().with_text("session_id", &id).with_number("created_at", created_at - age)
        })
        .collect();
    world.database.put_all(SESSIONS, &rows).await;
    world.database.forget_requests();
    own
}

fn count(requests: &[String], operation: &str) -> usize {
    requests.iter().filter(|name| *name == operation).count()
}

#[tokio::test]
async fn a_thousand_sessions_are_listed_and_ended() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    with_others(&world, &browser, 999).await;

    let answer = browser.sessions().await;
    answer.assert_ok();
    assert_eq!(answer.json()["sessions"].as_array().unwrap().len(), 1000);
    // What Lambda may answer, with room for the body's being a JSON text in it.
    assert!(answer.text.len() < 1_000_000, "{}", answer.text.len());
    assert_eq!(world.database.take_requests(), ["Query", "Query"], "two pages");

    world.database.disturb_next("BatchWriteItem", Fault::Unprocessed { after: 10 });
    browser.end_other_sessions().await.assert_ok();
    let requests = world.database.take_requests();
    // 40 batches of 25, and 15 that were left of the first.
    assert_eq!((count(&requests, "Query"), count(&requests, "BatchWriteItem")), (2, 41));
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_thousand_sessions_are_ended_together_with_the_own() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    with_others(&world, &browser, 999).await;
    browser.end_all_sessions().await.assert_ok();
    assert!(world.database.rows(SESSIONS).await.is_empty());
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_sign_in_beyond_a_thousand_ends_the_oldest() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    with_others(&world, &browser, 1001).await;
    let mut newest = browser.other_device();
    newest.login().await.assert_ok();
    let sessions = newest.sessions().await.assert_ok().json()["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1000);
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1000);
    browser.refresh().await.assert_ok();
    newest.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_sign_in_ends_a_thousand_where_one_is_allowed() {
    let world = World::with(&[("SESSIONS_PER_USER", "1")]).await;
    let browser = world.signed_in().await;
    with_others(&world, &browser, 999).await;
    world.clock.advance(Seconds(1));
    let mut newest = browser.other_device();
    newest.login().await.assert_ok();
    let requests = world.database.take_requests();
    assert_eq!((count(&requests, "Query"), count(&requests, "BatchWriteItem")), (2, 40));
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    newest.refresh().await.assert_ok();
}

#[tokio::test]
async fn of_sign_ins_at_once_exactly_as_many_sessions_stay_as_are_allowed() {
    let world = World::with(&[("SESSIONS_PER_USER", "3")]).await;
    let browser = world.signed_in().await;
    for round in 0..3 {
        let mut sign_ins = JoinSet::new();
        for _ in 0..5 {
            let mut device = browser.other_device();
            sign_ins.spawn(async move { (device.login().await, device) });
        }
        for (answer, mut device) in sign_ins.join_all().await {
            answer.assert_ok();
            let stays = world.database.session(&device.tokens().session_id).await.is_some();
            assert_eq!(device.refresh().await.status == 200, stays);
        }
        assert_eq!(world.database.rows(SESSIONS).await.len(), 3, "round {round}");
    }
}

#[tokio::test]
async fn a_sign_in_that_stalls_behind_all_the_newer_ones_allowed_ends_itself() {
    let world = World::with(&[("SESSIONS_PER_USER", "2")]).await;
    let browser = world.signed_in().await;
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut stalled = browser.other_device();
    let sign_in = tokio::spawn(async move { (stalled.login().await, stalled) });
    held.arrived().await;
    let mut newer = [browser.other_device(), browser.other_device()];
    for device in &mut newer {
        world.clock.advance(Seconds(1));
        device.login().await.assert_ok();
    }
    drop(held);
    let (answer, mut stalled) = sign_in.await.unwrap();
    answer.assert_ok();
    stalled.refresh().await.assert_error("invalid_grant");
    for mut device in newer {
        device.refresh().await.assert_ok();
    }
    assert_eq!(world.database.rows(SESSIONS).await.len(), 2);
}

#[tokio::test]
async fn a_sign_in_ends_what_a_password_change_that_died_midway_has_left() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let own = with_others(&world, &browser, 2).await;
    assert_eq!(own.number("account_version"), 1);
    let account = world.database.user(&browser.email).await.unwrap().with_number("version", 2);
    world.database.put(USERS, &account).await;
    // Of a version that this sign-in has not read, and from before versions were recorded.
    let mut newer = own.clone().with_number("account_version", 3);
    newer.0["session_id"] = json!({ "S": SessionId::from_bytes([3; 16]).to_string() });
    let mut unversioned = own.clone();
    unversioned.0["session_id"] = json!({ "S": SessionId::from_bytes([4; 16]).to_string() });
    unversioned.0.as_object_mut().unwrap().remove("account_version");
    world.database.put_all(SESSIONS, &[newer, unversioned]).await;

    let mut after = browser.other_device();
    after.login().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    after.refresh().await.assert_ok();
    let row = world.database.session(&after.tokens().session_id).await.unwrap();
    assert_eq!(row.number("account_version"), 2, "a refresh keeps it");
    assert_eq!(world.database.rows(SESSIONS).await.len(), 3);
}

#[tokio::test]
async fn a_sign_in_updates_profiles_that_a_change_that_died_has_left_old() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let account = world.database.user(&browser.email).await.unwrap();
    let changed = account.with_number("version", 2).with_number("ended_version", 1);
    world.database.put(USERS, &changed.with_text("name", "Ada King")).await;
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    assert_eq!((row.number("account_version"), row.text("name")), (2, "Ada King".to_owned()));
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_change_whose_caller_logs_out_has_ended_what_exceeds_one_transaction() {
    let world = World::start().await;
    let own = world.signed_in().await;
    with_others(&world, &own, 150).await;
    let account = world.database.user(&own.email).await;
    let mut changing = own.clone();
    let mut held = world.database.hold_next("TransactWriteItems");
    let new_password = Browser::at(&world.service).password;
    let change = tokio::spawn(async move { changing.change_password(&new_password).await });
    held.arrived().await;
    own.logout().await.assert_ok();
    drop(held);
    change.await.unwrap().assert_session_over();
    // A transaction takes 94 beside the caller's. The other 56 were ended before it, and nothing brings them back.
    assert_eq!(world.database.rows(SESSIONS).await.len(), 150 - 56);
    assert_eq!(world.database.user(&own.email).await, account);
    own.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn a_session_from_before_versions_were_recorded_goes_on() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut row = world.database.session(&browser.tokens().session_id).await.unwrap();
    row.0.as_object_mut().unwrap().remove("account_version");
    world.database.put(SESSIONS, &row).await;
    browser.refresh().await.assert_ok();
    browser.other_device().login().await.assert_ok();
    assert_eq!(browser.sessions().await.assert_ok().json()["sessions"].as_array().unwrap().len(), 2);
    browser.refresh().await.assert_ok();
}
