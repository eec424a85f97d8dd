//! Another name.

use tests::World;

#[tokio::test]
async fn a_new_name_reaches_every_session_with_its_next_refresh() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    let answer = browser.change_name("Ada King").await;
    answer.assert_ok();
    assert_eq!(answer.json()["name"], "Ada King");
    for tab in [&mut browser, &mut other] {
        let answer = tab.refresh().await;
        answer.assert_ok();
        assert_eq!(answer.json()["user"]["name"], "Ada King");
        assert_eq!(tab.me().await.json()["user"]["name"], "Ada King");
    }
    assert_eq!(browser.login().await.json()["user"]["name"], "Ada King");
}

#[tokio::test]
async fn a_name_that_breaks_a_rule_is_refused_and_nothing_changes() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for name in ["", "  ", "\u{200b}", &"x".repeat(10_000)] {
        browser.change_name(name).await.assert_error("invalid_request");
    }
    assert_eq!(browser.refresh().await.json()["user"]["name"], "Ada Lovelace");
}

#[tokio::test]
async fn a_session_that_has_ended_changes_no_name() {
    let world = World::start().await;
    let (browser, mut other) = world.on_two_devices().await;
    browser.logout().await.assert_ok();
    browser.change_name("Mallory").await.assert_session_over();
    assert_eq!(other.refresh().await.json()["user"]["name"], "Ada Lovelace");
}

#[tokio::test]
async fn the_same_name_again_finishes_what_a_crash_left() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    // The transaction is written, and the sweep that follows fails.
    let mut held = world.database.hold_next("TransactWriteItems");
    let changing = tokio::spawn({
        let browser = browser.clone();
        async move { browser.change_name("Ada King").await }
    });
    held.arrived().await;
    world.database.disturb_all("Query", tests::Fault::internal_error());
    drop(held);
    changing.await.unwrap().assert_error("temporarily_unavailable");
    world.database.heal();
    assert_eq!(other.refresh().await.json()["user"]["name"], "Ada Lovelace");
    browser.change_name("Ada King").await.assert_ok();
    for tab in [&mut browser, &mut other] {
        assert_eq!(tab.refresh().await.json()["user"]["name"], "Ada King");
    }
}
