//! The user's own list: who is signed in, and where.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Answer, Browser, Form, World};

#[track_caller]
fn listed(answer: &Answer) -> Vec<Value> {
    answer.assert_ok().json()["sessions"].as_array().unwrap().clone()
}

fn ids(sessions: &[Value]) -> Vec<String> {
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

/// The same person signs in on a device that says this of itself.
async fn sign_in_with(browser: &Browser, user_agent: impl AsRef<[u8]>) -> String {
    let body = json!({ "email": browser.email, "password": browser.password });
    let value = reqwest::header::HeaderValue::from_bytes(user_agent.as_ref()).unwrap();
    let request = browser.service.request(http::Method::POST, "/login").json(&body);
    let answer = browser.service.send(request.header("user-agent", value), Form::Tokens).await;
    answer.assert_ok();
    answer.tokens().session_id
}

#[tokio::test]
async fn a_user_is_told_what_the_access_token_says() {
    let browser = Browser::signed_in().await;
    let mut told = browser.me().await.assert_ok().json();
    let tokens = browser.tokens();
    assert_eq!(told["session_id"], tokens.session_id);
    assert_eq!(told["user"]["id"], tokens.user_id);
    assert_eq!(told["user"]["email"], browser.email);
    for (pointer, name) in [
        ("/session_id", "<session_id>"),
        ("/user/id", "<user_id>"),
        ("/user/email", "<email>"),
        ("/server_time", "<now>"),
        ("/expires_in", "<seconds>"),
    ] {
        *told.pointer_mut(pointer).unwrap() = name.into();
    }
    assert_json_snapshot!(told, @r#"
    {
      "expires_in": "<seconds>",
      "server_time": "<now>",
      "session_id": "<session_id>",
      "user": {
        "email": "<email>",
        "email_verified": false,
        "id": "<user_id>",
        "name": "Ada Lovelace",
        "roles": []
      }
    }
    "#);
}

#[tokio::test]
async fn what_the_access_token_says_needs_no_database_and_outlives_the_session() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.clock.advance_millis(10_500);
    let told = browser.me().await.assert_ok().json();
    assert_eq!((&told["expires_in"], &told["server_time"]), (&json!(50), &json!(2_524_608_010_i64)));
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.logout().await.assert_ok();
    browser.me().await.assert_ok();
    browser.sessions().await.assert_session_over();
}

#[tokio::test]
async fn a_user_sees_the_own_sessions_newest_first_and_which_one_asks() {
    let mut browser = Browser::signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    let sessions = listed(&phone.sessions().await);
    assert_eq!(sessions.len(), 2);
    for (session, asks) in
        sessions.iter().map(|session| (session, session["id"] == phone.tokens().session_id))
    {
        assert_eq!(session["current"], asks);
    }
    let sessions = listed(&browser.sessions().await);
    let current: Vec<_> = sessions.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current[0]["id"], browser.tokens().session_id);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_list_says_when_and_where_each_session_was_begun_and_last_used() {
    let world = World::with(&[("REFRESH_ABSOLUTE_SECONDS", "700000")]).await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Seconds(100));
    sign_in_with(&browser, "AnApp/2.1").await;
    world.clock.advance(Seconds(100_000));
    browser.refresh().await.assert_ok();
    world.database.forget_requests();
    let mut answer = browser.sessions().await.assert_ok().json();
    assert_eq!(world.database.take_requests(), ["Query"]);
    for session in answer["sessions"].as_array_mut().unwrap() {
        session["id"] = "<session_id>".into();
    }
    assert_json_snapshot!(answer, @r#"
    {
      "server_time": 2524708100,
      "sessions": [
        {
          "created_at": 2524608100,
          "current": false,
          "expires_at": 2525212900,
          "id": "<session_id>",
          "last_used_at": 2524608100,
          "source_ip": "127.0.0.1",
          "user_agent": "AnApp/2.1"
        },
        {
          "created_at": 2524608000,
          "current": true,
          "expires_at": 2525308000,
          "id": "<session_id>",
          "last_used_at": 2524708100,
          "source_ip": "127.0.0.1",
          "user_agent": ""
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn sessions_that_are_over_are_not_listed_though_their_rows_are_there() {
    let world = World::with(&[("REFRESH_IDLE_SECONDS", "100"), ("REFRESH_ABSOLUTE_SECONDS", "250")]).await;
    let idle = world.signed_in().await;
    let mut browser = idle.other_device();
    browser.login().await.assert_ok();
    world.clock.advance(Seconds(90));
    browser.refresh().await.assert_ok();
    assert_eq!(listed(&browser.sessions().await).len(), 2);
    world.clock.advance(Seconds(10));
    assert_eq!(ids(&listed(&browser.sessions().await)), [browser.tokens().session_id.clone()]);
    assert_eq!(world.database.rows(SESSIONS).await.len(), 2);

    // An access token ends with its session, unless it was signed before the session's row was changed.
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    let now = world.clock.now();
    world.database.put(SESSIONS, &row.clone().with_number("ends_at", now.millis())).await;
    browser.sessions().await.assert_session_over();
    world.database.put(SESSIONS, &row.with_number("ends_at", now.millis() + 1)).await;
    browser.sessions().await.assert_ok();
}

#[tokio::test]
async fn a_list_shows_nothing_of_anybody_else_and_nothing_that_leads_to_a_token() {
    let world = World::start().await;
    let (ada, grace) = (world.signed_in().await, world.signed_in().await);
    let answer = ada.sessions().await;
    assert_eq!(ids(&listed(&answer)), [ada.tokens().session_id.clone()]);
    assert!(!answer.whole().contains(&grace.tokens().user_id));
    tests::secrets::assert_absent(&world.service.secrets(), &answer.whole(), "a list");
    let row = world.database.session(&ada.tokens().session_id).await.unwrap();
    assert!(!answer.text.contains(row.0["nonce"]["B"].as_str().unwrap()));
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_shown_as_text_and_kept_short() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for (said, shown) in [
        (b"<script>alert(\"1\")</script> \\ '".to_vec(), "<script>alert(\"1\")</script> \\ '".to_owned()),
        (
            b"a\tb\x1f \xff".to_vec().into_iter().filter(|byte| *byte != 0x1f).collect(),
            "a\u{fffd}b \u{fffd}".into(),
        ),
        ("right\u{202e}left \u{85}".into(), "right\u{fffd}left \u{fffd}".into()),
        (format!("{}\u{20ac}", "x".repeat(254)).into_bytes(), "x".repeat(254)),
    ] {
        let id = sign_in_with(&browser, said).await;
        let sessions = listed(&browser.sessions().await);
        let session = sessions.iter().find(|session| session["id"] == id).unwrap();
        assert_eq!(session["user_agent"], shown);
    }
    // Whatever is in a row, as one of another making: the answer is JSON.
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    let odd = "\"},\u{0}\u{1b}[2J\n\u{2028}</script>";
    world.database.put(SESSIONS, &row.with_text("user_agent", odd)).await;
    let answer = browser.sessions().await;
    let sessions = listed(&answer);
    assert!(sessions.iter().any(|session| session["user_agent"] == odd));
    assert!(!answer.text.chars().any(char::is_control), "{}", answer.text);
}

#[tokio::test]
async fn a_list_that_the_database_does_not_give_is_worth_a_retry() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.database.disturb_all("Query", tests::Fault::internal_error());
    browser.sessions().await.assert_error("temporarily_unavailable");
    browser.end_all_sessions().await.assert_error("temporarily_unavailable");
    world.database.heal();
    browser.sessions().await.assert_ok();
}
