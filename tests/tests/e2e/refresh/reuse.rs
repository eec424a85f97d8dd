//! A superseded token that nothing excuses: somebody holds a copy, and the session ends for both.

use shared::Seconds;
use tests::{World, log};

/// `REFRESH_GRACE_SECONDS`, as the template has it.
const GRACE: Seconds = Seconds(600);
/// How old a duplicate of an answered request may be.
const LATE_DUPLICATE: Seconds = Seconds(30);

#[tokio::test]
async fn g4_the_same_a_millisecond_after_grace_ends_the_session() {
    let world = World::start().await;
    let (mut browser, mut behind) = world.refreshed_and_behind().await;
    world.clock.advance_millis(GRACE.millis() + 1);
    behind.refresh().await.assert_error("invalid_grant");
    assert_eq!(world.database.session(&browser.tokens().session_id).await, None);
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn g4_a_millisecond_later_or_a_generation_further_back_ends_the_session() {
    for (behind_by, after) in [(2, 1), (3, 1), (4, -LATE_DUPLICATE.millis())] {
        let world = World::start().await;
        let mut browser = world.signed_in().await;
        let mut old = browser.clone();
        for _ in 0..behind_by {
            browser.refresh().await.assert_ok();
        }
        world.clock.advance_millis(LATE_DUPLICATE.millis() + after);
        old.refresh().await.assert_error("invalid_grant");
        browser.refresh().await.assert_error("invalid_grant");
    }
}

#[tokio::test]
async fn g4_a_copy_is_noticed_at_any_age() {
    let day = Seconds(24 * 60 * 60);
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut thief = browser.clone();
    for _ in 0..25 {
        world.clock.advance(day);
        browser.refresh().await.assert_ok();
    }
    thief.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
    let session_id = &browser.tokens().session_id;
    let reuses = |line: &String| line.contains("refresh_token_reused") && line.contains("WARN");
    assert_eq!(log::lines_with(session_id).iter().filter(|line| reuses(line)).count(), 1);
}

#[tokio::test]
async fn g4_whoever_is_second_when_two_use_a_copy_is_noticed() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut thief = browser.clone();
    thief.refresh().await.assert_ok();
    world.clock.advance(Seconds(60));
    thief.refresh().await.assert_ok();
    world.clock.advance(Seconds(60));
    browser.refresh().await.assert_error("invalid_grant");
    thief.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn without_grace_a_refresh_token_works_strictly_once() {
    let world = World::with(&[("REFRESH_GRACE_SECONDS", "0"), ("REFRESH_RETRY_SECONDS", "0")]).await;
    let (mut browser, mut behind) = world.refreshed_and_behind().await;
    behind.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
}
