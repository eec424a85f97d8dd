//! A refresh that sends the access token along: it must be of the same session, and may have expired.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::Seconds;
use shared::key_set::{Algorithm, KeySet};
use tests::{Form, World, forgeries, jwt};

use super::check_refused;

#[tokio::test]
async fn a_wrong_access_token_leaves_the_refresh_token_unspent() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    let stranger = world.signed_in().await;
    let elsewhere = world.beside(&[("AUDIENCE", "another-api")]).await;
    let mut visitor = browser.other_device();
    visitor.service = elsewhere.service.clone();
    visitor.login().await.assert_ok();
    world.database.forget_requests();

    for (other, why) in
        [(&phone, "another session"), (&stranger, "another user"), (&visitor, "another audience")]
    {
        check_refused(&world, &browser, &other.tokens().access_token, why).await;
    }
    check_refused(&world, &browser, &browser.tokens().refresh_token, "a refresh token").await;
    check_refused(&world, &browser, "", "an empty text").await;
    browser.refresh_with_access_token().await.assert_ok();
}

#[tokio::test]
async fn a_forged_access_token_leaves_the_refresh_token_unspent() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let known = jwt::header(&browser.tokens().access_token)["kid"].clone();
    let (of_known_key, of_unknown_key): (Vec<_>, Vec<_>) =
        forgeries::all(&browser.tokens().access_token, &world.keys)
            .into_iter()
            .partition(|(_, forged)| names_key(forged).is_none_or(|kid| kid == known || !kid.is_string()));
    for (what, forged) in of_known_key {
        check_refused(&world, &browser, &forged, &what).await;
    }
    // These may have been genuine before their key was dropped, so they count as absent.
    assert!(!of_unknown_key.is_empty());
    for (_, forged) in of_unknown_key {
        browser.refresh_beside(&forged).await.assert_ok();
    }
    browser.refresh_with_access_token().await.assert_ok();
}

/// The `kid` of a token that has a header, whatever it is.
fn names_key(token: &str) -> Option<Value> {
    let header = URL_SAFE_NO_PAD.decode(token.split_once('.')?.0).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Some(header["kid"].clone())
}

#[tokio::test]
async fn an_expired_access_token_is_good_enough() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Seconds(6 * 24 * 60 * 60));
    browser.refresh_with_access_token().await.assert_ok();
}

/// A key set without the keys that have signed so far, which still knows their refresh tokens.
fn with_dropped_signing_keys(keys: &KeySet) -> String {
    let mut document: Value = serde_json::from_str(&keys.to_json()).unwrap();
    let new: Value =
        serde_json::from_str(&KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap().to_json())
            .unwrap();
    document["signing_keys"] = new["signing_keys"].clone();
    document.to_string()
}

#[tokio::test]
async fn an_access_token_of_a_dropped_key_counts_as_absent() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let key_set = with_dropped_signing_keys(&world.keys);
    browser.service = world.beside(&[("KEY_SET", &key_set)]).await.service;
    browser.weather().await.assert_error("invalid_token");
    browser.refresh_with_access_token().await.assert_ok();
    browser.weather().await.assert_ok();
}

#[tokio::test]
async fn where_the_access_token_is_required_a_refresh_without_it_is_refused() {
    let world = World::with(&[("REFRESH_REQUIRES_ACCESS_TOKEN", "true")]).await;
    let mut browser = world.signed_in().await;
    let key_set = with_dropped_signing_keys(&world.keys);
    let settings = [("KEY_SET", key_set.as_str()), ("REFRESH_REQUIRES_ACCESS_TOKEN", "true")];
    let rotated = world.beside(&settings).await;

    browser.clone().refresh().await.assert_error("invalid_grant");
    let null = json!({ "refresh_token": browser.tokens().refresh_token, "access_token": null });
    browser.service.post("/refresh", &null, Form::Tokens).await.assert_error("invalid_grant");
    let mut of_dropped_key = browser.clone();
    of_dropped_key.service = rotated.service.clone();
    of_dropped_key.refresh_with_access_token().await.assert_error("invalid_grant");
    assert!(world.database.take_requests().is_empty());

    world.clock.advance(Seconds(3600));
    browser.refresh_with_access_token().await.assert_ok();
}
