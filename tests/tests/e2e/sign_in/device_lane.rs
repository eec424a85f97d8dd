//! The lane of a known device: its owner gets in while strangers guess, and nobody gets more by it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use shared::Seconds;
use tests::dynamodb::USERS;
use tests::{Browser, World};

/// A stranger, who knows only the address.
fn stranger(to: &Browser) -> Browser {
    to.other_device().mistyping()
}

async fn change_the_account(world: &World, email: &str, version: i64) {
    let row = world.database.user(email).await.unwrap();
    world.database.put(USERS, &row.with_number("version", version)).await;
}

/// The device's id, the account's version.
fn parts(device_token: &str) -> (Vec<u8>, Vec<u8>) {
    let bytes = URL_SAFE_NO_PAD.decode(device_token).unwrap();
    (bytes[1..17].to_vec(), bytes[33..41].to_vec())
}

#[tokio::test]
async fn a_known_device_signs_in_while_strangers_are_blocked() {
    let world = World::start().await;
    let mut owner = world.signed_in().await;
    let mut stranger = stranger(&owner);
    for _ in 0..5 {
        stranger.login().await.assert_error("invalid_credentials");
    }
    stranger.login().await.assert_error("too_many_attempts");
    owner.other_device().login().await.assert_error("too_many_attempts");
    owner.login().await.assert_ok();
    owner.login().await.assert_ok();
    // The strangers' failures stay.
    stranger.login().await.assert_error("too_many_attempts");
    assert_eq!(world.database.attempts().await.len(), 1);
}

#[tokio::test]
async fn a_known_device_is_limited_in_its_own_lane_and_blocks_nobody_else() {
    let world = World::start().await;
    let mut owner = world.signed_in().await;
    let mut thief = owner.mistyping();
    for _ in 0..5 {
        thief.login().await.assert_error("invalid_credentials");
    }
    thief.login().await.assert_error("too_many_attempts");
    owner.login().await.assert_error("too_many_attempts");
    owner.other_device().login().await.assert_ok();
    owner.login().await.assert_error("too_many_attempts");
    world.clock.advance(Seconds(1));
    owner.login().await.assert_ok();
    // What is left is the row of everybody, from which the other device took itself.
    let rows = world.database.attempts().await;
    assert_eq!(rows.iter().map(|row| row.number("failures")).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn a_token_that_is_not_good_here_is_answered_as_none() {
    let world = World::start().await;
    let elsewhere = World::start().await;
    let mut foreign = world.signed_in().await.moved_to(&elsewhere.service);
    let other_account = world.signed_in().await.tokens().device_token.clone();
    let victim = foreign.moved_to(&world.service);
    foreign.register().await.assert_ok();
    let own = victim.tokens().device_token.clone();
    let damaged = own.replace(&own[20..21], if &own[20..21] == "A" { "B" } else { "A" });
    let cut = own[..75].to_owned();
    change_the_account(&world, &victim.email, 2).await;
    let mut without = Vec::new();
    for (name, token) in [
        ("none", None),
        ("stale", Some(own)),
        ("of another account", Some(other_account)),
        ("of other keys", Some(foreign.tokens().device_token.clone())),
        ("damaged", Some(damaged)),
        ("cut off", Some(cut)),
        ("a refresh token", Some(victim.tokens().refresh_token.clone())),
        ("empty", Some(String::new())),
    ] {
        let mut guesser = stranger(&victim);
        if let Some(token) = &token {
            guesser = victim.with_device_token(token).mistyping();
        }
        let mut seen = Vec::new();
        for wait in [0, 0, 0, 0, 0, 0, 500, 500, 0, 2000] {
            world.clock.advance_millis(wait);
            let mut answer = guesser.login().await;
            for own in ["date", "x-amzn-requestid"] {
                answer.headers.remove(own);
            }
            seen.push((answer.status, answer.headers, answer.text));
        }
        let statuses: Vec<_> = seen.iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 401, 429, 401], "{name}");
        // All of them in the lane of everybody.
        victim.other_device().login().await.assert_error("too_many_attempts");
        if without.is_empty() {
            without = seen;
        } else {
            assert!(seen == without, "{name}");
        }
        world.clock.advance(Seconds(86_400));
    }
}

#[tokio::test]
async fn a_stale_device_token_counts_in_the_common_lane_and_blocks_no_newer_one() {
    let world = World::start().await;
    let mut owner = world.signed_in().await;
    // Five failures of the device, before the change of the account.
    let mut thief = owner.mistyping();
    for _ in 0..5 {
        thief.login().await.assert_error("invalid_credentials");
    }
    change_the_account(&world, &owner.email, 2).await;
    // Its lane is blocked, but it is stale, so that does not matter any more: as without a token.
    owner.login().await.assert_ok();
    for _ in 0..5 {
        thief.login().await.assert_error("invalid_credentials");
    }
    thief.login().await.assert_error("too_many_attempts");
    owner.login().await.assert_ok();
}

#[tokio::test]
async fn a_device_token_of_an_account_that_is_gone_is_stale_at_the_next_one() {
    let world = World::start().await;
    let former = world.signed_in().await;
    let key = json!({ "email": { "S": former.email } });
    world.database.call("DeleteItem", &json!({ "TableName": USERS, "Key": key })).await;
    let mut owner = former.other_device();
    owner.register().await.assert_ok();
    for _ in 0..5 {
        stranger(&owner).login().await.assert_error("invalid_credentials");
    }
    // It opens no lane of its own, even with the right password.
    former.clone().login().await.assert_error("too_many_attempts");
    owner.login().await.assert_ok();
    assert_ne!(parts(&owner.tokens().device_token).0, parts(&former.tokens().device_token).0);
}

#[tokio::test]
async fn a_device_keeps_its_id_over_sign_ins_and_gets_the_accounts_version() {
    let world = World::start().await;
    let mut owner = world.signed_in().await;
    let registered = owner.tokens().device_token.clone();
    assert_eq!(parts(&registered).1, 1_i64.to_be_bytes());
    owner.login().await.assert_ok();
    assert_eq!(owner.tokens().device_token, registered);
    owner.refresh().await.assert_ok();
    assert_eq!(owner.tokens().device_token, registered);
    change_the_account(&world, &owner.email, 2).await;
    owner.login().await.assert_ok();
    let after = owner.tokens().device_token.clone();
    assert_eq!(parts(&after), (parts(&registered).0, 2_i64.to_be_bytes().to_vec()));

    let mut phone = owner.other_device();
    phone.login().await.assert_ok();
    assert_ne!(parts(&phone.tokens().device_token).0, parts(&after).0);
}

#[tokio::test]
async fn a_sign_in_brings_a_device_token_and_a_refresh_brings_none() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    let has = |answer: &tests::Answer| !answer.json()["device_token"].is_null();
    assert!(has(browser.register().await.assert_ok()));
    assert!(has(browser.login().await.assert_ok()));
    assert!(!has(browser.refresh().await.assert_ok()));
}

#[tokio::test]
async fn a_device_token_of_a_retired_key_is_good_and_of_a_dropped_key_is_none() {
    let world = World::start().await;
    let owner = world.signed_in().await;
    let strangers_guess = async |world: &World| {
        for _ in 0..6 {
            let mut stranger = stranger(&owner).moved_to(&world.service);
            stranger.login().await;
        }
    };
    let mut document: serde_json::Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    let keys = document["refresh_token_keys"].as_array_mut().unwrap();
    (keys[0]["state"], keys[1]["state"]) = ("retired".into(), "current".into());
    let rotated = world.beside(&[("KEY_SET", &document.to_string())]).await;
    strangers_guess(&rotated).await;
    let mut known = owner.moved_to(&rotated.service);
    known.login().await.assert_ok();

    document["refresh_token_keys"].as_array_mut().unwrap().remove(0);
    let dropped = world.beside(&[("KEY_SET", &document.to_string())]).await;
    let mut forgotten = owner.moved_to(&dropped.service);
    forgotten.login().await.assert_error("too_many_attempts");
    let mut known = known.moved_to(&dropped.service);
    known.login().await.assert_ok();
}
