//! Two Regions whose tables replicate each other's rows a moment later, last writer wins: what docs/cost.md says becomes
//! of sessions then. Ratchet is made for one table that all conditions are checked against; these tests show why.

use tests::dynamodb::SESSIONS;
use tests::{Browser, Row, World};

/// Two services with the same keys and clock, each on tables of its own.
async fn two_regions() -> (World, World) {
    let here = World::start().await;
    let there = World::with(&[("KEY_SET", &here.keys.to_json())]).await;
    there.clock.set(here.clock.now());
    (here, there)
}

async fn row(world: &World, browser: &Browser) -> Option<Row> {
    world.database.session(&browser.tokens().session_id).await
}

/// Replication: the row as it is in one Region, written in the other.
async fn replicate(browser: &Browser, from: &World, to: &World) {
    to.database.put(SESSIONS, &row(from, browser).await.expect("a row")).await;
}

/// Somebody signed in here, whose row is there too.
async fn in_both(here: &World, there: &World) -> Browser {
    let browser = here.signed_in().await;
    replicate(&browser, here, there).await;
    browser
}

#[tokio::test]
async fn refreshes_in_two_regions_at_once_fork_the_session() {
    let (here, there) = two_regions().await;
    let mut first = in_both(&here, &there).await;
    let mut second = first.moved_to(&there.service);
    first.refresh().await.assert_ok();
    second.refresh().await.assert_ok();
    assert_ne!(first.tokens().refresh_token, second.tokens().refresh_token);

    // The later write wins everywhere. The holder of the other token is refused, and the session lives.
    replicate(&second, &there, &here).await;
    first.refresh().await.assert_error("invalid_grant");
    assert!(row(&here, &first).await.is_some());
    // Once the session has moved on, the same honest token looks stolen and ends it.
    let mut second = second.moved_to(&here.service);
    for _ in 0..3 {
        here.clock.advance(shared::Seconds(60));
        second.refresh().await.assert_ok();
    }
    first.refresh().await.assert_error("invalid_grant");
    assert_eq!(row(&here, &first).await, None);
}

#[tokio::test]
async fn a_thief_who_is_faster_than_replication_is_not_noticed() {
    let (here, there) = two_regions().await;
    let mut owner = in_both(&here, &there).await;
    let mut thief = owner.moved_to(&there.service);
    owner.refresh().await.assert_ok();
    thief.refresh().await.assert_ok();
    replicate(&thief, &there, &here).await;
    // The owner is refused as if the table had been restored. The thief goes on.
    owner.refresh().await.assert_error("invalid_grant");
    thief.moved_to(&here.service).refresh().await.assert_ok();
}

#[tokio::test]
async fn a_session_that_was_ended_comes_back_with_a_refresh_in_the_other_region() {
    let (here, there) = two_regions().await;
    let browser = in_both(&here, &there).await;
    let mut copy = browser.moved_to(&there.service);
    browser.logout().await.assert_ok();
    assert_eq!(row(&here, &browser).await, None);
    // Begun after the logout was answered. Its write is the later one, so it is what both Regions end up with.
    copy.refresh().await.assert_ok();
    replicate(&copy, &there, &here).await;
    copy.moved_to(&here.service).refresh().await.assert_ok();
}

#[tokio::test]
async fn who_comes_to_a_region_that_lags_behind_loses_the_session() {
    let (here, there) = two_regions().await;
    let mut browser = in_both(&here, &there).await;
    browser.refresh().await.assert_ok();
    browser.moved_to(&there.service).refresh().await.assert_error("invalid_grant");
    assert_eq!(row(&there, &browser).await, None);
}
