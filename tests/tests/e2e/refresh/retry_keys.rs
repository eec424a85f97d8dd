//! A refresh that comes with a retry key: its answer may be lost, and asked for again at any time.

use serde_json::{Value, json};
use shared::Seconds;
use tests::{Browser, Form, World, log};
use tokio::task::JoinSet;

const DAY: Seconds = Seconds(24 * 60 * 60);
/// `REFRESH_RETRY_SECONDS`, as the template has it.
const RETRY: Seconds = Seconds(5);
const OWN: &str = "the_clients_own_retry_key_1";
const NEXT: &str = "the_clients_own_retry_key_2";
const STRANGERS: &str = "a_retry_key_of_a_stranger";

/// A session refreshed once with [`OWN`], and the client that never heard the answer.
async fn refreshed_with_key(world: &World) -> (Browser, Browser) {
    let behind = world.signed_in().await;
    let mut browser = behind.clone();
    browser.refresh_with_key(OWN).await.assert_ok();
    (browser, behind)
}

#[tokio::test]
async fn g3_a_lost_answer_is_had_again_with_the_key_at_any_time_within_the_idle_lifetime() {
    let lost_for = [Seconds(1), RETRY, Seconds(6), Seconds(1080), Seconds(9 * 3600), Seconds(6 * 24 * 3600)];
    for after in lost_for {
        let world = World::start().await;
        let (mut browser, mut behind) = refreshed_with_key(&world).await;
        world.clock.advance(after);
        behind.refresh_with_key(OWN).await.assert_ok();
        assert!(behind.tokens().refresh_token == browser.tokens().refresh_token, "after {after:?}");
        behind.weather().await.assert_ok();
        assert_eq!(world.number(&browser, "generation").await, 1);
        assert_eq!(world.number(&browser, "late_replays").await, 0);
        browser.refresh_with_key(NEXT).await.assert_ok();
    }
}

#[tokio::test]
async fn g4_a_copy_without_the_key_ends_the_session_after_the_retry_window() {
    for retry_key in [None, Some(STRANGERS)] {
        for (after, lives) in [(RETRY.millis(), true), (RETRY.millis() + 1, false)] {
            let world = World::start().await;
            let (mut browser, mut thief) = refreshed_with_key(&world).await;
            world.clock.advance_millis(after);
            let answer = match retry_key {
                Some(retry_key) => thief.refresh_with_key(retry_key).await,
                None => thief.refresh().await,
            };
            if lives {
                answer.assert_ok();
                browser.refresh_with_key(NEXT).await.assert_ok();
            } else {
                answer.assert_error("invalid_grant");
                browser.refresh_with_key(NEXT).await.assert_error("invalid_grant");
            }
        }
    }
}

#[tokio::test]
async fn g4_a_client_with_a_key_gets_nothing_from_the_budget_of_those_without() {
    let world = World::start().await;
    let (mut browser, mut behind) = world.refreshed_and_behind().await;
    world.clock.advance(Seconds(6));
    behind.refresh_with_key(STRANGERS).await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn g3_a_late_duplicate_with_its_key_never_ends_the_session() {
    let world = World::start().await;
    let (mut browser, mut duplicate) = refreshed_with_key(&world).await;
    browser.refresh_with_key(NEXT).await.assert_ok();
    world.clock.advance(DAY);
    duplicate.clone().refresh_with_key(OWN).await.assert_error("invalid_grant");
    browser.refresh_with_key("the_clients_own_retry_key_3").await.assert_ok();
    duplicate.refresh_with_key(OWN).await.assert_error("invalid_grant");
    browser.refresh_with_key("the_clients_own_retry_key_4").await.assert_ok();
}

#[tokio::test]
async fn sixteen_proven_replays_are_answered_and_the_next_is_refused_and_the_session_lives() {
    let world = World::start().await;
    let (mut browser, behind) = refreshed_with_key(&world).await;
    for counted in 1..=16 {
        world.clock.advance(Seconds(3600));
        behind.clone().refresh_with_key(OWN).await.assert_ok();
        assert_eq!(world.number(&browser, "proven_replays").await, counted);
    }
    world.clock.advance(Seconds(3600));
    behind.clone().refresh_with_key(OWN).await.assert_error("invalid_grant");
    browser.refresh_with_key(NEXT).await.assert_ok();
    let mut next_behind = behind.with_refresh_token(&browser.tokens().refresh_token);
    browser.refresh_with_key(OWN).await.assert_ok();
    world.clock.advance(DAY);
    next_behind.refresh_with_key(OWN).await.assert_ok();
    assert_eq!(world.number(&browser, "proven_replays").await, 1);
}

#[tokio::test]
async fn g2_proven_replays_at_once_all_get_the_one_successor() {
    let world = World::start().await;
    let (browser, behind) = refreshed_with_key(&world).await;
    world.clock.advance(DAY);
    let mut tabs = JoinSet::new();
    for _ in 0..10 {
        let mut tab = behind.clone();
        tabs.spawn(async move {
            tab.refresh_with_key(OWN).await.assert_ok();
            tab.tokens().refresh_token.clone()
        });
    }
    for refresh_token in tabs.join_all().await {
        assert!(refresh_token == browser.tokens().refresh_token);
    }
    assert_eq!(world.number(&browser, "proven_replays").await, 1);
}

#[tokio::test]
async fn a_retry_key_is_for_one_token_and_the_refusal_loses_nothing() {
    let world = World::start().await;
    let (mut browser, _) = refreshed_with_key(&world).await;
    let says = "retry_key was used for the token before: each needs a new one.";
    browser.refresh_with_key(OWN).await.assert_error("invalid_request").assert_description(says);
    assert_eq!(world.number(&browser, "generation").await, 1);
    browser.refresh_with_key(NEXT).await.assert_ok();
}

#[tokio::test]
async fn strict_single_use_refuses_proven_replays_too() {
    let world = World::with(&[("REFRESH_GRACE_SECONDS", "0"), ("REFRESH_RETRY_SECONDS", "0")]).await;
    let (mut browser, mut behind) = refreshed_with_key(&world).await;
    behind.refresh_with_key(OWN).await.assert_error("invalid_grant");
    browser.refresh_with_key(NEXT).await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_malformed_or_repeated_retry_key_is_refused_before_dynamodb_is_asked() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.forget_requests();
    let token = browser.tokens().refresh_token.clone();
    let wrong = "retry_key must be 22 to 128 visible ASCII characters.";
    for (retry_key, says) in [
        (json!(""), wrong),
        (json!("x".repeat(21)), wrong),
        (json!("x".repeat(129)), wrong),
        (json!("a key with spaces between"), wrong),
        (json!("\u{e9}aaaaaaaaaaaaaaaaaaaaaaaaa"), wrong),
        (json!(12), "retry_key must be a string."),
    ] {
        let body = json!({ "refresh_token": token, "retry_key": retry_key });
        let answer = world.service.post("/refresh", &body, Form::Tokens).await;
        answer.assert_error("invalid_request").assert_description(says);
    }
    let twice = format!(r#"{{"refresh_token":"{token}","retry_key":"{OWN}","retry_key":"{OWN}"}}"#);
    let request = world.service.request(http::Method::POST, "/refresh");
    let request = request.header("content-type", "application/json").body(twice);
    let answer = world.service.send(request, Form::Tokens).await;
    answer.assert_error("invalid_request").assert_description("retry_key must be there once only.");
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    assert_eq!(world.number(&browser, "generation").await, 0);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn each_proven_replay_is_logged_with_its_age() {
    let world = World::start().await;
    let (browser, mut behind) = refreshed_with_key(&world).await;
    world.clock.advance(Seconds(3600));
    behind.refresh_with_key(OWN).await.assert_ok();
    let lines = log::lines_with(&browser.tokens().session_id);
    let line = lines.iter().find(|line| line.contains("proven_replay")).expect("a line");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["age_seconds"], 3600);
    assert!(lines.iter().all(|line| !line.contains(OWN)));
}

#[tokio::test]
async fn a_refused_proven_replay_is_logged_with_its_session() {
    let world = World::start().await;
    let (browser, behind) = refreshed_with_key(&world).await;
    for _ in 0..=16 {
        world.clock.advance(Seconds(3600));
        behind.clone().refresh_with_key(OWN).await;
    }
    let lines = log::lines_with(&browser.tokens().session_id);
    let warned = |line: &&String| line.contains("too_many_proven_replays") && line.contains("WARN");
    assert_eq!(lines.iter().filter(warned).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.contains("excess_rate_limit_exceeded")).count(), 1);
}

#[tokio::test]
async fn g4_a_thief_with_a_captured_request_who_is_ahead_loses_the_session_by_the_users_logout() {
    let world = World::start().await;
    let (_, mut thief) = refreshed_with_key(&world).await;
    let mut user = thief.clone();
    world.clock.advance(Seconds(60));
    thief.refresh_with_key(OWN).await.assert_ok();
    thief.refresh_with_key(STRANGERS).await.assert_ok();
    world.clock.advance(Seconds(60));
    // The key says that the user's is a late repeat, so the session is kept, for the thief too.
    user.refresh_with_key(OWN).await.assert_error("invalid_grant");
    thief.refresh_with_key(NEXT).await.assert_ok();
    user.logout().await.assert_ok();
    thief.refresh_with_key("another_key_of_the_stranger").await.assert_error("invalid_grant");
}
