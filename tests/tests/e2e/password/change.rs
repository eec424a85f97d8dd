//! `POST /password`: a new password, for a user who knows the current one and has a living session.

use http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Answer, Browser, Form, World, forgeries, jwt, log};

/// A new password, another one for each `word`.
pub(crate) fn new_password(word: &str) -> String {
    format!("{} nanoseconds of copper {word}", log::PASSWORD_MARK)
}

async fn wrong_guess(browser: &Browser) -> Answer {
    let body = json!({ "current_password": "a wrong guess", "new_password": new_password("wire") });
    browser.change_password_with(&body).await
}

#[tokio::test]
async fn a_password_change_ends_every_session_but_the_one_that_begins() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (mut phone, mut before) = (browser.other_device(), browser.clone());
    phone.login().await.assert_ok();
    let old_password = browser.password.clone();
    let answer = browser.change_password(&new_password("wire")).await;
    assert_json_snapshot!(answer.redacted(), @r#"
    {
      "access_token": "<access_token>",
      "device_token": "<device_token>",
      "expires_in": 60,
      "refresh_after": "<70 to 90 % of expires_in>",
      "refresh_expires_in": 604799,
      "refresh_token": "<refresh_token>",
      "server_time": 2524608000,
      "session_id": "<session_id>",
      "token_type": "Bearer",
      "user": {
        "email": "<email>",
        "email_verified": false,
        "id": "<user_id>",
        "name": "Ada Lovelace",
        "roles": []
      }
    }
    "#);
    assert_ne!(browser.tokens().session_id, before.tokens().session_id);
    for ended in [&mut phone, &mut before] {
        ended.refresh().await.assert_error("invalid_grant");
        ended.sessions().await.assert_session_over();
    }
    browser.weather().await.assert_ok();
    browser.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);

    let mut after = browser.other_device();
    after.password = old_password;
    after.login().await.assert_error("invalid_credentials");
    after.password.clone_from(&browser.password);
    after.login().await.assert_ok();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_password_is_changed_again_from_the_session_of_the_last_change() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for (word, version) in [("wire", 2), ("pipe", 3)] {
        browser.change_password(&new_password(word)).await.assert_ok();
        assert_eq!(world.database.user(&browser.email).await.unwrap().number("version"), version);
        let session = world.database.session(&browser.tokens().session_id).await.unwrap();
        assert_eq!(session.number("account_version"), version);
    }
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_change_says_nothing_new_of_the_user_and_begins_a_sign_in_of_now() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let before = jwt::claims(&browser.tokens().access_token);
    world.clock.advance(Seconds(30));
    browser.change_password(&new_password("wire")).await.assert_ok();
    let after = jwt::claims(&browser.tokens().access_token);
    for same in ["sub", "email", "name", "roles", "iss", "aud", "client_id"] {
        assert_eq!(before[same], after[same]);
    }
    assert_eq!(after["auth_time"].as_i64(), before["auth_time"].as_i64().map(|time| time + 30));
}

#[tokio::test]
async fn a_change_costs_five_requests_and_seven_with_an_older_device_token() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let old_device = browser.tokens().device_token.clone();
    let expected = ["Query", "GetItem", "UpdateItem", "TransactWriteItems", "Query"];
    for (device_token, counts) in [(None, 1), (Some(old_device), 2)] {
        if let Some(device_token) = device_token {
            browser = browser.with_device_token(&device_token);
        }
        world.database.forget_requests();
        browser.change_password(&new_password(&counts.to_string())).await.assert_ok();
        let mut requests = world.database.take_requests();
        // The account is read while the attempt is counted, in either order.
        requests[1..=1 + counts].sort();
        // In the lane of everybody the attempt is taken back beside the query.
        requests[3 + counts..].sort();
        let mut all = expected.to_vec();
        all.splice(2..3, vec!["UpdateItem"; counts]);
        if counts > 1 {
            all.push("UpdateItem");
        }
        assert_eq!(requests, all);
    }
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_is_no_failure_of_the_access_token() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (account, rows) = (world.database.user(&browser.email).await, world.database.rows(SESSIONS).await);
    let answer = wrong_guess(&browser).await;
    answer.assert_error("invalid_credentials").assert_description("The current password is wrong.");
    assert_eq!(world.database.user(&browser.email).await, account);
    assert_eq!(world.database.rows(SESSIONS).await, rows);
    browser.refresh().await.assert_ok();
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn guesses_at_a_change_and_at_a_sign_in_are_counted_together() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let stranger = json!({ "email": browser.email, "password": "a wrong guess" });
    for _ in 0..2 {
        wrong_guess(&browser).await.assert_error("invalid_credentials");
        world.service.post("/login", &stranger, Form::Tokens).await.assert_error("invalid_credentials");
    }
    wrong_guess(&browser).await.assert_error("invalid_credentials");
    let right = json!({ "current_password": browser.password, "new_password": new_password("wire") });
    let blocked = browser.change_password_with(&right).await;
    blocked.assert_error("too_many_attempts");
    assert_eq!(blocked.json()["retry_after"], 1);
    world.service.post("/login", &stranger, Form::Tokens).await.assert_error("too_many_attempts");

    // The owner's device has a lane of its own, and its success forgets what is counted there, not elsewhere.
    browser.change_password(&new_password("wire")).await.assert_ok();
    assert_eq!(world.database.attempts().await.len(), 1);
    world.clock.advance(Seconds(1));
    browser.other_device().login().await.assert_ok();
    let rows = world.database.attempts().await;
    assert_eq!(rows.iter().map(|row| row.number("failures")).collect::<Vec<_>>(), [5]);
}

#[tokio::test]
async fn a_change_gives_the_device_a_token_of_the_account_as_it_is_now() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let old = browser.clone();
    browser.change_password(&new_password("wire")).await.assert_ok();
    assert_ne!(browser.tokens().device_token, old.tokens().device_token);
    let guess = json!({ "email": browser.email, "password": "a wrong guess" });
    for _ in 0..5 {
        world.service.post("/login", &guess, Form::Tokens).await.assert_error("invalid_credentials");
    }
    // The old token counts as none, as the one of a thief would; the new one has its lane.
    let mut stale = browser.with_device_token(&old.tokens().device_token);
    stale.login().await.assert_error("too_many_attempts");
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_new_password_is_judged_before_anything_is_asked_counted_or_ended() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut body = json!({ "current_password": browser.password, "new_password": "" });
    world.database.forget_requests();
    for (password, description) in [
        ("7 signs", "new_password must be at least 8 characters long."),
        (&"x".repeat(129), "new_password must be at most 128 characters long."),
        (&"x".repeat(1025), "new_password must be at most 1024 bytes long."),
        (
            "lovelace",
            "new_password is too easy to guess: it is made of your own name or email address. Add another word or two.",
        ),
        (
            "password",
            "new_password is too easy to guess: it is one of the ten most common passwords. Add another word or two.",
        ),
    ] {
        body["new_password"] = password.into();
        let answer = browser.change_password_with(&body).await;
        answer.assert_error("invalid_request").assert_description(description);
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_field_of_a_change_that_is_missing_or_of_another_type_is_named() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let good = json!({ "current_password": browser.password, "new_password": new_password("wire") });
    let check = async |body: Value, description: &str| {
        let answer = browser.change_password_with(&body).await;
        answer.assert_error("invalid_request").assert_description(description);
    };
    for field in ["current_password", "new_password"] {
        let with = |value: Value| {
            let mut body = good.clone();
            body[field] = value;
            body
        };
        check(with(json!(null)), &format!("{field} is missing.")).await;
        check(with(json!(93_817_264)), &format!("{field} must be a string.")).await;
    }
    for field in ["device_token", "refresh_transport"] {
        let mut body = good.clone();
        body[field] = json!(["x"]);
        check(body, &format!("{field} must be a string.")).await;
    }
    let request = || {
        let request = browser.service.request(Method::POST, "/password");
        request.bearer_auth(&browser.tokens().access_token)
    };
    let undeclared = request().body(good.to_string());
    browser.service.send(undeclared, Form::Tokens).await.assert_error("unsupported_media_type");
    let large = json!({ "x": "x".repeat(16 * 1024) });
    browser.change_password_with(&large).await.assert_error("payload_too_large");
    let no_json = request().header("content-type", "application/json").body("{");
    browser.service.send(no_json, Form::Tokens).await.assert_error("invalid_request");
}

#[tokio::test]
async fn without_an_access_token_of_a_live_session_no_password_is_compared() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let body = json!({ "current_password": browser.password, "new_password": new_password("wire") });
    world.database.forget_requests();
    let call = async |authorization: &str| {
        let request = browser.service.request(Method::POST, "/password").json(&body);
        browser.service.send(request.header("authorization", authorization), Form::Tokens).await
    };
    call("").await.assert_error("invalid_token");
    call(&format!("Bearer {}", browser.tokens().refresh_token)).await.assert_error("invalid_token");
    for (what, forged) in forgeries::all(&browser.tokens().access_token, &world.keys) {
        assert_eq!(call(&format!("Bearer {forged}")).await.status, 401, "{what}");
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());

    let ended = browser.clone();
    browser.logout().await.assert_ok();
    world.database.forget_requests();
    ended.change_password_with(&body).await.assert_session_over();
    assert_eq!(world.database.take_requests(), ["Query"]);
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_change_from_a_page_with_cookies_is_answered_in_a_cookie() {
    const ORIGIN: &str = "https://app.example.com";
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let browser = world.signed_in().await;
    let body = json!({
        "current_password": browser.password,
        "new_password": new_password("wire"),
        "refresh_transport": "cookie",
    });
    browser.change_password_with(&body).await.assert_error("invalid_request");
    let request = browser.service.request(Method::POST, "/password").json(&body).header("origin", ORIGIN);
    let request = request.bearer_auth(&browser.tokens().access_token);
    let answer = browser.service.send(request, Form::Nothing).await;
    assert_eq!(answer.status, 200, "{}", answer.whole());
    assert!(answer.header("set-cookie").starts_with("__Host-refresh_token="), "{}", answer.whole());
    assert!(answer.json().get("refresh_token").is_none(), "{}", answer.whole());
}

#[tokio::test]
async fn the_account_of_somebody_else_at_the_same_address_is_not_the_callers() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let row = world.database.user(&browser.email).await.unwrap();
    let other = row.with_text("user_id", "00000000-0000-4000-8000-000000000000");
    world.database.put(tests::dynamodb::USERS, &other).await;
    browser.change_password(&new_password("wire")).await.assert_error("invalid_credentials");
    assert_eq!(world.database.user(&browser.email).await.unwrap(), other);
}

#[tokio::test]
async fn a_thousand_sessions_end_with_a_change() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut oldest = browser.clone();
    crate::sessions::many::with_others(&world, &browser, 999).await;
    browser.change_password(&new_password("wire")).await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    oldest.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_ok();
}
