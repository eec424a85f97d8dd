//! The user's own passkeys: listed, named and removed.

use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{PASSKEYS, USERS};
use tests::{Authenticator, World};

use super::{proven_with_a_passkey, with_a_passkey};

#[tokio::test]
async fn passkeys_are_listed_the_oldest_first_and_have_the_names_that_their_user_gives_them() {
    let world = World::start().await;
    let (mut browser, first) = with_a_passkey(&world).await;
    world.clock.advance(Seconds(1));
    let mut second = Authenticator::new();
    browser.add_passkey(&mut second).await;
    browser.name_passkey(&second.id(), "Laptop").await.assert_ok();
    let listed = browser.passkeys().await.assert_ok().json();
    let shown =
        |index: usize| (listed["passkeys"][index]["id"].clone(), listed["passkeys"][index]["name"].clone());
    assert_eq!(shown(0), (json!(first.id()), json!("Ada's phone")));
    assert_eq!(shown(1), (json!(second.id()), json!("Laptop")));
    let own = browser.own_data().await.assert_ok().json();
    assert_eq!(own["passkeys"], listed["passkeys"]);
    browser.sign_in_with(&mut second).await.assert_ok();
}

#[tokio::test]
async fn a_name_is_short_and_can_be_seen() {
    let world = World::start().await;
    let (browser, authenticator) = with_a_passkey(&world).await;
    for bad in ["", " ", "a\u{7}", "\u{200b}", &"x".repeat(65)] {
        browser.name_passkey(&authenticator.id(), bad).await.assert_error("invalid_request");
    }
    browser.name_passkey(&authenticator.id(), &"x".repeat(64)).await.assert_ok();
}

#[tokio::test]
async fn nobody_sees_names_or_removes_the_passkey_of_another() {
    let world = World::start().await;
    let (mut victim, mut authenticator) = with_a_passkey(&world).await;
    let mut thief = world.signed_in().await;
    assert_eq!(thief.passkeys().await.json()["passkeys"], json!([]));
    for id in [authenticator.id().as_str(), "AAAA", "a!b"] {
        thief.name_passkey(id, "mine").await.assert_error("not_found");
        thief.remove_passkey(id).await.assert_error("not_found");
    }
    assert_eq!(victim.passkeys().await.json()["passkeys"][0]["name"], "Ada's phone");
    victim.sign_in_with(&mut authenticator).await.assert_ok();
}

#[tokio::test]
async fn a_removed_passkey_signs_in_no_more_and_the_other_sessions_end() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = proven_with_a_passkey(&world).await;
    let mut other = browser.other_device();
    other.sign_in_with(&mut authenticator).await.assert_ok();
    browser.mistyping().remove_passkey(&authenticator.id()).await.assert_error("invalid_credentials");
    browser.remove_passkey_with(&authenticator.id(), &json!({})).await.assert_error("invalid_request");
    browser.remove_passkey(&authenticator.id()).await.assert_ok();
    other.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_ok();
    other.sign_in_with(&mut authenticator).await.assert_error("invalid_credentials");
    world.service.mail_to(&browser.email, "factor_removed").await;
    assert!(world.database.rows(PASSKEYS).await.is_empty());
    let row = world.database.user(&browser.email).await.unwrap();
    assert!(row.0["passkeys"].is_null(), "the account counts none");
    browser.remove_passkey(&authenticator.id()).await.assert_error("not_found");
}

#[tokio::test]
async fn a_fresh_passkey_removes_one_without_a_password() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    world.clock.advance(Seconds(300));
    browser.refresh().await.assert_ok();
    let late = browser.remove_passkey_with(&authenticator.id(), &json!({})).await;
    late.assert_error("insufficient_user_authentication");
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    browser.remove_passkey_with(&authenticator.id(), &json!({})).await.assert_ok();
}

#[tokio::test]
async fn an_account_without_a_password_keeps_its_last_passkey() {
    let world = World::start().await;
    let (mut browser, mut first) = with_a_passkey(&world).await;
    let mut second = Authenticator::new();
    browser.add_passkey(&mut second).await;
    let mut row = world.database.user(&browser.email).await.unwrap();
    row.0.as_object_mut().unwrap().remove("password_hash");
    world.database.put(USERS, &row).await;

    browser.sign_in_with(&mut first).await.assert_ok();
    browser.remove_passkey_with(&second.id(), &json!({})).await.assert_ok();
    browser.sign_in_with(&mut first).await.assert_ok();
    browser.remove_passkey_with(&first.id(), &json!({})).await.assert_error("last_factor");
    browser.sign_in_with(&mut first).await.assert_ok();
}

#[tokio::test]
async fn a_session_that_has_ended_sees_and_changes_nothing() {
    let world = World::start().await;
    let (mut browser, authenticator) = with_a_passkey(&world).await;
    let challenge = browser.creation_options().await;
    let credential = Authenticator::new().create(&challenge.json()["public_key"], &browser.page());
    browser.logout().await.assert_ok();
    browser.passkeys().await.assert_session_over();
    browser.name_passkey(&authenticator.id(), "x").await.assert_session_over();
    browser.remove_passkey(&authenticator.id()).await.assert_session_over();
    browser.creation_options().await.assert_session_over();
    browser.create_passkey(&challenge, &credential, "x").await.assert_session_over();
    assert_eq!(world.database.rows(PASSKEYS).await.len(), 1);
}
