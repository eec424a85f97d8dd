//! G7: nothing stored, logged or returned in an error is, or leads to, a usable token or password.
//!
//! The errors of this story, as of every other test, are searched as they arrive, and its log lines as they are
//! written. Here both are searched once more for what was really used, in every encoding, and the tables too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{ATTEMPTS, CODES, SESSIONS, USERS};
use tests::{Authenticator, Browser, Fault, Form, World, log, routes, secrets};

#[tokio::test]
async fn g7_no_token_password_or_private_key_is_in_tables_logs_or_errors() {
    let world = World::start().await;
    let browser = everything_that_can_happen(&world).await;
    assert_eq!(world.service.take_routes(), *routes::ALL);
    let used = world.service.secrets();
    // Two personas, and what they got and sent.
    assert!(used.len() > 15, "{}", used.len());
    let all = secrets::of(&world);

    let logged = log::lines_with("");
    let ours = log::lines_with(&browser.tokens().session_id);
    assert!(ours.len() > 5 && logged.iter().any(|line| line.contains("DEBUG")));
    secrets::assert_absent(&all, &logged.concat(), "the log");
    log::assert_clean();

    for table in [SESSIONS, USERS, CODES] {
        let rows = format!("{:?}", world.database.rows(table).await);
        assert!(table == CODES || rows.contains(&browser.tokens().user_id), "{rows}");
        secrets::assert_absent(&all, &rows, table);
    }

    // People type passwords into email fields: neither is in the table of attempts, or in the log.
    let mut confused = Browser::at(&world.service);
    confused.email = format!("{}@example.com", confused.password.replace(' ', ""));
    confused.login().await.assert_error("invalid_credentials");
    let typed = [confused.email.clone(), confused.email.replace("@example.com", ""), browser.email.clone()];
    let rows = world.database.rows(ATTEMPTS).await;
    assert!(!rows.is_empty());
    secrets::assert_absent(&typed, &format!("{rows:?}"), ATTEMPTS);
    secrets::assert_absent(&all, &format!("{rows:?}"), ATTEMPTS);
    secrets::assert_absent(&typed[..2], &log::lines_with("").concat(), "the log");
}

/// Every route, every outcome, and secrets in the wrong places. Returns somebody who is still signed in.
async fn everything_that_can_happen(world: &World) -> Browser {
    in_factors(world).await;
    let mut browser = world.signed_in().await;
    let mut wrong = browser.clone();
    wrong.password = format!("{} but wrong", browser.password);
    world.service.keep_secret(&wrong.password);
    wrong.login().await.assert_error("invalid_credentials");
    browser.login().await.assert_ok();
    in_changes_of_the_password(world, &mut browser).await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    browser.me().await.assert_ok();
    browser.sessions().await.assert_ok();
    in_the_routes_of_sessions(&browser).await;
    for path in routes::DOCUMENTS {
        world.service.get(path, Form::Document).await.assert_ok();
    }

    let (mut late, mut thief) = (browser.clone(), browser.clone());
    in_retry_keys(world).await;
    in_accounts(world).await;
    in_passkeys(world).await;
    in_registrations(world).await;
    browser.refresh_with_access_token().await.assert_ok();
    browser.weather().await.assert_ok();
    late.refresh().await.assert_ok();
    world.clock.advance(Seconds(60));
    thief.clone().refresh().await.assert_ok();
    browser.weather().await.assert_error("invalid_token");
    browser.refresh_beside(&phone.tokens().refresh_token).await.assert_error("invalid_grant");
    browser.refresh_beside(&phone.tokens().access_token).await.assert_error("invalid_grant");

    for fault in [Fault::LostAnswer, Fault::internal_error(), not_allowed()] {
        for operation in ["UpdateItem", "GetItem"] {
            world.database.disturb_all(operation, fault.clone());
        }
        let (refreshed, signed_in) = tokio::join!(phone.refresh(), wrong.login());
        refreshed.assert_error("temporarily_unavailable");
        signed_in.assert_error("temporarily_unavailable");
        world.database.heal();
    }
    let mut tablet = browser.other_device();
    tablet.login().await.assert_ok();
    in_wrong_places(&tablet).await;

    world.clock.advance(Seconds(3600));
    browser.refresh().await.assert_ok();
    world.clock.advance(Seconds(3600));
    phone.refresh().await.assert_error("invalid_grant");
    late.refresh().await.assert_error("invalid_grant");
    thief.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
    browser.login().await.assert_ok();
    browser.end_all_sessions().await.assert_ok();
    browser.login().await.assert_ok();
    for _ in 0..5 {
        browser.refresh().await.assert_ok();
        browser.refresh_by_form().await.assert_ok();
    }
    phone.logout().await.assert_ok();
    phone.revoke().await.assert_ok();
    phone.revoke_token(&phone.tokens().access_token).await.assert_ok();
    browser.end_other_sessions().await.assert_ok();
    browser
}

/// Good changes and wrong ones, those that fail, one whose answer is lost, and tokens for passwords.
async fn in_changes_of_the_password(world: &World, browser: &mut Browser) {
    let new_password = || Browser::at(&world.service).password;
    let mut wrong = browser.clone();
    wrong.password = new_password();
    wrong.change_password(&new_password()).await.assert_error("invalid_credentials");
    browser.change_password(&new_password()).await.assert_ok();

    for fault in [Fault::internal_error(), not_allowed()] {
        world.database.disturb_all("TransactWriteItems", fault);
        browser.change_password(&new_password()).await.assert_error("temporarily_unavailable");
        world.database.heal();
    }
    let mut changed = browser.clone();
    changed.password = new_password();
    world.database.disturb_all("TransactWriteItems", Fault::LostAnswer);
    browser.change_password(&changed.password).await.assert_error("temporarily_unavailable");
    world.database.heal();
    browser.change_password(&new_password()).await.assert_session_over();
    changed.login().await.assert_ok();
    *browser = changed;

    // A token in place of a password is one: it is as secret as that.
    let tokens = browser.tokens().clone();
    for token in [tokens.refresh_token, tokens.device_token] {
        wrong.clone_from(browser);
        wrong.password.clone_from(&token);
        wrong.change_password(&new_password()).await.assert_error("invalid_credentials");
        browser.change_password(&token).await.assert_ok();
    }
    browser.change_password(&new_password()).await.assert_ok();
}

/// Keys that prove, that were used, that are another's, and that are none; all sent by somebody of their own.
async fn in_retry_keys(world: &World) {
    const KEYS: [&str; 3] = [
        "first-retry-key-of-a-leak-story",
        "other-retry-key-of-a-leak-story",
        "third-retry-key-of-a-leak-story",
    ];
    let mut browser = world.signed_in().await;
    let first = browser.clone();
    browser.refresh_with_key(KEYS[0]).await.assert_ok();
    world.clock.advance(Seconds(60));
    first.clone().refresh_with_key(KEYS[0]).await.assert_ok();
    browser.refresh_with_key(KEYS[0]).await.assert_error("invalid_request");
    for malformed in ["a retry key with spaces in it", "short-retry-key"] {
        browser.refresh_with_key(malformed).await.assert_error("invalid_request");
    }
    browser.refresh_with_key(KEYS[1]).await.assert_ok();
    first.clone().refresh_with_key(KEYS[0]).await.assert_error("invalid_grant");
    first.clone().refresh_with_key(KEYS[2]).await.assert_error("invalid_grant");
}

/// An app and recovery codes: right ones, used ones, secrets in their place, and changes that fail.
async fn in_factors(world: &World) {
    let mut browser = world.signed_in().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    let mut phone = browser.other_device();
    phone.login_with(&json!({})).await.assert_error("mfa_required");
    for secret in [app.secret(), browser.password.clone(), browser.tokens().refresh_token.clone()] {
        phone.login_with(&json!({ "totp": secret })).await.assert_error("invalid_request");
        phone.login_with(&json!({ "recovery_code": secret })).await.assert_error("invalid_request");
    }
    phone.login_with(&app.recovery_code(0)).await.assert_ok();
    phone.login_with(&app.recovery_code(0)).await.assert_error("invalid_credentials");
    phone.factors().await.assert_ok();
    phone.confidential_weather().await.assert_ok();
    phone.replace_recovery_codes(&app.recovery_code(1)).await.assert_ok();
    world.clock.advance(Seconds(30));
    world.database.disturb_all("TransactWriteItems", Fault::internal_error());
    phone.remove_totp(&app.totp(world.clock.now())).await.assert_error("temporarily_unavailable");
    world.database.heal();
    phone.remove_totp(&app.totp(world.clock.now())).await.assert_ok();
}

/// Passkeys, and secrets in the place of what is none.
async fn in_passkeys(world: &World) {
    let (mut browser, mut authenticator) = (world.signed_in().await, Authenticator::counting());
    let challenge = browser.creation_options().await;
    let credential = authenticator.create(&challenge.json()["public_key"], &browser.page());
    browser.create_passkey(&challenge, &credential, "Laptop").await.assert_ok();
    browser.create_passkey(&challenge, &credential, "Laptop").await.assert_error("invalid_passkey");
    browser.sign_in_with(&mut authenticator).await.assert_ok();
    authenticator.set_count(0);
    browser.sign_in_with(&mut authenticator).await.assert_error("invalid_credentials");
    for secret in [browser.password.clone(), browser.tokens().refresh_token.clone()] {
        let body = json!({ "challenge_id": secret, "credential": { "id": secret, "response": secret } });
        browser.sign_in_with_body(&body).await.assert_error("invalid_credentials");
        let body = json!({ "challenge_id": secret, "credential": secret });
        browser.sign_in_with_body(&body).await.assert_error("invalid_request");
        browser.name_passkey(&authenticator.id(), &secret.repeat(2)).await.assert_error("invalid_request");
        browser.name_passkey(&secret.replace(' ', ""), "x").await.assert_error("not_found");
    }
    browser.mistyping().remove_passkey(&authenticator.id()).await.assert_error("invalid_credentials");
    for operation in ["GetItem", "TransactWriteItems", "Query"] {
        world.database.disturb_all(operation, Fault::internal_error());
        browser.remove_passkey(&authenticator.id()).await.assert_error("temporarily_unavailable");
        world.database.heal();
    }
    browser.name_passkey(&authenticator.id(), "Phone").await.assert_ok();
    browser.passkeys().await.assert_ok();
    browser.remove_passkey(&authenticator.id()).await.assert_ok();
}

/// Codes that work, that were used, and that are damaged; passwords and codes in wrong places; and the end of the account.
async fn in_accounts(world: &World) {
    let mut browser = world.signed_in().await;
    browser.request_verification().await.assert_ok();
    let code = browser.mailed("verify").await;
    browser.verify(&code).await.assert_ok();
    browser.verify(&code).await.assert_error("invalid_code");
    browser.change_name(&code).await.assert_ok();
    browser.change_name("Ada King").await.assert_ok();

    browser.request_reset().await.assert_ok();
    browser.request_reset().await.assert_error("too_many_mails");
    let code = browser.mailed("reset").await;
    browser.verify(&code).await.assert_error("invalid_code");
    let new_password = Browser::at(&world.service).password;
    for fault in [Fault::internal_error(), not_allowed()] {
        for operation in ["GetItem", "TransactWriteItems"] {
            world.database.disturb_all(operation, fault.clone());
            browser.reset(&code, &new_password).await.assert_error("temporarily_unavailable");
            world.database.heal();
        }
    }
    browser.reset(&code, &new_password).await.assert_ok();
    for wrong in [code.as_str(), &new_password, &browser.tokens().refresh_token.clone()] {
        browser.reset(wrong, &new_password).await.assert_error("invalid_code");
    }
    browser.login().await.assert_ok();
    browser.own_data().await.assert_ok();
    in_changes_of_the_address(&mut browser).await;
    browser.mistyping().delete_account().await.assert_error("invalid_credentials");
    browser.delete_account().await.assert_ok();
}

/// A registration that waits for its proof, and secrets in place of its code.
async fn in_registrations(world: &World) {
    let verified = world.beside(&[("REGISTRATION", "verified")]).await;
    let mut browser = Browser::at(&verified.service);
    let half = browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    let mut wrong = browser.mistyping();
    wrong.confirm_registration_elsewhere(&code).await.assert_error("invalid_credentials");
    for fault in [Fault::internal_error(), not_allowed()] {
        for operation in ["GetItem", "TransactWriteItems"] {
            world.database.disturb_all(operation, fault.clone());
            browser.confirm_registration(&half, &code).await.assert_error("temporarily_unavailable");
            world.database.heal();
        }
    }
    for wrong in [&browser.password.clone(), &half] {
        browser.confirm_registration(&half, wrong).await.assert_error("invalid_code");
    }
    browser.confirm_registration(&half, &code).await.assert_ok();
    for secret in verified.service.secrets() {
        world.service.keep_secret(&secret);
    }
    let again = browser.moved_to(&world.service).confirm_registration(&half, &code).await;
    again.assert_error("invalid_code");
}

async fn in_changes_of_the_address(browser: &mut Browser) {
    let mut other = Browser::at(&browser.service);
    other.register().await.assert_ok();
    let (old, new) = (browser.email.clone(), Browser::at(&browser.service).email);
    browser.request_address(&other.email).await.assert_ok();
    browser.mistyping().request_address(&new).await.assert_error("invalid_credentials");
    browser.request_address(&browser.password).await.assert_error("invalid_request");
    browser.change_address(&new).await;
    let undo = browser.service.mail_to(&old, "address_changed").await.code().to_owned();
    browser.clone().confirm_address(&undo).await.assert_error("invalid_code");
    browser.undo_address(&browser.password).await.assert_error("invalid_code");
    browser.undo_address(&undo).await.assert_ok();
    browser.undo_address(&undo).await.assert_error("invalid_code");
    browser.email = old;
    let reset = browser.mailed("reset").await;
    let password = Browser::at(&browser.service).password;
    browser.reset(&reset, &password).await.assert_ok();
    browser.login().await.assert_ok();
}

/// Secrets in place of an id and in the query.
async fn in_the_routes_of_sessions(browser: &Browser) {
    let tokens = browser.tokens();
    for secret in [&tokens.refresh_token, &tokens.access_token] {
        browser.end_session(secret).await.assert_error("not_found");
        for query in [format!("except={secret}"), format!("{secret}=current")] {
            let answer = browser.call(Method::DELETE, &format!("/sessions?{query}"), Form::Nothing).await;
            answer.assert_error("invalid_request");
        }
    }
}

/// DynamoDB's answer when a role lacks a permission, which names what was asked.
fn not_allowed() -> Fault {
    let body = json!({
        "__type": "com.amazon.coral.service#AccessDeniedException",
        "Message": "User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: dynamodb:x",
    });
    Fault::Answer { status: 400, body }
}

/// Secrets where no secret should be.
async fn in_wrong_places(browser: &Browser) {
    let (service, tokens) = (&browser.service, browser.tokens());
    let misplaced = [&browser.password, &tokens.refresh_token, &tokens.access_token, &tokens.device_token]
        .map(|text| text.replace(' ', ""));
    for secret in &misplaced {
        service.keep_secret(secret);
        for path in ["/register", "/login", "/refresh", "/logout", "/password"] {
            for body in bodies(secret, &browser.password) {
                // The gateway asks for the access token of one of them; the others don't look at it.
                let request = service.request(Method::POST, path).bearer_auth(&tokens.access_token);
                let request = request.header("content-type", "application/json").body(body);
                service.send(request, Form::Tokens).await.assert_error("invalid_request");
            }
        }
        for path in ["/oauth2/token", "/oauth2/revoke"] {
            let parameters =
                [(secret.as_str(), secret.as_str()), ("grant_type", secret), ("client_id", secret)];
            let answer = service.post_form(path, &parameters, Form::Tokens).await;
            answer.assert_invalid_client(false);
        }
        service.get(&format!("/{secret}?x={secret}"), Form::Document).await.assert_error("not_found");
        let request = service.request(Method::GET, "/weather").header("authorization", secret);
        service.send(request, Form::Forecast).await.assert_error("invalid_token");
    }
}

/// What no route takes, with the secret in every place of it.
fn bodies(secret: &str, password: &str) -> Vec<String> {
    let too_long = secret.repeat(3);
    let mut bodies: Vec<_> = [
        json!({ "email": secret, "password": password, "name": "Ada" }),
        json!({ "email": [secret], "password": { secret: password }, "name": 1 }),
        json!({ "refresh_token": [secret] }),
        json!({ "current_password": [secret], "new_password": secret, "device_token": secret }),
        json!({ "current_password": secret, "new_password": { secret: secret } }),
        json!({ "current_password": password, "new_password": too_long, "device_token": secret }),
        json!({ "current_password": password, "new_password": secret, "device_token": [secret] }),
        json!({ secret: secret }),
        json!([secret]),
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    for [first, second] in [["email", "password"], ["current_password", "new_password"]] {
        bodies.push(format!("{{\"{first}\": \"{secret}\", \"{second}\": \"{password}\", "));
    }
    bodies
}

#[tokio::test]
async fn g7_a_table_without_the_key_and_the_key_without_a_table_refresh_nothing() {
    // The row contains all of a token except its tag, which a thief of the table cannot make.
    let world = World::start().await;
    let browser = world.signed_in().await;
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    let token = URL_SAFE_NO_PAD.decode(&browser.tokens().refresh_token).unwrap();
    let nonce = base64::engine::general_purpose::STANDARD.encode(&token[36..48]);
    assert_eq!(row.0["nonce"]["B"], nonce);
    for tag in [[0; 16], [0xff; 16]] {
        let made = URL_SAFE_NO_PAD.encode([&token[..48], &tag].concat());
        browser.with_refresh_token(&made).refresh().await.assert_error("invalid_grant");
    }

    // A thief of the key can make a tag, but does not know the nonce.
    let guess = shared::refresh_token::RefreshToken {
        user_id: browser.tokens().user_id.parse().unwrap(),
        session_id: browser.tokens().session_id.parse().unwrap(),
        key_id: world.keys.refresh.current(),
        generation: shared::refresh_token::Generation::FIRST,
        nonce: shared::refresh_token::Nonce::from_bytes([0; 12]),
    };
    let made = guess.to_text(&world.keys.refresh).unwrap();
    let mut guesser = browser.with_refresh_token(made.expose());
    guesser.refresh().await.assert_error("invalid_grant");
    browser.clone().refresh().await.assert_ok();
}
