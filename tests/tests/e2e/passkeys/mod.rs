//! Passkeys: made and used by an authenticator in software.

mod adding;
mod around;
mod fresh;
mod own;
mod proofs;
mod races;
mod refused;
mod sign_in;

use tests::dynamodb::CODES;
use tests::{Authenticator, Browser, Row, World};

/// Somebody who has just registered, and an authenticator with a passkey of theirs.
async fn with_a_passkey(world: &World) -> (Browser, Authenticator) {
    adding_one(world, world.signed_in().await).await
}

/// The same of a user who is told of changes by mail.
async fn proven_with_a_passkey(world: &World) -> (Browser, Authenticator) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    adding_one(world, browser).await
}

async fn adding_one(world: &World, mut browser: Browser) -> (Browser, Authenticator) {
    let mut authenticator = Authenticator::new();
    browser.add_passkey(&mut authenticator).await;
    world.database.forget_requests();
    (browser, authenticator)
}

/// The challenges that wait for an answer.
async fn challenges(world: &World) -> usize {
    let rows = world.database.rows(CODES).await;
    let waits = |row: &&Row| row.text("purpose").starts_with("passkey_") && row.0["taken_by"].is_null();
    rows.iter().filter(waits).count()
}
