//! What each operation costs in DynamoDB: `docs/cost/operations.json`, from which `scripts/cost` reckons, is what happens.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Authenticator, AuthenticatorApp, Browser, Row, World, project};

fn documented() -> Value {
    serde_json::from_str(&project::read("docs/cost/operations.json")).expect("JSON")
}

/// What was asked of DynamoDB since the last operation.
#[derive(Default)]
struct Bill(BTreeMap<String, Value>);

impl Bill {
    fn add(&mut self, world: &World, operation: &str) {
        let (mut requests, units) = (world.database.take_requests(), world.database.take_units());
        requests.sort(); // some are sent at the same time
        let line =
            json!({ "requests": requests, "read": written(units.read), "write": written(units.write) });
        self.0.insert(operation.to_owned(), line);
    }
}

/// Units are reported as fractions, and written down without if they are whole. A read of an index is half a unit.
fn written(units: f64) -> Value {
    assert!((2.0 * units).fract() == 0.0, "{units} is no number of halves of a unit");
    if units.fract() == 0.0 {
        format!("{units:.0}").parse::<u64>().expect("units").into()
    } else {
        units.into()
    }
}

async fn metered() -> World {
    let world = World::start().await;
    world.database.begin_metering();
    world
}

#[tokio::test]
async fn each_operation_costs_the_requests_and_units_that_docs_cost_says() {
    let world = metered().await;
    let mut bill = Bill::default();
    sign_in(&world, &mut bill).await;
    refresh(&world, &mut bill).await;
    sessions(&world, &mut bill).await;
    accounts(&world, &mut bill).await;
    factors(&world, &mut bill).await;
    passkeys(&world, &mut bill).await;
    let mut expected = documented()["operations"].clone();
    for (operation, line) in expected.as_object_mut().expect("operations") {
        let unreported = world.database.unreported(operation);
        for (kind, units) in [("read", unreported.0), ("write", unreported.1)] {
            line[kind] = written(line[kind].as_f64().expect("units") - f64::from(units));
        }
    }
    assert_eq!(json!(bill.0), expected);
}

async fn sign_in(world: &World, bill: &mut Bill) {
    let mut browser = Browser::at(&world.service);
    browser.register().await.assert_ok();
    bill.add(world, "register");
    let mut second = browser.other_device();
    second.login().await.assert_ok();
    bill.add(world, "login");
    let mut guesser = browser.other_device().mistyping();
    guesser.login().await.assert_error("invalid_credentials");
    bill.add(world, "login, wrong password");
    while !guesser.login().await.text.contains("too_many_attempts") {
        bill.add(world, "login, wrong password");
    }
    bill.add(world, "login, blocked");
    second.logout().await.assert_ok();
    bill.add(world, "logout");
}

async fn refresh(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    let (mut tab, mut late, mut thief) = (browser.clone(), browser.clone(), browser.clone());
    let _of_the_registration = world.database.take_units();
    browser.refresh_with_access_token().await.assert_ok();
    bill.add(world, "refresh");
    tab.refresh().await.assert_ok();
    bill.add(world, "refresh, prompt replay");
    world.clock.advance(Seconds(6));
    late.refresh().await.assert_ok();
    bill.add(world, "refresh, late replay");
    let (mut keyed, key) = (late.clone(), "a_retry_key_of_this_test");
    late.refresh_with_key(key).await.assert_ok();
    let with_a_key = (world.database.take_requests(), world.database.take_units().write);
    assert_eq!(with_a_key, (vec!["UpdateItem".to_owned()], 1.0), "as without a key");
    world.clock.advance(Seconds(6));
    keyed.refresh_with_key(key).await.assert_ok();
    bill.add(world, "refresh, proven replay");
    world.clock.advance(Seconds(601));
    thief.refresh().await.assert_error("invalid_grant");
    bill.add(world, "refresh, reuse");
    browser.with_refresh_token(&"A".repeat(86)).refresh().await.assert_error("invalid_grant");
    bill.add(world, "refresh, forged");
}

async fn sessions(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    browser.prove_address().await; // which is told of another password
    let _of_the_sign_ins = (world.database.take_requests(), world.database.take_units());
    browser.sessions().await.assert_ok();
    bill.add(world, "sessions, list");
    browser.end_session(&other.tokens().session_id).await.assert_ok();
    bill.add(world, "sessions, end one");
    browser.weather().await.assert_ok();
    bill.add(world, "protected call");
    browser.change_password("another horse battery staple").await.assert_ok();
    bill.add(world, "password");
}

async fn accounts(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    let _of_the_registration = (world.database.take_requests(), world.database.take_units());
    browser.request_verification().await.assert_ok();
    bill.add(world, "verification, request");
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    bill.add(world, "verification");
    browser.request_reset().await.assert_ok();
    bill.add(world, "reset, request");
    let code = browser.mailed("reset").await;
    browser.reset(&code, "another horse battery staple").await.assert_ok();
    bill.add(world, "reset");
    addresses(world, bill).await;
    two_addresses(world, bill).await;
    pending(world, bill).await;
    own(world, bill).await;
}

async fn factors(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await; // which is told of factors
    let _of_the_registration = (world.database.take_requests(), world.database.take_units());
    let enrolled = browser.enrol_totp(&json!({})).await;
    bill.add(world, "authenticator app, enrolment");
    let mut app = AuthenticatorApp::of(&enrolled);
    app.confirm(&mut browser, world.clock.now()).await;
    bill.add(world, "authenticator app, confirmation");
    browser.factors().await.assert_ok();
    bill.add(world, "factors, list");
    world.clock.advance(Seconds(30));
    let mut elsewhere = browser.other_device();
    elsewhere.login_with(&app.totp(world.clock.now())).await.assert_ok();
    bill.add(world, "login, with a code");
    elsewhere.logout().await.assert_ok();
    let _of_the_logout = (world.database.take_requests(), world.database.take_units());
    browser.replace_recovery_codes(&app.recovery_code(0)).await.assert_ok();
    bill.add(world, "recovery codes, replacement");
    world.clock.advance(Seconds(30));
    browser.refresh().await.assert_ok();
    let _of_the_refresh = (world.database.take_requests(), world.database.take_units());
    browser.remove_totp(&app.totp(world.clock.now())).await.assert_ok();
    bill.add(world, "authenticator app, removal");
}

async fn passkeys(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await; // which is told of passkeys
    let mut authenticator = Authenticator::new();
    let _of_the_registration = (world.database.take_requests(), world.database.take_units());
    let challenge = browser.creation_options().await;
    bill.add(world, "passkey, creation options");
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    browser.create_passkey(&challenge, &credential, "Ada's phone").await.assert_ok();
    bill.add(world, "passkey, creation");
    browser.passkeys().await.assert_ok();
    bill.add(world, "passkeys, list");
    browser.name_passkey(&authenticator.id(), "Laptop").await.assert_ok();
    bill.add(world, "passkey, name");
    let mut elsewhere = browser.other_device();
    let challenge = elsewhere.passkey_options().await;
    bill.add(world, "passkey, options");
    let credential = authenticator.sign(&challenge.json()["public_key"], &elsewhere.page());
    elsewhere.answer_passkey(&challenge, &credential).await.assert_ok();
    bill.add(world, "passkey, sign-in");
    elsewhere.logout().await.assert_ok();
    let _of_the_logout = (world.database.take_requests(), world.database.take_units());
    browser.remove_passkey(&authenticator.id()).await.assert_ok();
    bill.add(world, "passkey, removal");
}

async fn pending(world: &World, bill: &mut Bill) {
    let verified = world.beside(&[("REGISTRATION", "verified")]).await;
    let _of_the_start = world.database.take_units();
    let mut browser = Browser::at(&verified.service);
    let half = browser.begin_registration().await;
    bill.add(world, "registration, pending");
    let code = browser.mailed("registration").await;
    browser.confirm_registration(&half, &code).await.assert_ok();
    bill.add(world, "registration, confirmation");
}

async fn own(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let _of_the_registration = (world.database.take_requests(), world.database.take_units());
    browser.change_name("Ada King").await.assert_ok();
    bill.add(world, "account, name");
    browser.own_data().await.assert_ok();
    bill.add(world, "account, data");
    browser.delete_account().await.assert_ok();
    bill.add(world, "account, deletion");
}

async fn addresses(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let _of_the_registration = (world.database.take_requests(), world.database.take_units());
    let (old, new) = (browser.email.clone(), Browser::at(&world.service).email);
    browser.request_address(&new).await.assert_ok();
    bill.add(world, "address, request");
    let code = world.service.mail_to(&new, "change_address").await.code().to_owned();
    browser.confirm_address(&code).await.assert_ok();
    bill.add(world, "address, confirmation");
    let code = world.service.mail_to(&old, "address_changed").await.code().to_owned();
    browser.undo_address(&code).await.assert_ok();
    bill.add(world, "address, undo");
}

/// The undo of a change after which there was another one: an index is asked, and the address between is freed.
async fn two_addresses(world: &World, bill: &mut Bill) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let old = browser.email.clone();
    for _ in 0..2 {
        let new = Browser::at(&world.service).email;
        browser.change_address(&new).await;
    }
    let code = world.service.mail_to(&old, "address_changed").await.code().to_owned();
    let _of_the_changes = (world.database.take_requests(), world.database.take_units());
    browser.undo_address(&code).await.assert_ok();
    bill.add(world, "address, undo of two changes");
}

/// A row as users have it: names, addresses and a browser as they are, and times of today.
fn usual(row: Row) -> Row {
    let agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/141.0.0.0 Safari/537.36";
    let times = ["superseded_1", "superseded_2", "superseded_3", "created_at", "ends_at"];
    times
        .into_iter()
        .fold(row, |row, time| row.with_number(time, 1_795_331_107_123))
        .with_number("expires_at", 1_795_935_907)
        .with_text("email", "ada.lovelace@example.com")
        .with_text("name", "Ada Lovelace")
        .with_text("user_agent", agent)
        .with_text("source_ip", "203.0.113.195")
}

/// The same with the longest of everything that a stranger can send.
fn largest(row: Row) -> Row {
    usual(row)
        .with_text("email", &"x".repeat(254))
        .with_text("name", &"x".repeat(256))
        .with_text("user_agent", &"x".repeat(256))
        .with_text("source_ip", "2001:0db8:85a3:0000:0000:8a2e:0370:7334")
}

#[tokio::test]
async fn rows_have_the_sizes_that_docs_cost_reckons_with() {
    let world = World::start().await;
    let browser = world.refreshed(3).await;
    let session = world.database.session(&browser.tokens().session_id).await.unwrap();
    let mut keyed = world.refreshed(3).await;
    for number in 1..=3 {
        keyed.refresh_with_key(&format!("a_retry_key_of_this_test_{number}")).await.assert_ok();
    }
    let with_keys = world.database.session(&keyed.tokens().session_id).await.unwrap();
    let account = world.database.user(&browser.email).await.unwrap();
    let sizes = json!({
        "session": usual(session).size(),
        "session, with retry keys": usual(with_keys.clone()).size(),
        "session, largest": largest(with_keys).size(),
        "account": account
            .with_text("email", "ada.lovelace@example.com")
            .with_text("name", "Ada Lovelace")
            .with_number("created_at", 1_795_331_107_123)
            .size(),
    });
    assert_eq!(sizes, documented()["bytes"]);
}

#[tokio::test]
async fn a_refresh_is_one_write_unit_until_its_row_has_a_kilobyte() {
    let world = metered().await;
    let mut browser = world.refreshed(3).await;
    // What a number takes is documented approximately, and no two engines agree to the byte.
    for (size, units) in [(1000, 1.0), (1048, 2.0)] {
        let row = world.database.session(&browser.tokens().session_id).await.unwrap();
        let missing = size - row.clone().with_text("user_agent", "").size();
        world.database.put(SESSIONS, &row.with_text("user_agent", &"x".repeat(missing))).await;
        let _so_far = world.database.take_units();
        world.clock.advance(Seconds(60));
        browser.refresh().await.assert_ok();
        assert!((world.database.take_units().write - units).abs() < 0.01, "{size} bytes");
    }
}
