//! What each route costs in requests to DynamoDB, counted there.

use serde_json::json;
use shared::Seconds;
use tests::{Browser, Form, World};

#[track_caller]
fn check(world: &World, expected: &[&str]) {
    assert_eq!(world.database.take_requests(), expected);
}

/// The first two are sent at the same time, and so are those after the transaction. They arrive in any order.
#[track_caller]
fn check_sign_in(world: &World, after_the_transaction: &[&str]) {
    let mut requests = world.database.take_requests();
    requests[..2].sort();
    requests[3..].sort();
    assert_eq!(requests, [&["GetItem", "UpdateItem", "TransactWriteItems"], after_the_transaction].concat());
}

#[tokio::test]
async fn g1_a_refresh_is_one_request_and_so_is_a_prompt_replay() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut tab = browser.clone();
    browser.refresh_with_access_token().await.assert_ok();
    check(&world, &["UpdateItem"]);
    tab.refresh_with_access_token().await.assert_ok();
    check(&world, &["UpdateItem"]);
}

#[tokio::test]
async fn g1_a_refresh_by_form_costs_the_requests_and_units_of_any_other() {
    let world = World::start().await;
    world.database.begin_metering();
    let mut browser = world.signed_in().await;
    let (mut tab, _of_the_sign_in) = (browser.clone(), world.database.take_units());
    browser.refresh().await.assert_ok();
    check(&world, &["UpdateItem"]);
    let by_json = world.database.take_units();
    browser.refresh_by_form().await.assert_ok();
    check(&world, &["UpdateItem"]);
    let by_form = world.database.take_units();
    assert_eq!((by_form.read, by_form.write), (by_json.read, by_json.write));
    // A copy of the first token is two behind by now, and is taken for stolen by either route.
    world.clock.advance(Seconds(601));
    tab.refresh_by_form().await.assert_error("invalid_grant");
    check(&world, &["UpdateItem", "DeleteItem"]);
    browser.revoke_token("x").await.assert_ok();
    check(&world, &[]);
    browser.revoke().await.assert_ok();
    check(&world, &["DeleteItem"]);
}

#[tokio::test]
async fn g1_a_late_replay_is_two_requests_and_so_is_the_end_for_reuse() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (mut late, mut thief) = (browser.clone(), browser.clone());
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(6));
    world.database.forget_requests();
    late.refresh().await.assert_ok();
    check(&world, &["UpdateItem", "UpdateItem"]);
    world.clock.advance(Seconds(601));
    thief.refresh().await.assert_error("invalid_grant");
    check(&world, &["UpdateItem", "DeleteItem"]);
}

#[tokio::test]
async fn g1_a_refresh_with_a_retry_key_is_one_request_and_a_late_proven_replay_two() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut behind = browser.clone();
    let key = "a_retry_key_of_this_test";
    world.database.forget_requests();
    browser.refresh_with_key(key).await.assert_ok();
    check(&world, &["UpdateItem"]);
    behind.clone().refresh_with_key(key).await.assert_ok();
    check(&world, &["UpdateItem"]);
    world.clock.advance(Seconds(6));
    behind.refresh_with_key(key).await.assert_ok();
    check(&world, &["UpdateItem", "UpdateItem"]);
}

#[tokio::test]
async fn g1_a_refusal_that_keeps_the_session_is_one_request() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut gone = browser.clone();
    browser.logout().await.assert_ok();
    check(&world, &["DeleteItem"]);
    gone.refresh().await.assert_error("invalid_grant");
    check(&world, &["UpdateItem"]);
}

#[tokio::test]
async fn g1_a_forged_refresh_token_is_no_request_and_ends_nobodys_session() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let genuine = browser.tokens().refresh_token.clone();
    for forged in forgeries(&genuine) {
        let mut forger = browser.with_refresh_token(&forged);
        forger.refresh().await.assert_error("invalid_grant");
        forger.logout().await.assert_ok();
        check(&world, &[]);
    }
    browser.refresh().await.assert_ok();
}

/// The genuine token damaged in every place, in other spellings, and tokens of nobody.
fn forgeries(genuine: &str) -> Vec<String> {
    let mut all = vec![
        String::new(),
        "x".to_owned(),
        "A".repeat(86),
        format!("{genuine}A"),
        format!("{genuine}=="),
        format!(" {genuine}"),
        format!("{genuine}\n"),
        genuine[..85].to_owned(),
        genuine.to_lowercase(),
        genuine.chars().rev().collect(),
    ];
    for position in 0..genuine.len() {
        let other = if genuine.as_bytes()[position] == b'A' { "B" } else { "A" };
        let mut damaged = genuine.to_owned();
        damaged.replace_range(position..=position, other);
        all.push(damaged);
    }
    all
}

#[tokio::test]
async fn g1_a_refresh_token_of_another_key_is_no_request() {
    let (world, elsewhere) = (World::start().await, World::start().await);
    let mut stranger = elsewhere.signed_in().await;
    stranger.service = world.service.clone();
    stranger.refresh().await.assert_error("invalid_grant");
    check(&world, &[]);
}

#[tokio::test]
async fn signing_in_is_a_read_beside_a_count_one_transaction_and_one_query() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    browser.register().await.assert_ok();
    // A mail is counted first, in its lane and among all: the one that proves the address.
    check(&world, &["UpdateItem", "UpdateItem", "TransactWriteItems"]);
    // In the lane of everybody the attempt is taken back.
    browser.other_device().login().await.assert_ok();
    check_sign_in(&world, &["Query", "UpdateItem"]);
    browser.login().await.assert_ok();
    check_sign_in(&world, &["Query"]);
}

#[tokio::test]
async fn a_protected_route_and_a_malformed_request_are_no_request() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    browser.weather().await.assert_ok();
    browser.weather_with("no token").await.assert_error("invalid_token");
    for path in ["/register", "/login", "/refresh", "/logout"] {
        world.service.post(path, &json!({ "email": 1 }), Form::Tokens).await.assert_error("invalid_request");
    }
    world.service.get("/.well-known/jwks.json", Form::Document).await.assert_ok();
    check(&world, &[]);
}
