//! A refresh: replays, reuse, lifetimes, and a DynamoDB that fails.

mod beside_access_token;
mod lifetimes;
mod lost_answers;
mod regions;
mod replays;
mod restored_tables;
mod retry_keys;
mod reuse;
mod roles;
mod rule_and_table;

use tests::{Browser, World};

/// A refresh with this access token is refused, asks DynamoDB nothing, and leaves the refresh token unspent.
pub(crate) async fn check_refused(world: &World, browser: &Browser, access_token: &str, why: &str) {
    let answer = browser.clone().refresh_beside(access_token).await;
    assert_eq!(answer.status, 400, "{why}");
    answer.assert_error("invalid_grant").assert_description("The refresh token is not valid.");
    assert!(world.database.take_requests().is_empty(), "{why}");
    let row = world.database.session(&browser.tokens().session_id).await.expect("the session lives");
    assert_eq!(row.number("generation"), 0, "{why}");
}
