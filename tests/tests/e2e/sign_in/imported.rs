//! Accounts whose password was hashed by another system.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::password::Hasher;
use tests::dynamodb::USERS;
use tests::{Answer, Browser, World};

/// What passwords are hashed at here.
const PLAIN: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Hashes in every format, made by `scripts/password-vectors`.
fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../import/vectors.json")).unwrap()
}

/// The first of this format.
fn vector(format: &str) -> Value {
    vectors().into_iter().find(|vector| vector["hashed"]["format"] == format).unwrap()
}

/// What an import stores of it.
fn stored(hasher: &Hasher, vector: &Value) -> String {
    let line = json!({ "email": "ada@example.com", "password": vector["hashed"] }).to_string();
    let password = import::json(1, line.as_bytes()).ok().unwrap().password.unwrap();
    password.stored(hasher, &mut StdRng::seed_from_u64(1)).unwrap()
}

/// Somebody who is signed in, and whose account has the password and the hash of this vector from now on.
async fn imported(world: &World, hasher: &Hasher, vector: &Value) -> Browser {
    let mut browser = world.signed_in().await;
    vector["password"].as_str().unwrap().clone_into(&mut browser.password);
    let row = world.database.user(&browser.email).await.unwrap();
    world.database.put(USERS, &row.with_text("password_hash", &stored(hasher, vector))).await;
    browser
}

fn hasher() -> Hasher {
    shared::config::hasher(&|_| None).unwrap()
}

/// All of an answer but what is its own, and the requests that it took.
fn seen(world: &World, mut answer: Answer) -> (u16, http::HeaderMap, String, Vec<String>) {
    for own in ["date", "x-amzn-requestid"] {
        assert!(answer.headers.remove(own).is_some(), "{own}");
    }
    let mut requests = world.database.take_requests();
    requests.sort();
    (answer.status, answer.headers, answer.text, requests)
}

#[tokio::test]
async fn an_imported_user_of_every_format_signs_in_and_has_a_plain_hash_afterwards() {
    let (world, hasher) = (World::start().await, hasher());
    for vector in vectors() {
        let name = &vector["name"];
        let earlier = imported(&world, &hasher, &vector).await;
        let before = world.database.user(&earlier.email).await.unwrap();
        assert!(before.text("password_hash").starts_with("$wrapped$v=1$"), "{name}");

        let mut wrong = earlier.other_device().mistyping();
        wrong.login().await.assert_error("invalid_credentials");
        assert_eq!(world.database.user(&earlier.email).await.unwrap(), before, "{name}");

        let mut browser = earlier.other_device();
        browser.login().await.assert_ok();
        let after = world.database.user(&earlier.email).await.unwrap();
        assert!(after.text("password_hash").starts_with(PLAIN), "{name}: {after:?}");
        assert_eq!(after.clone().with_text("password_hash", &before.text("password_hash")), before, "{name}");

        browser.login().await.assert_ok();
        assert_eq!(world.database.user(&earlier.email).await.unwrap(), after, "{name}");
        wrong.login().await.assert_error("invalid_credentials");
        earlier.clone().refresh().await.assert_ok();
    }
}

#[tokio::test]
async fn an_imported_account_answers_a_wrong_password_as_any_other() {
    let (world, hasher) = (World::start().await, hasher());
    let mut native = world.signed_in().await.mistyping();
    world.database.forget_requests();
    let answer = native.login().await;
    answer.assert_error("invalid_credentials");
    let usual = seen(&world, answer);
    for format in ["phc", "aspnet-identity", "bcrypt", "django-pbkdf2", "firebase-scrypt", "keycloak-pbkdf2"]
    {
        let mut wrong = imported(&world, &hasher, &vector(format)).await.mistyping();
        world.database.forget_requests();
        let answer = wrong.login().await;
        assert_eq!(seen(&world, answer), usual, "{format}");
    }
}

#[tokio::test]
async fn the_sign_in_that_replaces_an_imported_hash_takes_no_further_request() {
    let (world, hasher) = (World::start().await, hasher());
    let mut native = world.signed_in().await.other_device();
    native.login().await.assert_ok();
    let mut usual = world.database.take_requests();
    let mut browser = imported(&world, &hasher, &vector("bcrypt")).await.other_device();
    world.database.forget_requests();
    browser.login().await.assert_ok();
    let mut requests = world.database.take_requests();
    usual.sort();
    requests.sort();
    assert_eq!(requests, usual);
}

#[tokio::test]
async fn an_imported_password_is_taken_wherever_the_password_is_asked_for() {
    let (world, hasher) = (World::start().await, hasher());
    let mut browser = imported(&world, &hasher, &vector("django-pbkdf2")).await;
    browser.mistyping().request_address("grace@example.com").await.assert_error("invalid_credentials");
    browser.request_address("grace@example.com").await.assert_ok();
    browser
        .clone()
        .mistyping()
        .change_password("a new password of hers")
        .await
        .assert_error("invalid_credentials");
    browser.change_password("a new password of hers").await.assert_ok();
    let row = world.database.user(&browser.email).await.unwrap();
    assert!(row.text("password_hash").starts_with(PLAIN), "{row:?}");

    let other = imported(&world, &hasher, &vector("firebase-scrypt")).await;
    other.mistyping().delete_account().await.assert_error("invalid_credentials");
    other.delete_account().await.assert_ok();
}

#[tokio::test]
async fn an_imported_password_is_every_keyboards_after_the_first_sign_in() {
    let (world, hasher) = (World::start().await, hasher());
    let is_decomposed = |vector: &Value| vector["password"].as_str().unwrap().contains('\u{301}');
    for vector in vectors().into_iter().filter(is_decomposed) {
        let browser = imported(&world, &hasher, &vector).await;
        let mut composed = browser.other_device();
        composed.password = "caf\u{e9} Ti\u{1ebf}ng Vi\u{1ec7}t".to_owned();
        composed.login().await.assert_error("invalid_credentials");
        browser.other_device().login().await.assert_ok();
        composed.login().await.assert_ok();
    }
}
