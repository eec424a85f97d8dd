//! Passkeys and what else changes an account.

use std::collections::HashMap;

use http::Request;
use runtime::RequestExt;
use serde_json::{Value, json};
use shared::{Invocation, Seconds, Stopwatch};
use tests::dynamodb::PASSKEYS;
use tests::{Authenticator, Browser, Form, World, project};

use super::{proven_with_a_passkey, with_a_passkey};

const DAY: u32 = 24 * 60 * 60;

#[tokio::test]
async fn a_reset_that_first_proves_the_mailbox_removes_the_passkeys_of_before_and_a_later_one_none() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    for is_first in [true, false] {
        world.clock.advance(Seconds(60));
        browser.request_reset().await.assert_ok();
        let (code, password) = (browser.mailed("reset").await, Browser::at(&world.service).password);
        browser.reset(&code, &password).await.assert_ok();
        let answer = browser.sign_in_with(&mut authenticator).await;
        if is_first {
            answer.assert_error("invalid_credentials");
            assert!(world.database.rows(PASSKEYS).await.is_empty());
            browser.login().await.assert_ok();
            browser.add_passkey(&mut authenticator).await;
        } else {
            answer.assert_ok();
        }
    }
}

#[tokio::test]
async fn an_undo_removes_the_passkeys_since_a_week_before_the_change_and_keeps_the_older_ones() {
    let world = World::start().await;
    let (mut browser, mut old) = proven_with_a_passkey(&world).await;
    let (mut recent, mut later) = (Authenticator::new(), Authenticator::new());
    world.clock.advance(Seconds(2));
    browser.add_passkey(&mut recent).await;
    world.clock.advance(Seconds(7 * DAY - 1));
    browser.login().await.assert_ok();
    let (former, new) = (browser.email.clone(), Browser::at(&world.service).email);
    browser.change_address(&new).await;
    let undo = world.service.mail_to(&former, "address_changed").await.code().to_owned();
    browser.add_passkey(&mut later).await;
    browser.undo_address(&undo).await.assert_ok();
    let mut elsewhere = browser.other_device();
    for gone in [&mut recent, &mut later] {
        elsewhere.sign_in_with(gone).await.assert_error("invalid_credentials");
    }
    elsewhere.sign_in_with(&mut old).await.assert_ok();
    assert_eq!(elsewhere.passkeys().await.json()["passkeys"].as_array().unwrap().len(), 1);
    // The password is void, so this one is all that there is.
    elsewhere.remove_passkey_with(&old.id(), &json!({})).await.assert_error("last_factor");
}

#[tokio::test]
async fn a_passkey_signs_in_at_whatever_address_the_account_has_moved_to() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = proven_with_a_passkey(&world).await;
    let new = Browser::at(&world.service).email;
    browser.change_address(&new).await;
    let answer = browser.sign_in_with(&mut authenticator).await;
    assert_eq!(answer.assert_ok().json()["user"]["email"], new.as_str());
}

#[tokio::test]
async fn a_change_of_the_password_keeps_passkeys() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let password = Browser::at(&world.service).password;
    browser.change_password(&password).await.assert_ok();
    browser.sign_in_with(&mut authenticator).await.assert_ok();
}

#[tokio::test]
async fn an_operator_deletes_an_account_with_its_passkeys() {
    let world = World::start().await;
    let (browser, _) = with_a_passkey(&world).await;
    world.operator().run("delete-user", &browser, json!({})).await;
    assert!(world.database.rows(PASSKEYS).await.is_empty());
}

#[tokio::test]
async fn an_operator_removes_the_passkeys_of_a_user_who_is_told() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = proven_with_a_passkey(&world).await;
    let removed = world.operator().run("remove-factors", &browser, json!({})).await;
    assert_eq!((&removed["changed"], &removed["user"]["factors"]["passkeys"]), (&json!(true), &json!(0)));
    assert!(world.database.rows(PASSKEYS).await.is_empty());
    world.service.mail_to(&browser.email, "factor_removed").await;
    browser.sign_in_with(&mut authenticator).await.assert_error("invalid_credentials");
    browser.login().await.assert_ok();
    browser.add_passkey(&mut authenticator).await;
}

#[tokio::test]
async fn metadata_say_that_there_are_passkeys() {
    let world = World::start().await;
    let enabled = |metadata: tests::Answer| metadata.assert_ok().json()["ratchet_passkeys_enabled"].clone();
    let path = "/.well-known/oauth-authorization-server";
    assert_eq!(enabled(world.service.get(path, Form::Document).await), true);
}

#[tokio::test]
async fn passkeys_are_used_from_each_of_several_origins_of_the_relying_party_and_from_no_other() {
    let origins = "https://app.example.com,https://example.com:8443";
    let world = World::with(&[("RP_ID", "example.com"), ("PASSKEY_ORIGINS", origins)]).await;
    let mut browser = world.signed_in().await;
    let mut authenticator = Authenticator::new();
    let page = |origin: &str| tests::Page {
        origin: origin.to_owned(),
        rp_id: "example.com".to_owned(),
        verifies_user: true,
        embedded_in: None,
    };
    let challenge = browser.creation_options().await;
    let options = challenge.json();
    let credential = authenticator.create(&options["public_key"], &page("https://app.example.com"));
    browser.create_passkey(&challenge, &credential, "x").await.assert_ok();
    for (origin, signs_in) in [
        ("https://app.example.com", true),
        ("https://example.com:8443", true),
        ("https://example.com", false),
        ("https://other.example.com", false),
        ("http://app.example.com", false),
    ] {
        let answer = browser.sign_in_from(&mut authenticator, &page(origin)).await;
        assert_eq!(answer.status, if signs_in { 200 } else { 401 }, "{origin}");
    }
}

/// `cargo run` always has passkeys, for localhost. So the function is called as Lambda calls it.
#[tokio::test]
async fn without_a_relying_party_no_route_of_passkeys_exists() {
    let world = World::start().await;
    let stack = project::stack();
    let function = stack.functions.iter().find(|function| function.binary == "passkeys").unwrap();
    let routes: Vec<_> = stack.routes.iter().filter(|route| route.function == function.id).collect();
    assert_eq!(routes.len(), 7);
    for settings in [
        [("ISSUER", "urn:example"), ("ALLOWED_ORIGIN", "https://app.example.com")],
        [("ISSUER", "https://auth.example.com"), ("ALLOWED_ORIGIN", "https://app.example.com")],
    ] {
        let mut environment = project::environment(function, &world.keys);
        environment.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let lookup = |name: &str| environment.get(name).cloned().filter(|value| !value.is_empty());
        let app = passkeys::App::new(&lookup, aws::client_for(&world.database.url()).into()).unwrap();
        for route in &routes {
            let request =
                Request::builder().method(route.method.as_str()).uri(route.path.replace("{id}", "AQID"));
            let request = request.body("{}".into()).unwrap();
            let id = route.path.contains("{id}").then(|| ("id".to_owned(), "AQID".to_owned()));
            let request = request.with_path_parameters(HashMap::<String, String>::from_iter(id));
            let invocation =
                Invocation { now: world.clock.now(), rng: tests::rng(), stopwatch: Stopwatch::STOPPED };
            let answer = passkeys::handle(&app, request, invocation).await;
            let body: Value = serde_json::from_str(answer.body()).unwrap();
            let seen = (answer.status().as_u16(), &body["error_description"]);
            assert_eq!(seen, (404, &json!("There is no such route.")), "{} {}", route.method, route.path);
        }
    }
    assert!(world.database.take_requests().is_empty());
}
