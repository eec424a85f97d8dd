//! A protected route, through the front door: who gets in, and what the others are told.

use http::Method;
use serde_json::json;
use shared::Seconds;
use tests::{Answer, Browser, Form, Service, World, forgeries, jwt, keys};

async fn weather_with_headers(service: &Service, values: &[&str]) -> Answer {
    let mut request = service.request(Method::GET, "/weather");
    for value in values {
        request = request.header("authorization", *value);
    }
    service.send(request, Form::Forecast).await
}

#[track_caller]
fn assert_refused(answer: &Answer, challenge: &str, description: &str) {
    answer.assert_error("invalid_token").assert_description(description);
    assert_eq!(answer.header("www-authenticate"), challenge);
    assert_eq!(answer.header("is-token-expired"), "false");
}

const NOT_VALID: &str = "The access token is not valid.";
const CHALLENGE: &str = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;

#[tokio::test]
async fn no_forged_access_token_of_any_algorithm_gets_in() {
    for algorithm in keys::ALGORITHMS {
        let key_set = keys::key_set(algorithm, &keys::private_key(algorithm), 7);
        let world = World::with(&[("KEY_SET", &key_set)]).await;
        let browser = world.signed_in().await;
        browser.weather().await.assert_ok();
        for (what, forged) in forgeries::all(&browser.tokens().access_token, &world.keys) {
            let answer = browser.weather_with(&forged).await;
            assert_eq!(answer.status, 401, "{algorithm:?}: {what}");
            assert_refused(&answer, CHALLENGE, NOT_VALID);
        }
        browser.weather().await.assert_ok();
    }
}

#[tokio::test]
async fn a_token_of_another_api_or_issuer_with_the_same_keys_does_not_get_in() {
    let world = World::start().await;
    for setting in ["AUDIENCE", "ISSUER"] {
        let elsewhere = world.beside(&[(setting, "urn:elsewhere")]).await;
        let stranger = elsewhere.signed_in().await;
        stranger.weather().await.assert_ok();
        let answer = Browser::at(&world.service).weather_with(&stranger.tokens().access_token).await;
        assert_refused(&answer, CHALLENGE, NOT_VALID);
    }
}

#[tokio::test]
async fn two_authorization_headers_do_not_get_in() {
    let browser = Browser::signed_in().await;
    let good = format!("Bearer {}", browser.tokens().access_token);
    weather_with_headers(&browser.service, &[&good]).await.assert_ok();
    for values in [[good.as_str(), &good], [&good, "Bearer x"], ["Bearer x", &good], ["Basic eDp5", &good]] {
        assert_refused(&weather_with_headers(&browser.service, &values).await, CHALLENGE, NOT_VALID);
    }
}

#[tokio::test]
async fn the_scheme_is_bearer_in_any_case_and_no_other() {
    let browser = Browser::signed_in().await;
    let token = &browser.tokens().access_token;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        weather_with_headers(&browser.service, &[&format!("{scheme} {token}")]).await.assert_ok();
    }
    for value in [token.clone(), format!("Basic {token}"), format!("Bearer{token}"), format!("Token {token}")]
    {
        assert_refused(&weather_with_headers(&browser.service, &[&value]).await, CHALLENGE, NOT_VALID);
    }
}

#[tokio::test]
async fn without_a_token_the_challenge_names_no_error() {
    let browser = Browser::signed_in().await;
    let missing = "The access token is missing.";
    assert_refused(&weather_with_headers(&browser.service, &[]).await, "Bearer", missing);
    assert_refused(&weather_with_headers(&browser.service, &[""]).await, "Bearer", missing);
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_is_not_looked_for() {
    let browser = Browser::signed_in().await;
    let token = &browser.tokens().access_token;
    for query in [format!("access_token={token}"), format!("Authorization=Bearer%20{token}")] {
        let answer = browser.service.get(&format!("/weather?{query}"), Form::Forecast).await;
        assert_refused(&answer, "Bearer", "The access token is missing.");
    }
    let request = browser.service.request(Method::GET, "/weather").json(&json!({ "access_token": token }));
    let answer = browser.service.send(request, Form::Forecast).await;
    assert_refused(&answer, "Bearer", "The access token is missing.");
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let browser = Browser::signed_in().await;
    let answer = browser.weather_with(&browser.tokens().refresh_token).await;
    assert_refused(&answer, CHALLENGE, NOT_VALID);
}

#[tokio::test]
async fn only_a_token_that_is_genuine_is_called_expired() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.clock.advance(Seconds(3600));
    let answer = browser.weather().await;
    answer.assert_error("invalid_token").assert_description("The access token has expired.");
    assert_eq!(answer.header("is-token-expired"), "true");
    for (what, forged) in forgeries::all(&browser.tokens().access_token, &world.keys) {
        let answer = browser.weather_with(&forged).await;
        assert_eq!(answer.header("is-token-expired"), "false", "{what}");
    }
}

#[tokio::test]
async fn a_next_key_verifies_before_it_signs() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut document: serde_json::Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    for (position, state) in ["retired", "current"].into_iter().enumerate() {
        document["signing_keys"][position]["state"] = state.into();
    }
    let rotated = world.beside(&[("KEY_SET", &document.to_string())]).await;
    let mut later = browser.clone();
    later.service = rotated.service.clone();
    later.weather().await.assert_ok();
    later.refresh_with_access_token().await.assert_ok();
    later.weather().await.assert_ok();
    let kid = |browser: &Browser| jwt::header(&browser.tokens().access_token)["kid"].clone();
    assert_ne!(kid(&browser), kid(&later));
    later.service = world.service.clone();
    later.weather().await.assert_ok();
}
