//! What signs nobody in, and adds nothing. Every refused sign-in is answered alike.

use serde_json::{Value, json};
use tests::dynamodb::PASSKEYS;
use tests::{Answer, Authenticator, Browser, Page, World, log};

use super::with_a_passkey;

fn assert_refused(answer: &Answer) {
    answer.assert_error("invalid_credentials").assert_description("The passkey is not accepted.");
}

/// Signs in with what `change` makes of a good answer.
async fn sign_in_changed(
    browser: &mut Browser,
    authenticator: &mut Authenticator,
    change: impl FnOnce(&mut Value),
) -> Answer {
    let challenge = browser.passkey_options().await;
    let mut credential = authenticator.sign(&challenge.json()["public_key"], &browser.page());
    change(&mut credential);
    browser.answer_passkey(&challenge, &credential).await
}

#[tokio::test]
async fn another_origin_another_relying_party_and_no_verification_sign_nobody_in() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let own = browser.page();
    let port = own.origin.rsplit_once(':').unwrap().1.to_owned();
    for page in [
        Page { origin: "https://evil.example".to_owned(), ..own.clone() },
        Page { origin: format!("http://evil.localhost.example:{port}"), ..own.clone() },
        Page { origin: format!("https://localhost:{port}"), ..own.clone() },
        Page { origin: "http://localhost:1".to_owned(), ..own.clone() },
        Page { origin: format!("http://sub.localhost:{port}"), ..own.clone() },
        Page { rp_id: "evil.example".to_owned(), ..own.clone() },
        Page { verifies_user: false, ..own.clone() },
        Page { embedded_in: Some(own.origin.clone()), ..own.clone() },
        Page { embedded_in: Some("https://evil.example".to_owned()), ..own.clone() },
        Page { embedded_in: Some(String::new()), ..own.clone() },
    ] {
        assert_refused(&browser.sign_in_from(&mut authenticator, &page).await);
    }
    browser.sign_in_from(&mut authenticator, &own).await.assert_ok();
}

#[tokio::test]
async fn another_origin_another_relying_party_and_no_verification_add_no_passkey() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let own = browser.page();
    for page in [
        Page { origin: "https://evil.example".to_owned(), ..own.clone() },
        Page { rp_id: "evil.example".to_owned(), ..own.clone() },
        Page { verifies_user: false, ..own.clone() },
        Page { embedded_in: Some("https://evil.example".to_owned()), ..own.clone() },
    ] {
        let challenge = browser.creation_options().await;
        let credential = Authenticator::new().create(&challenge.json()["public_key"], &page);
        browser.create_passkey(&challenge, &credential, "x").await.assert_error("invalid_passkey");
    }
    let (asked, other) = (browser.creation_options().await, browser.creation_options().await);
    let credential = Authenticator::new().create(&other.json()["public_key"], &own);
    browser.create_passkey(&asked, &credential, "x").await.assert_error("invalid_passkey");
    assert!(world.database.rows(PASSKEYS).await.is_empty());
    browser.me().await.assert_ok();
}

#[tokio::test]
async fn the_passkey_of_one_user_signs_no_other_in() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let (victim, of_victim) = with_a_passkey(&world).await;
    let handle = base64url_of(&victim.tokens().user_id);
    let as_victim = |credential: &mut Value| credential["response"]["userHandle"] = json!(handle);
    assert_refused(&sign_in_changed(&mut browser, &mut authenticator, as_victim).await);
    let id = of_victim.id();
    let with_id = |credential: &mut Value| {
        credential["response"]["userHandle"] = json!(handle);
        credential["id"] = json!(id);
        credential["rawId"] = json!(id);
    };
    assert_refused(&sign_in_changed(&mut browser, &mut authenticator, with_id).await);
}

#[tokio::test]
async fn what_is_no_answer_at_all_signs_nobody_in() {
    let world = World::start().await;
    let (mut browser, mut authenticator) = with_a_passkey(&world).await;
    let changes: [fn(&mut Value); 7] = [
        |credential| credential["response"]["userHandle"] = Value::Null,
        |credential| credential["response"]["userHandle"] = json!("AAAA"),
        |credential| credential["response"]["authenticatorData"] = json!("AAAA"),
        |credential| credential["response"]["clientDataJSON"] = json!("e30"),
        |credential| credential["response"]["signature"] = json!(""),
        |credential| credential["response"] = json!({}),
        |credential| credential["rawId"] = json!(""),
    ];
    for change in changes {
        assert_refused(&sign_in_changed(&mut browser, &mut authenticator, change).await);
    }
    let options = browser.passkey_options().await;
    for id in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "../sign-in"] {
        let credential = authenticator.sign(&options.json()["public_key"], &browser.page());
        let body = json!({ "challenge_id": id, "credential": credential });
        assert_refused(&browser.sign_in_with_body(&body).await);
    }
    for body in [json!({}), json!({ "challenge_id": "x" }), json!({ "challenge_id": "x", "credential": "y" })]
    {
        browser.sign_in_with_body(&body).await.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_count_of_signatures_that_goes_back_signs_nobody_in_and_is_logged() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut authenticator = Authenticator::counting();
    browser.add_passkey(&mut authenticator).await;
    authenticator.set_count(10);
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    for count in [4, 10] {
        // It adds one to it.
        authenticator.set_count(count);
        assert_refused(&browser.sign_in_with(&mut authenticator).await);
    }
    assert!(log::lines_with("passkey_cloned").len() >= 2);
    authenticator.set_count(11);
    browser.sign_in_with(&mut authenticator).await.assert_ok();
}

#[tokio::test]
async fn a_deleted_or_disabled_account_signs_in_by_no_passkey() {
    let world = World::start().await;
    let (browser, mut authenticator) = with_a_passkey(&world).await;
    let operator = world.operator();
    operator.run("disable-user", &browser, json!({})).await;
    let mut elsewhere = browser.other_device();
    assert_refused(&elsewhere.sign_in_with(&mut authenticator).await);
    operator.run("enable-user", &browser, json!({})).await;
    elsewhere.sign_in_with(&mut authenticator).await.assert_ok();
    elsewhere.delete_account().await.assert_ok();
    assert!(world.database.rows(PASSKEYS).await.is_empty());
    assert_refused(&browser.other_device().sign_in_with(&mut authenticator).await);
}

fn base64url_of(user_id: &str) -> String {
    use base64::Engine;
    let id: shared::ids::UserId = user_id.parse().unwrap();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.as_bytes())
}
