//! A refresh that is repeated: by tabs, by retries, by a client that never got its answer.

use std::sync::Arc;

use shared::Seconds;
use tests::{Answer, Browser, World, log};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// `REFRESH_RETRY_SECONDS`, `REFRESH_GRACE_SECONDS`, as the template has them.
const RETRY: Seconds = Seconds(5);
const GRACE: Seconds = Seconds(600);
/// How old a duplicate of an answered request may be.
const LATE_DUPLICATE: Seconds = Seconds(30);

/// On a machine that is busy with other things, two hundred requests to DynamoDB at once may take longer than the
/// service waits for them. Then it answers 503, and a client asks again: those few at a time.
async fn refresh_though_it_is_slow(tab: &mut Browser, again: &Semaphore) -> Answer {
    let mut answer = tab.refresh().await;
    while answer.status == 503 {
        answer.assert_error("temporarily_unavailable");
        let _turn = again.acquire().await.unwrap();
        answer = tab.refresh().await;
    }
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g2_two_hundred_refreshes_at_once_are_one_rotation() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (mut tabs, again) = (JoinSet::new(), Arc::new(Semaphore::new(4)));
    for _ in 0..200 {
        let (mut tab, again) = (browser.clone(), Arc::clone(&again));
        tabs.spawn(async move {
            refresh_though_it_is_slow(&mut tab, &again).await.assert_ok();
            tab.tokens().clone()
        });
    }
    let answers = tabs.join_all().await;
    assert_eq!(log::lines_with("the row kept changing"), Vec::<String>::new());
    let (first, others) = answers.split_first().unwrap();
    assert!(others.iter().all(|tokens| tokens.refresh_token == first.refresh_token));
    assert_eq!(world.number(&browser, "generation").await, 1);
    assert_eq!(world.number(&browser, "late_replays").await, 0);

    browser = browser.with_refresh_token(&first.refresh_token);
    browser.refresh().await.assert_ok();
    browser.weather().await.assert_ok();
    assert_eq!(world.number(&browser, "generation").await, 2);
}

#[tokio::test]
async fn g3_a_prompt_replay_gets_the_same_refresh_token_and_a_new_access_token() {
    let world = World::start().await;
    let (browser, behind) = world.refreshed_and_behind().await;
    world.clock.advance(RETRY);
    for _ in 0..10 {
        let mut tab = behind.clone();
        tab.refresh_with_access_token().await.assert_ok();
        assert!(tab.tokens().refresh_token == browser.tokens().refresh_token);
        assert!(tab.tokens().access_token != browser.tokens().access_token);
        tab.weather().await.assert_ok();
    }
    assert_eq!(world.number(&browser, "generation").await, 1);
    assert_eq!(world.number(&browser, "late_replays").await, 0);
}

#[tokio::test]
async fn g3_a_late_replay_gets_the_same_refresh_token_until_grace_is_over() {
    for (after, late_replays) in [(RETRY.millis(), 0), (RETRY.millis() + 1, 1), (GRACE.millis(), 1)] {
        let world = World::start().await;
        let (mut browser, mut behind) = world.refreshed_and_behind().await;
        world.clock.advance_millis(after);
        behind.refresh().await.assert_ok();
        assert!(behind.tokens().refresh_token == browser.tokens().refresh_token, "after {after} ms");
        assert_eq!(world.number(&browser, "late_replays").await, late_replays, "after {after} ms");
        browser.refresh().await.assert_ok();
    }
}

#[tokio::test]
async fn g3_late_replays_use_up_a_budget_and_the_next_one_ends_the_session() {
    let world = World::start().await;
    let (browser, behind) = world.refreshed_and_behind().await;
    for used in 1..=3 {
        world.clock.advance(Seconds(60));
        behind.clone().refresh().await.assert_ok();
        assert_eq!(world.number(&browser, "late_replays").await, used);
        // What comes right after it is the same lost answer: free.
        world.clock.advance(RETRY);
        behind.clone().refresh().await.assert_ok();
        assert_eq!(world.number(&browser, "late_replays").await, used);
    }
    world.clock.advance(Seconds(60));
    behind.clone().refresh().await.assert_error("invalid_grant");
    assert_eq!(world.database.session(&browser.tokens().session_id).await, None);
}

#[tokio::test]
async fn g3_a_late_replay_comes_back_to_the_budget_every_eight_hours() {
    let eight_hours = Seconds(8 * 60 * 60);
    for (early_by, is_back) in [(1, false), (0, true)] {
        let world = World::start().await;
        let (mut browser, behind) = world.refreshed_and_behind().await;
        for _ in 0..3 {
            world.clock.advance(Seconds(60));
            behind.clone().refresh().await.assert_ok();
        }
        // Ten seconds before the eight hours since the last late replay are over.
        world.clock.advance_millis(eight_hours.millis() - 10_000);
        let mut behind = browser.clone();
        browser.refresh().await.assert_ok();
        world.clock.advance_millis(10_000 - early_by);
        let answer = behind.refresh().await;
        if is_back {
            answer.assert_ok();
            assert_eq!(world.number(&browser, "late_replays").await, 3);
        } else {
            answer.assert_error("invalid_grant");
        }
    }
}

#[tokio::test]
async fn g3_late_replays_at_once_use_the_budget_once() {
    let world = World::start().await;
    let (browser, behind) = world.refreshed_and_behind().await;
    world.clock.advance(Seconds(60));
    let mut tabs = JoinSet::new();
    for _ in 0..10 {
        let mut tab = behind.clone();
        tabs.spawn(async move {
            tab.refresh().await.assert_ok();
            tab.tokens().refresh_token.clone()
        });
    }
    for refresh_token in tabs.join_all().await {
        assert!(refresh_token == browser.tokens().refresh_token);
    }
    assert_eq!(world.number(&browser, "late_replays").await, 1);
}

#[tokio::test]
async fn g3_a_late_duplicate_is_refused_and_the_session_lives() {
    for behind_by in [2, 3] {
        for after in [0, LATE_DUPLICATE.millis()] {
            let world = World::start().await;
            let mut browser = world.signed_in().await;
            let mut duplicate = browser.clone();
            for _ in 0..behind_by {
                browser.refresh().await.assert_ok();
            }
            world.clock.advance_millis(after);
            duplicate.refresh().await.assert_error("invalid_grant");
            browser.refresh().await.assert_ok();
        }
    }
}

#[tokio::test]
async fn the_windows_and_the_budget_are_settings() {
    let world = World::with(&[
        ("REFRESH_GRACE_SECONDS", "20"),
        ("REFRESH_RETRY_SECONDS", "10"),
        ("REFRESH_LATE_REPLAYS", "1"),
    ])
    .await;
    let (browser, behind) = world.refreshed_and_behind().await;
    world.clock.advance(Seconds(10));
    behind.clone().refresh().await.assert_ok();
    assert_eq!(world.number(&browser, "late_replays").await, 0);
    world.clock.advance_millis(1);
    behind.clone().refresh().await.assert_ok();
    assert_eq!(world.number(&browser, "late_replays").await, 1);
    world.clock.advance_millis(10_001);
    behind.clone().refresh().await.assert_error("invalid_grant");
}
