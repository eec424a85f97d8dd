//! A table that was restored from the past, and the end of all generations.

use shared::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use tests::dynamodb::SESSIONS;
use tests::{Browser, Row, World, log};

async fn row(world: &World, browser: &Browser) -> Option<Row> {
    world.database.session(&browser.tokens().session_id).await
}

#[tokio::test]
async fn a_token_ahead_of_its_row_ends_the_session() {
    let world = World::start().await;
    let mut browser = world.refreshed(1).await;
    let past = row(&world, &browser).await.unwrap();
    browser.refresh().await.assert_ok();
    world.database.put(SESSIONS, &past).await;
    browser.refresh().await.assert_error("invalid_grant");
    assert_eq!(row(&world, &browser).await, None);
    let logged = log::lines_with(&browser.tokens().session_id);
    assert!(logged.iter().any(|line| line.contains("row_behind") && line.contains("WARN")), "{logged:?}");
}

#[tokio::test]
async fn a_token_of_another_history_is_refused_and_the_session_lives() {
    let world = World::start().await;
    let mut before = world.refreshed(1).await;
    let mut after = before.clone();
    let past = row(&world, &before).await.unwrap();
    before.refresh().await.assert_ok();
    let mut one_back = before.clone();

    world.database.put(SESSIONS, &past).await;
    after.refresh().await.assert_ok();
    // The same generation, and another nonce.
    before.refresh().await.assert_error("invalid_grant");
    after.refresh().await.assert_ok();
    // One generation back, and not the one that the newest came from.
    one_back.refresh().await.assert_error("invalid_grant");
    after.refresh().await.assert_ok();
    let logged = log::lines_with("other_history");
    assert!(!logged.is_empty());
}

#[tokio::test]
async fn a_session_of_the_last_generation_ends() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let last = Generation::LAST;
    let nonce = Nonce::from_bytes([7; 12]);
    let session = row(&world, &browser).await.unwrap();
    let session =
        session.with_number("generation", last.number().into()).with_bytes("nonce", nonce.as_bytes());
    world.database.put(SESSIONS, &session).await;
    let mut browser = browser.with_refresh_token(&token(&world, &browser, last, nonce));
    browser.refresh().await.assert_error("invalid_grant");
    assert_eq!(world.database.take_requests(), ["DeleteItem"]);
    assert_eq!(row(&world, &browser).await, None);
}

#[tokio::test]
async fn the_last_but_one_generation_is_refreshed_once_more() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let last_but_one = Generation::new(Generation::LAST.number() - 1).unwrap();
    let nonce = Nonce::from_bytes([7; 12]);
    let session = row(&world, &browser).await.unwrap();
    let session =
        session.with_number("generation", last_but_one.number().into()).with_bytes("nonce", nonce.as_bytes());
    world.database.put(SESSIONS, &session).await;
    let mut browser = browser.with_refresh_token(&token(&world, &browser, last_but_one, nonce));
    browser.refresh().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    assert_eq!(row(&world, &browser).await, None);
}

/// A genuine token of the browser's session, of any generation.
fn token(world: &World, browser: &Browser, generation: Generation, nonce: Nonce) -> String {
    let token = RefreshToken {
        user_id: browser.tokens().user_id.parse().unwrap(),
        session_id: browser.tokens().session_id.parse().unwrap(),
        key_id: RefreshKeyId(1),
        generation,
        nonce,
    };
    token.to_text(&world.keys.refresh).unwrap().expose().to_owned()
}
