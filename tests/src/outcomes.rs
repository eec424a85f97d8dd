//! A run that causes everything that is measured: every route, with every outcome.

use std::sync::Arc;

use aws::secret::KeyCache;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use shared::Seconds;
use shared::key_set::KeySet;
use shared::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use shared::session::MAX_PROVEN_REPLAYS;
use tokio::sync::OnceCell;

use crate::authorizer_events::Format;
use crate::dynamodb::{PASSKEYS, SESSIONS, USERS};
use crate::{Authenticator, Browser, Fault, Form, Row, World, events, metrics, project};

/// Longer than `REFRESH_IDLE_SECONDS`.
const MORE_THAN_IDLE: Seconds = Seconds(8 * 24 * 60 * 60);

/// The result of the run.
pub struct Observed {
    /// The lines of metrics that it has written.
    pub metrics: Vec<String>,
    /// Its service, which no longer answers.
    pub world: World,
}

/// The run, once for all tests.
///
/// # Panics
/// Panics if an answer differs from the expected one.
pub async fn observed() -> &'static Observed {
    static OBSERVED: OnceCell<Observed> = OnceCell::const_new();
    OBSERVED.get_or_init(run).await
}

/// The name of its stack is unique, so that its metrics can be told from those of other tests.
async fn run() -> Observed {
    let stack = format!("stack-{}", rand::RngExt::random::<u64>(&mut crate::rng()));
    let world = World::with(&[("STACK_NAME", &stack)]).await;
    registrations_and_sign_ins(&world).await;
    pending_registrations(&world, &stack).await;
    password_not_looked_up(&world, &stack).await;
    malformed_requests(&world).await;
    password_changes(&world).await;
    mail(&world, &stack).await;
    account_changes(&world).await;
    passkeys(&world).await;
    factors(&world).await;
    missing_data_key(&world, &stack).await;
    commands(&world, &stack).await;
    refreshes(&world).await;
    replays(&world).await;
    restored_tables(&world).await;
    foreign_tokens(&world).await;
    ends_of_sessions(&world).await;
    access_tokens(&world, &stack).await;
    failures(&world).await;
    Observed { metrics: metrics::lines(&stack), world }
}

async fn registrations_and_sign_ins(world: &World) {
    let mut browser = world.signed_in().await;
    browser.login().await.assert_ok();
    browser.clone().register().await.assert_error("email_taken");
    let mut stranger = browser.other_device().mistyping();
    for _ in 0..5 {
        stranger.login().await.assert_error("invalid_credentials");
    }
    stranger.login().await.assert_error("too_many_attempts");
}

async fn pending_registrations(world: &World, stack: &str) {
    let verified = world.beside(&[("STACK_NAME", stack), ("REGISTRATION", "verified")]).await;
    let mut browser = Browser::at(&verified.service);
    let half = browser.begin_registration().await;
    let again = verified.service.post("/register", &browser.registration(), Form::Pending).await;
    again.assert_error("too_many_mails");
    let code = browser.mailed("registration").await;
    browser.confirm_registration(&code, &code).await.assert_error("invalid_code");
    let mut guesser = browser.mistyping();
    for _ in 0..5 {
        guesser.confirm_registration_elsewhere(&code).await.assert_error("invalid_credentials");
    }
    guesser.confirm_registration_elsewhere(&code).await.assert_error("too_many_attempts");
    browser.confirm_registration(&half, &code).await.assert_ok();
}

/// Nobody listens at its URL.
async fn password_not_looked_up(world: &World, stack: &str) {
    let asking = [("STACK_NAME", stack), ("BREACHED_PASSWORDS", "http://127.0.0.1:1/range")];
    world.beside(&asking).await.signed_in().await;
}

async fn malformed_requests(world: &World) {
    for path in ["/register", "/login", "/refresh", "/logout"] {
        world.service.post(path, &json!({}), Form::Tokens).await.assert_error("invalid_request");
    }
    let browser = world.signed_in().await;
    for path in ["/oauth2/token", "/oauth2/revoke"] {
        world.service.post_form(path, &[], Form::Tokens).await.assert_error("invalid_request");
    }
    let answer = browser.call(Method::DELETE, "/sessions?x=1", Form::Nothing).await;
    answer.assert_error("invalid_request");
}

async fn password_changes(world: &World) {
    let mut browser = world.signed_in().await;
    let mut ended = browser.clone();
    let new = Browser::at(&world.service).password;
    browser.change_password(&new).await.assert_ok();
    ended.change_password(&new).await.assert_session_over();
    let malformed = browser.change_password_with(&json!({ "current_password": new })).await;
    malformed.assert_error("invalid_request");
    let mut guesser = browser.mistyping();
    for _ in 0..5 {
        guesser.change_password(&new).await.assert_error("invalid_credentials");
    }
    guesser.change_password(&new).await.assert_error("too_many_attempts");
}

async fn mail(world: &World, stack: &str) {
    let browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    browser.mailed("reset").await;
    browser.request_reset().await.assert_error("too_many_mails");
    let malformed = world.service.post("/password/reset-request", &json!({}), Form::Accepted).await;
    malformed.assert_error("invalid_request");
    browser.logout().await.assert_ok();
    browser.request_verification().await.assert_session_over();
    mailer(stack).await;
}

async fn factors(world: &World) {
    let mut browser = world.signed_in().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    browser.other_device().login_with(&json!({})).await.assert_error("mfa_required");
    let body = browser.proving(&json!({ "new_password": Browser::at(&world.service).password }));
    browser.change_password_with(&body).await.assert_error("mfa_required");
    browser.request_address(&Browser::at(&world.service).email).await.assert_error("mfa_required");
    browser.remove_totp(&json!({})).await.assert_error("mfa_required");
    let wrong = json!({ "totp": "000000" });
    browser.other_device().login_with(&wrong).await.assert_error("invalid_credentials");
    browser.remove_totp(&wrong).await.assert_error("invalid_credentials");
    change_password_and_address(&browser, &wrong).await;
    browser.replace_recovery_codes(&app.recovery_code(0)).await.assert_ok();
    world.clock.advance(Seconds(30));
    browser.remove_totp(&app.totp(world.clock.now())).await.assert_ok();
}

/// The second service has the key set without the data key of the app.
async fn missing_data_key(world: &World, stack: &str) {
    let mut browser = world.signed_in().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    let mut keys: Value = serde_json::from_str(&world.keys.to_json()).expect("JSON");
    let data_keys = keys["data_keys"].as_array_mut().expect("data keys");
    data_keys.remove(0);
    data_keys[0]["state"] = "current".into();
    let revoked = world.beside(&[("STACK_NAME", stack), ("KEY_SET", &keys.to_string())]).await;
    browser.enrol_totp(&app.recovery_code(0)).await.assert_ok();
    let mut moved = browser.moved_to(&revoked.service);
    let code = app.totp(world.clock.now());
    moved.other_device().login_with(&code).await.assert_error("invalid_credentials");
    change_password_and_address(&moved, &code).await;
    moved.remove_totp(&code).await.assert_error("invalid_credentials");
    moved.confirm_totp(&code).await.assert_error("invalid_code");
}

/// Tries to, with a second factor that is not accepted.
async fn change_password_and_address(browser: &Browser, factor: &Value) {
    for (path, name, value) in [
        ("/password", "new_password", Browser::at(&browser.service).password),
        ("/email", "new_email", Browser::at(&browser.service).email),
    ] {
        let mut body = browser.proving(factor);
        body[name] = value.into();
        browser.call_with(Method::POST, path, &body, Form::Nothing).await.assert_error("invalid_credentials");
    }
}

/// Calls the mailer directly, with rows that it can't mail.
async fn mailer(stack: &str) {
    let fixture = events::Fixture::new();
    let functions = project::stack().functions;
    let function = functions.iter().find(|function| function.binary == "mailer").expect("in the template");
    let mut environment = project::environment(function, &fixture.keys);
    environment.insert("STACK_NAME".to_owned(), stack.to_owned());
    let sink: mailer::Sink =
        Arc::new(|_| Box::pin(async { Err(mailer::SinkError::Unavailable("not now".to_owned())) }));
    let keys = KeySet::parse(&fixture.keys.to_json()).expect("a key set");
    let keys = KeyCache::inline(keys);
    let app = mailer::App::with_sink(&|name| environment.get(name).cloned(), keys, sink).expect("settings");
    for (event, brings_again) in events::undeliverable(&fixture) {
        let answer = mailer::handle(&app, &event, crate::START).await;
        assert_eq!(answer != mailer::BatchResponse::default(), brings_again, "{event}");
    }
}

/// One command of operators for each outcome.
async fn commands(world: &World, stack: &str) {
    let named = ("STACK_NAME", stack);
    let operator = world.operator_with(&world.database, &[named]);
    let without_mail = world.operator_with(&world.database, &[named, ("MAIL_FROM", ""), ("APP_URL", "")]);
    let browser = world.signed_in().await;
    let about = |command: &str, members: Value| crate::about(command, &browser.email, members);
    operator.run("add-role", &browser, json!({ "role": "admin" })).await;
    operator.run("add-role", &browser, json!({ "role": "admin", "dry_run": true })).await;
    operator.refused(&json!({}), "invalid_request").await;
    operator.refused(&about("create-user", json!({})), "address_taken").await;
    without_mail.refused(&about("reset-link", json!({})), "not_configured").await;
    operator.run("disable-user", &browser, json!({})).await;
    operator.refused(&about("reset-link", json!({})), "user_disabled").await;
    let nobody = Browser::at(&world.service).email;
    operator.refused(&crate::about("show-user", &nobody, json!({})), "no_such_user").await;
    let line = json!({ "email": nobody, "name": "Ada" });
    operator.send(&json!({ "command": "import-users", "lines": [line] })).await.expect("an import");
    world.database.disturb_all("GetItem", Fault::internal_error());
    operator.send(&about("show-user", json!({}))).await.expect_err("DynamoDB is down");
    world.database.heal();
}

async fn account_changes(world: &World) {
    let mut browser = world.signed_in().await;
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    browser.verify(&code).await.assert_error("invalid_code");
    browser.change_name("Ada King").await.assert_ok();
    browser.change_name("").await.assert_error("invalid_request");
    world.database.disturb_all("GetItem", Fault::internal_error());
    browser.change_name("Ada").await.assert_error("temporarily_unavailable");
    browser.other_device().request_reset().await.assert_error("temporarily_unavailable");
    world.database.heal();
    // The mail may be counted though it was not asked for.
    world.clock.advance(Seconds(60));
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    let new = Browser::at(&world.service).password;
    browser.refresh().await.assert_ok();
    browser.reset(&code, &new).await.assert_ok();
    browser.change_name("Ada").await.assert_session_over();
    browser.login().await.assert_ok();
    for _ in 0..5 {
        browser.mistyping().delete_account().await.assert_error("invalid_credentials");
    }
    browser.delete_account().await.assert_error("too_many_attempts");
    let gone = world.signed_in().await;
    gone.delete_account().await.assert_ok();
    let mut moving = world.signed_in().await;
    moving.prove_address().await;
    let (old, new) = (moving.email.clone(), Browser::at(&world.service).email);
    moving.change_address(&new).await;
    let undo = world.service.mail_to(&old, "address_changed").await.code().to_owned();
    moving.undo_address(&undo).await.assert_ok();
    let guesser = world.signed_in().await.mistyping();
    for _ in 0..5 {
        guesser.request_address(&old).await.assert_error("invalid_credentials");
    }
    guesser.request_address(&old).await.assert_error("too_many_attempts");
}

/// Sign-ins with passkeys, and changes of them.
async fn passkeys(world: &World) {
    let mut browser = world.signed_in().await;
    let (mut counting, mut other) = (Authenticator::counting(), Authenticator::new());
    browser.add_passkey(&mut counting).await;
    counting.set_count(10);
    browser.sign_in_with(&mut counting).await.assert_ok();
    counting.set_count(4);
    browser.sign_in_with(&mut counting).await.assert_error("invalid_credentials");
    let challenge = browser.passkey_options().await;
    let credential = counting.sign(&challenge.json()["public_key"], &browser.page());
    let unknown = json!({ "challenge_id": "x", "credential": credential });
    browser.sign_in_with_body(&unknown).await.assert_error("invalid_credentials");
    browser.sign_in_with_body(&json!({})).await.assert_error("invalid_request");

    browser.add_passkey(&mut other).await;
    browser.name_passkey(&other.id(), "Laptop").await.assert_ok();
    let mut by_password = browser.other_device();
    by_password.login().await.assert_ok();
    by_password.remove_passkey_with(&other.id(), &json!({})).await.assert_error("invalid_request");
    let mut stale = browser.clone();
    stale.sign_in_with(&mut other).await.assert_ok();
    world.clock.advance(Seconds(300));
    stale.refresh().await.assert_ok();
    let refused = stale.remove_passkey_with(&other.id(), &json!({})).await;
    refused.assert_error("insufficient_user_authentication");
    browser.refresh().await.assert_ok();
    let challenge = browser.creation_options().await;
    let credential = other.create(&challenge.json()["public_key"], &browser.page());
    let elsewhere = browser.creation_options().await;
    browser.create_passkey(&elsewhere, &credential, "x").await.assert_error("invalid_passkey");
    browser.remove_passkey(&counting.id()).await.assert_ok();

    let mut row = world.database.user(&browser.email).await.expect("an account");
    row.0["passkeys"] = json!({ "N": "20" });
    world.database.put(USERS, &row).await;
    browser.creation_options().await.assert_error("too_many_passkeys");
    without_a_password(world).await;
    twice(world).await;
}

/// An account that has nothing but a passkey.
async fn without_a_password(world: &World) {
    let (mut browser, mut authenticator) = (world.signed_in().await, Authenticator::new());
    browser.add_passkey(&mut authenticator).await;
    let mut row = world.database.user(&browser.email).await.expect("an account");
    row.0.as_object_mut().expect("a row").remove("password_hash");
    world.database.put(USERS, &row).await;
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    browser.remove_passkey_with(&authenticator.id(), &json!({})).await.assert_error("last_factor");
}

/// A passkey whose row is there though the account does not know of it.
async fn twice(world: &World) {
    let (mut browser, mut authenticator) = (world.signed_in().await, Authenticator::new());
    let challenge = browser.creation_options().await;
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    let row = json!({
        "user_id": { "S": browser.tokens().user_id },
        "credential_id": { "S": authenticator.id() },
    });
    world.database.put(PASSKEYS, &Row(row)).await;
    browser.create_passkey(&challenge, &credential, "x").await.assert_error("passkey_exists");
}

async fn refreshes(world: &World) {
    let mut browser = world.signed_in().await;
    world.database.disturb_next("UpdateItem", Fault::LostAnswer);
    browser.refresh().await.assert_ok();
    browser.logout().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");

    let mut idle = world.signed_in().await;
    world.clock.advance(MORE_THAN_IDLE);
    idle.refresh().await.assert_error("invalid_grant");
}

async fn replays(world: &World) {
    let (_, mut behind) = world.refreshed_and_behind().await;
    behind.clone().refresh().await.assert_ok();
    world.clock.advance(Seconds(60));
    behind.refresh().await.assert_ok();

    let (mut browser, mut two_behind) = world.refreshed_and_behind().await;
    browser.refresh().await.assert_ok();
    two_behind.refresh().await.assert_error("invalid_grant");
    world.clock.advance(Seconds(60));
    two_behind.refresh().await.assert_error("invalid_grant");
    proven_replays(world).await;
}

async fn proven_replays(world: &World) {
    let key = "a_retry_key_of_this_run";
    let mut browser = world.signed_in().await;
    let behind = browser.clone();
    browser.refresh_with_key(key).await.assert_ok();
    browser.refresh_with_key(key).await.assert_error("invalid_request");
    for _ in 0..MAX_PROVEN_REPLAYS {
        world.clock.advance(Seconds(60));
        behind.clone().refresh_with_key(key).await.assert_ok();
    }
    world.clock.advance(Seconds(60));
    behind.clone().refresh_with_key(key).await.assert_error("invalid_grant");
}

async fn restored_tables(world: &World) {
    let mut browser = world.refreshed(1).await;
    let past = world.database.session(&browser.tokens().session_id).await.expect("the session lives");
    let mut other = browser.clone();
    browser.refresh().await.assert_ok();
    world.database.put(SESSIONS, &past).await;
    other.refresh().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    browser.clone().refresh().await.assert_error("invalid_grant");

    let mut browser = world.refreshed(1).await;
    let past = world.database.session(&browser.tokens().session_id).await.expect("the session lives");
    browser.refresh().await.assert_ok();
    world.database.put(SESSIONS, &past).await;
    browser.refresh().await.assert_error("invalid_grant");

    let browser = world.signed_in().await;
    let (generation, nonce) = (Generation::LAST, Nonce::from_bytes([7; 12]));
    let row = world.database.session(&browser.tokens().session_id).await.expect("the session lives");
    let row = row.with_number("generation", generation.number().into()).with_bytes("nonce", nonce.as_bytes());
    world.database.put(SESSIONS, &row).await;
    let token = RefreshToken {
        user_id: browser.tokens().user_id.parse().expect("an id"),
        session_id: browser.tokens().session_id.parse().expect("an id"),
        key_id: world.keys.refresh.current(),
        generation,
        nonce,
    };
    let token = token.to_text(&world.keys.refresh).expect("a known key");
    let mut last = browser.with_refresh_token(token.expose());
    last.refresh().await.assert_error("invalid_grant");
}

async fn foreign_tokens(world: &World) {
    let (browser, mut behind) = world.refreshed_and_behind().await;
    let token = &browser.tokens().refresh_token;
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("base64url");
    // The last byte is of the tag, the one at 32 is the id of the key.
    for (place, other) in [(63, !bytes[63]), (32, 99)] {
        let mut bytes = bytes.clone();
        bytes[place] = other;
        let mut damaged = browser.with_refresh_token(&URL_SAFE_NO_PAD.encode(bytes));
        damaged.refresh().await.assert_error("invalid_grant");
    }
    browser.clone().refresh_beside("x").await.assert_error("invalid_grant");

    // The session's newest token is of a key that was revoked.
    let unknown = RefreshKeyId(99);
    let row = world.database.session(&browser.tokens().session_id).await.expect("the session lives");
    world.database.put(SESSIONS, &row.with_number("key_id", unknown.0.into())).await;
    behind.refresh().await.assert_error("invalid_grant");
}

async fn ends_of_sessions(world: &World) {
    let browser = world.signed_in().await;
    browser.with_refresh_token("x").logout().await.assert_ok();
    let mut leaving = browser.other_device();
    leaving.login().await.assert_ok();
    leaving.refresh_by_form().await.assert_ok();
    leaving.revoke().await.assert_ok();
    leaving.revoke_token("x").await.assert_ok();
    for _ in 0..3 {
        browser.other_device().login().await.assert_ok();
    }
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    browser.end_session(&phone.tokens().session_id).await.assert_ok();
    phone.sessions().await.assert_session_over();
    browser.end_other_sessions().await.assert_ok();
    browser.end_all_sessions().await.assert_ok();
}

async fn access_tokens(world: &World, stack: &str) {
    let browser = world.signed_in().await;
    let foreign = World::start().await.signed_in().await;
    browser.weather_with("x").await.assert_error("invalid_token");
    browser.weather_with(&foreign.tokens().access_token).await.assert_error("invalid_token");
    // The gateway refuses a request without a header by itself, and no route of the template asks for a role.
    let bearer = format!("Bearer {}", browser.tokens().access_token);
    ask_authorizer(world, stack, &Format::RestToken.event(&[]));
    ask_authorizer(world, stack, &Format::HttpApi2.event(&[&bearer]));
    world.clock.advance(Seconds(60));
    browser.weather().await.assert_error("invalid_token");
}

/// Calls the authorizer directly, with rules that only allow administrators.
fn ask_authorizer(world: &World, stack: &str, event: &Value) {
    let functions = project::stack().functions;
    let function =
        functions.iter().find(|function| function.binary == "authorizer").expect("in the template");
    let mut environment = project::environment(function, &world.keys);
    environment.insert("STACK_NAME".to_owned(), stack.to_owned());
    environment.insert("ROUTE_ROLES".to_owned(), "* /** admin".to_owned());
    let authorizer = authorizer::App::new(&|name| environment.get(name).cloned()).expect("settings");
    authorizer::handle(&authorizer, event, world.clock.now()).expect("an answer");
}

async fn failures(world: &World) {
    let mut browser = world.signed_in().await;
    for operation in ["UpdateItem", "DeleteItem", "TransactWriteItems"] {
        world.database.disturb_all(operation, Fault::internal_error());
    }
    let mut somebody = Browser::at(&world.service);
    let (logging_out, mut changing) = (browser.clone(), browser.clone());
    let new = Browser::at(&world.service).password;
    let mut signing_in = browser.other_device();
    let (refreshed, ended, signed_in, registered, changed) = tokio::join!(
        browser.refresh(),
        logging_out.logout(),
        signing_in.login(),
        somebody.register(),
        changing.change_password(&new)
    );
    for answer in [refreshed, ended, signed_in, registered, changed] {
        answer.assert_error("temporarily_unavailable");
    }
    world.database.heal();
}
