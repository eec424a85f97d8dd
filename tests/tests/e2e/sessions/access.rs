//! Access to sessions: it needs a valid access token, and covers the user's own sessions only.

use http::Method;
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Answer, Browser, Form, World, forgeries};

/// Every route that asks for an access token, as (method, path, form); `id` is of the session to end.
fn routes(id: &str) -> [(Method, String, Form); 5] {
    [
        (Method::GET, "/me".to_owned(), Form::Me),
        (Method::GET, "/sessions".to_owned(), Form::Sessions),
        (Method::DELETE, format!("/sessions/{id}"), Form::Nothing),
        (Method::DELETE, "/sessions".to_owned(), Form::Nothing),
        (Method::DELETE, "/sessions?except=current".to_owned(), Form::Nothing),
    ]
}

async fn call_with(browser: &Browser, route: &(Method, String, Form), authorization: &[&str]) -> Answer {
    let (method, path, form) = route;
    let mut request = browser.service.request(method.clone(), path);
    for value in authorization {
        request = request.header("authorization", *value);
    }
    browser.service.send(request, *form).await
}

#[tokio::test]
async fn without_a_good_access_token_nothing_is_shown_or_ended() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    world.database.forget_requests();
    let good = format!("Bearer {}", browser.tokens().access_token);
    let refresh = format!("Bearer {}", browser.tokens().refresh_token);
    for route in routes(&phone.tokens().session_id) {
        for values in [&[][..], &[""], &["Bearer x"], &["Basic eDp5"], &[&refresh], &[&good, &good]] {
            let answer = call_with(&browser, &route, values).await;
            answer.assert_error("invalid_token");
            assert_eq!(answer.header("is-token-expired"), "false");
            assert!(answer.headers.contains_key("www-authenticate"), "{}", answer.whole());
        }
        for (what, forged) in forgeries::all(&browser.tokens().access_token, &world.keys) {
            let answer = call_with(&browser, &route, &[&format!("Bearer {forged}")]).await;
            assert_eq!(answer.status, 401, "{} {}: {what}", route.0, route.1);
            answer.assert_error("invalid_token");
        }
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.refresh().await.assert_ok();
    phone.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_expired_access_token_is_called_expired_and_ends_nothing() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    world.clock.advance(Seconds(60));
    for route in routes(&browser.tokens().session_id) {
        let answer = browser.call(route.0, &route.1, route.2).await;
        answer.assert_error("invalid_token").assert_description("The access token has expired.");
        assert_eq!(answer.header("is-token-expired"), "true");
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn an_access_token_whose_session_has_ended_shows_and_ends_nothing() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let stolen = browser.clone();
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    phone.end_session(&browser.tokens().session_id).await.assert_ok();
    world.database.forget_requests();
    for (method, path, form) in routes(&phone.tokens().session_id).into_iter().skip(1) {
        stolen.call(method, &path, form).await.assert_session_over();
        assert_eq!(world.database.take_requests(), ["Query"]);
    }
    browser.refresh().await.assert_error("invalid_grant");
    phone.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let service = tests::Service::any().await;
    let (mut ada, mut grace) = (Browser::at(&service), Browser::at(&service));
    ada.register().await.assert_ok();
    grace.register().await.assert_ok();
    let answer = ada.end_session(&grace.tokens().session_id).await;
    answer.assert_error("not_found").assert_description("There is no such session.");
    // The same answer as to an id that nobody has.
    let mut never = ada.end_session("0c9a1b2d-3e4f-4a5b-8c6d-7e8f90a1b2c3").await;
    let mut others = answer.clone();
    for own in ["date", "x-amzn-requestid", "x-amz-request-id", "x-amz-apigw-id", "x-amzn-trace-id"] {
        never.headers.remove(own);
        others.headers.remove(own);
    }
    assert_eq!((never.status, &never.headers, &never.text), (others.status, &others.headers, &others.text));
    ada.end_other_sessions().await.assert_ok();
    ada.end_all_sessions().await.assert_ok();
    grace.refresh().await.assert_ok();
    grace.sessions().await.assert_ok();
}

#[tokio::test]
async fn sessions_are_those_of_the_token_whatever_else_a_request_says() {
    let world = World::start().await;
    let (ada, mut grace) = (world.signed_in().await, world.signed_in().await);
    let other = &grace.tokens().user_id;
    let request = world.service.request(Method::GET, &format!("/sessions?user_id={other}&sub={other}"));
    let request = request.bearer_auth(&ada.tokens().access_token).header("x-user-id", other);
    let answer = world.service.send(request, Form::Sessions).await;
    assert_eq!(answer.assert_ok().json()["sessions"][0]["id"], ada.tokens().session_id);
    let body = serde_json::json!({ "user_id": other, "sid": grace.tokens().session_id });
    let request = world.service.request(Method::DELETE, "/sessions").json(&body);
    let request = request.bearer_auth(&ada.tokens().access_token);
    world.service.send(request, Form::Nothing).await.assert_ok();
    grace.refresh().await.assert_ok();
}
