//! G7 while DynamoDB fails.

use http::Method;
use serde_json::{Value, json};
use shared::Timestamp;
use tests::dynamodb::{ATTEMPTS, CODES, PASSKEYS, SESSIONS, USERS};
use tests::{Answer, Authenticator, AuthenticatorApp, Browser, Form, Schedule, World, log, routes, secrets};

/// What a request that failed midway leaves in the log, in a table, in an error.
///
/// Lines are kept at DEBUG, which has those of every other level; TRACE can't be set. The outcomes in them are what
/// metrics count. Messages of panics are searched as lines are.
#[tokio::test]
async fn g7_no_secret_leaks_from_any_route_while_dynamodb_fails() {
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let (mut answered, mut failed) = (0, 0);
    let mut browser = world.signed_in().await;
    drop(world.service.take_routes());
    // Nothing is refused but what should be: the account is there already, and two passwords are wrong.
    let expected = [
        409, 200, 401, 401, 200, 200, 200, 200, 204, 200, 200, 200, 202, 202, 400, 200, 200, 401, 400, 400,
        202, 400, 400, 200, 200, 200, 201, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 204,
        200, 204, 204, 200, 200, 204,
    ];
    assert_eq!(every_route(&mut browser, world.clock.now()).await, expected);
    assert_eq!(world.service.take_routes(), *routes::ALL);
    world.database.follow(Schedule::new(7, 0));
    for round in 0..6 {
        if round == 5 {
            world.database.go_down().await;
        }
        for status in every_route(&mut browser, world.clock.now()).await {
            *(if status == 503 { &mut failed } else { &mut answered }) += 1;
        }
    }
    world.database.come_back().await;
    world.database.heal();
    world.database.deliver_all().await;
    assert!(answered > 40 && failed > 5, "{answered} {failed}");

    let all = secrets::of(&world);
    let logged = log::lines_with("");
    assert!(logged.iter().any(|line| line.contains(r#""outcome":"failed""#)));
    secrets::assert_absent(&all, &logged.concat(), "the log");
    log::assert_clean();
    for table in [SESSIONS, USERS, ATTEMPTS, CODES, PASSKEYS] {
        let rows = format!("{:?}", world.database.rows(table).await);
        secrets::assert_absent(&all, &rows, table);
    }
}

const ORIGIN: &str = "https://app.example.com";

/// At least one request to each route, with the marked secrets of the browser. Every error is searched as it comes.
async fn every_route(browser: &mut Browser, now: Timestamp) -> Vec<u16> {
    let mut wrong = browser.mistyping();
    let mut answers = vec![
        browser.register().await,
        browser.login().await,
        wrong.login().await,
        wrong.change_password(&another_password(browser)).await,
        browser.refresh_with_access_token().await,
        browser.weather().await,
        browser.me().await,
        browser.sessions().await,
        browser.end_other_sessions().await,
        change_password(browser).await,
        by_cookie(browser, "/refresh").await,
        browser.refresh_by_form().await,
        browser.request_reset().await,
        browser.request_verification().await,
        browser.verify(&"A".repeat(43)).await,
        browser.change_name("Ada King").await,
        browser.own_data().await,
        wrong.delete_account().await,
    ];
    let new_password = another_password(browser);
    answers.push(browser.reset(&"A".repeat(43), &new_password).await);
    answers.push(browser.other_device().confirm_registration_elsewhere(&"A".repeat(43)).await);
    answers.push(browser.request_address(&Browser::at(&browser.service).email).await);
    answers.push(browser.clone().confirm_address(&"A".repeat(43)).await);
    answers.push(browser.undo_address(&"A".repeat(43)).await);
    for path in routes::DOCUMENTS {
        answers.push(browser.service.get(path, Form::Document).await);
    }
    answers.extend(passkeys(browser).await);
    answers.extend(factors(browser, now).await);
    answers.extend([
        browser.end_all_sessions().await,
        browser.login().await,
        browser.end_session(&browser.tokens().session_id).await,
        browser.logout().await,
        browser.revoke().await,
        browser.revoke_token(&browser.tokens().access_token).await,
        by_cookie(browser, "/logout").await,
    ]);
    answers.iter().map(|answer| answer.status).collect()
}

/// A passkey that is added, used, named and removed, as far as the database lets it be.
async fn passkeys(browser: &mut Browser) -> Vec<Answer> {
    let (mut authenticator, page) = (Authenticator::new(), browser.page());
    let placeholder =
        json!({ "challenge": "A".repeat(43), "user": { "id": "AQEB", "name": "a", "displayName": "a" } });
    let asked = browser.creation_options().await;
    let options = if asked.status == 200 { asked.json()["public_key"].clone() } else { placeholder.clone() };
    let created = authenticator.create(&options, &page);
    let body = |asked: &Answer, credential| {
        let id = if asked.status == 200 { asked.json()["challenge_id"].clone() } else { json!("x") };
        json!({ "challenge_id": id, "credential": credential })
    };
    let mut answers = vec![browser.create_with(&body(&asked, created)).await];
    let to_sign = browser.passkey_options().await;
    let options = if to_sign.status == 200 { to_sign.json()["public_key"].clone() } else { placeholder };
    let signed = authenticator.sign(&options, &page);
    answers.push(browser.sign_in_with_body(&body(&to_sign, signed)).await);
    let id = authenticator.id();
    answers.extend([browser.passkeys().await, browser.name_passkey(&id, "Laptop").await]);
    answers.push(browser.remove_passkey(&id).await);
    answers.extend([asked, to_sign]);
    answers
}

/// An authenticator app that is set up and removed, as far as the database lets it be.
async fn factors(browser: &mut Browser, now: Timestamp) -> Vec<Answer> {
    let enrolled = browser.enrol_totp(&json!({})).await;
    let code = if enrolled.status == 200 {
        AuthenticatorApp::of(&enrolled).totp(now)
    } else {
        json!({ "totp": "000000" })
    };
    let confirmed = browser.confirm_totp(&code).await;
    let replaced = browser.replace_recovery_codes(&recovery_code(&confirmed)).await;
    let last = if replaced.status == 200 { &replaced } else { &confirmed };
    let mut answers = vec![browser.remove_totp(&recovery_code(last)).await];
    answers.extend([browser.factors().await, browser.confidential_weather().await]);
    answers.push(replaced);
    answers.extend([enrolled, confirmed]);
    answers
}

/// The last recovery code of those that an answer shows.
fn recovery_code(answer: &Answer) -> Value {
    let codes = answer.json()["recovery_codes"].as_array().cloned().unwrap_or_default();
    json!({ "recovery_code": codes.last().unwrap_or(&json!("x")) })
}

/// A password that nobody has. The searches know it.
fn another_password(browser: &Browser) -> String {
    Browser::at(&browser.service).password
}

/// A good change. If its answer is lost, it may hold all the same, and who can sign in with the new password keeps that.
async fn change_password(browser: &mut Browser) -> Answer {
    let mut changed = browser.clone();
    changed.password = another_password(browser);
    let answer = browser.change_password(&changed.password).await;
    if answer.status == 503 && changed.login().await.status == 200 {
        *browser = changed;
    }
    answer
}

/// A request with the refresh token in the cookie.
async fn by_cookie(browser: &Browser, path: &str) -> Answer {
    let cookie = format!("__Host-refresh_token={}", browser.tokens().refresh_token);
    let request = browser.service.request(Method::POST, path).json(&json!({}));
    browser.service.send(request.header("origin", ORIGIN).header("cookie", cookie), Form::Nothing).await
}
