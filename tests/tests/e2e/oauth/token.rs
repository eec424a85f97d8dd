//! `POST /oauth2/token`: a refresh in another form.

use serde_json::{Value, json};
use shared::Seconds;
use tests::{Answer, Browser, Form, World};

use super::ORIGIN;

async fn refresh(browser: &Browser, parameters: &[(&str, &str)]) -> Answer {
    let own = [("grant_type", "refresh_token"), ("refresh_token", &browser.tokens().refresh_token)];
    browser.service.post_form("/oauth2/token", &[&own, parameters].concat(), Form::Tokens).await
}

/// The clock of an external service moves on between two answers.
fn untimed(mut answer: Value) -> Value {
    for member in ["server_time", "refresh_expires_in"] {
        assert!(answer[member].take().is_i64(), "{member}");
    }
    answer
}

#[tokio::test]
async fn a_form_gets_the_answer_of_a_refresh_and_no_member_more() {
    let mut browser = Browser::signed_in().await;
    let by_json = untimed(browser.refresh().await.redacted());
    assert_eq!(untimed(browser.refresh_by_form().await.redacted()), by_json);
    browser.weather().await.assert_ok();
}

#[tokio::test]
async fn g2_a_replay_gets_the_same_successor_whichever_way_either_came() {
    let mut browser = Browser::signed_in().await;
    let (mut by_form, mut by_json) = (browser.clone(), browser.clone());
    browser.refresh_by_form().await.assert_ok();
    by_json.refresh().await.assert_ok();
    by_form.refresh_by_form().await.assert_ok();
    for other in [by_form, by_json] {
        assert_eq!(other.tokens().refresh_token, browser.tokens().refresh_token);
    }
}

#[tokio::test]
async fn g4_reuse_in_a_form_ends_the_session() {
    let world = World::start().await;
    let mut browser = world.refreshed(1).await;
    let mut thief = browser.clone();
    browser.refresh_by_form().await.assert_ok();
    world.clock.advance(Seconds(601));
    thief.refresh_by_form().await.assert_error("invalid_grant");
    browser.refresh_by_form().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_form_may_bring_an_access_token_and_a_retry_key() {
    let world = World::with(&[("REFRESH_REQUIRES_ACCESS_TOKEN", "true")]).await;
    let browser = world.signed_in().await;
    let access_token = ("access_token", browser.tokens().access_token.as_str());
    refresh(&browser, &[]).await.assert_error("invalid_grant");
    refresh(&browser, &[("access_token", "x")]).await.assert_error("invalid_grant");
    let key = ("retry_key", "a_retry_key_of_this_test");
    let first = refresh(&browser, &[access_token, key]).await.assert_ok().tokens();
    world.clock.advance(Seconds(3600));
    let again = refresh(&browser, &[access_token, key]).await.assert_ok().tokens();
    assert_eq!(again.refresh_token, first.refresh_token);
    let short = refresh(&browser, &[access_token, ("retry_key", "short")]).await;
    short.assert_error("invalid_request");
}

#[tokio::test]
async fn another_grant_is_unsupported_and_none_is_a_malformed_request() {
    let mut browser = Browser::signed_in().await;
    let token = ("refresh_token", browser.tokens().refresh_token.clone());
    for grant in ["password", "authorization_code", "client_credentials", "REFRESH_TOKEN", "refresh_token "] {
        let parameters = [("grant_type", grant), (token.0, token.1.as_str())];
        let answer = browser.service.post_form("/oauth2/token", &parameters, Form::Tokens).await;
        answer.assert_error("unsupported_grant_type");
    }
    for (parameters, missing) in [
        (vec![(token.0, token.1.as_str())], "grant_type"),
        (vec![("grant_type", ""), (token.0, token.1.as_str())], "grant_type"),
        (vec![("grant_type", "refresh_token")], "refresh_token"),
        (vec![("grant_type", "refresh_token"), ("refresh_token", "")], "refresh_token"),
    ] {
        let answer = browser.service.post_form("/oauth2/token", &parameters, Form::Tokens).await;
        answer.assert_error("invalid_request").assert_description(&format!("{missing} is missing."));
    }
    browser.refresh_by_form().await.assert_ok();
}

#[tokio::test]
async fn a_form_never_counts_with_a_cookie() {
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let mut browser = world.signed_in().await;
    let cookie = format!("__Host-refresh_token={}", browser.tokens().refresh_token);
    let with_cookie = |path: &str, body: &str| {
        let request = browser.service.request(http::Method::POST, path).header("origin", ORIGIN);
        let request = request.header("cookie", &cookie).body(body.to_owned());
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    let request = with_cookie("/oauth2/token", "grant_type=refresh_token");
    let answer = browser.service.send(request, Form::Tokens).await;
    answer.assert_error("invalid_request").assert_description("refresh_token is missing.");
    // The routes with a cookie take no form.
    for path in ["/refresh", "/logout"] {
        let answer = browser.service.send(with_cookie(path, "grant_type=refresh_token"), Form::Tokens).await;
        answer.assert_error("unsupported_media_type");
    }
    let body = format!("grant_type=refresh_token&refresh_token={}", browser.tokens().refresh_token);
    let answer = browser.service.send(with_cookie("/oauth2/token", &body), Form::Tokens).await;
    assert_eq!(answer.assert_ok().header("set-cookie"), "");
    assert_ne!(answer.json()["refresh_token"], json!(null));
    browser.refresh().await.assert_ok();
}
