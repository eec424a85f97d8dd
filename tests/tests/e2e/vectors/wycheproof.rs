//! Signatures and JWS of Wycheproof beside a refresh token. What verifies among them is tested in
//! `shared/src/access_token/wycheproof.rs`, without a token around it.

use serde_json::{Value, json};
use shared::key_set::{Algorithm, KeySet};
use tests::World;
use tests::vectors::wycheproof;

use crate::refresh::check_refused;

/// A key set that knows Wycheproof's keys as those of earlier days.
fn key_set_with(public: Vec<Value>) -> String {
    let own = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap();
    let mut document: Value = serde_json::from_str(&own.to_json()).unwrap();
    let retired = public
        .into_iter()
        .map(|key| json!({ "kid": key["kid"], "alg": key["alg"], "state": "retired", "public_key": key }));
    let own = document["signing_keys"].as_array().cloned().unwrap_or_default();
    document["signing_keys"] = retired.chain(own).collect();
    document.to_string()
}

#[tokio::test]
async fn a_refresh_token_survives_every_vector_of_wycheproof() {
    let keys = wycheproof::keys();
    assert!(keys.len() > 150, "{}", keys.len());
    let key_set = key_set_with(keys);
    let settings = [("KEY_SET", key_set.as_str()), ("REFRESH_REQUIRES_ACCESS_TOKEN", "true")];
    let world = World::with(&settings).await;
    let mut browser = world.signed_in().await;
    let forgeries = wycheproof::forgeries(&browser.tokens().access_token);
    assert!(forgeries.len() > 401 + 262 + 151 + 257, "{}", forgeries.len());
    for (name, forged) in forgeries {
        check_refused(&world, &browser, &forged, &name).await;
    }
    browser.refresh_with_access_token().await.assert_ok();
}
