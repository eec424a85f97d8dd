//! What web browsers need of every answer: CORS, and how long it may be kept.

use std::collections::BTreeSet;

use http::Method;
use serde_json::json;
use tests::project::stack;
use tests::{Answer, Browser, Fault, Form, Service, World};

const ORIGIN: &str = "https://app.example.com";

#[track_caller]
fn assert_readable_by_the_app(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{}", answer.whole());
    assert_eq!(answer.headers.get_all("access-control-allow-origin").iter().count(), 1, "{}", answer.whole());
    assert_eq!(answer.header("access-control-allow-credentials"), "true", "{}", answer.whole());
}

#[tokio::test]
async fn the_allowed_origin_may_read_every_answer() {
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let service = &world.service;
    let mut browser = Browser::at(service);
    let answers = [
        browser.register().await,
        browser.login().await,
        browser.refresh().await,
        browser.weather().await,
        browser.me().await,
        browser.sessions().await,
        browser.end_other_sessions().await,
        browser.logout().await,
        service.get("/.well-known/jwks.json", Form::Document).await,
    ];
    for answer in answers {
        assert_readable_by_the_app(answer.assert_ok());
    }

    world.database.disturb_all("DeleteItem", Fault::internal_error());
    let errors = [
        (browser.weather_with("x").await, "invalid_token"),
        (service.get("/weather", Form::Forecast).await, "invalid_token"),
        (browser.sessions().await, "invalid_token"),
        (service.get("/unknown", Form::Document).await, "not_found"),
        (browser.refresh().await, "invalid_grant"),
        (browser.register().await, "email_taken"),
        (service.post("/login", &json!([]), Form::Tokens).await, "invalid_request"),
        (browser.logout().await, "temporarily_unavailable"),
        (
            service.post("/login", &json!("x".repeat(11 * 1024 * 1024)), Form::Tokens).await,
            "payload_too_large",
        ),
    ];
    for (answer, code) in errors {
        assert_readable_by_the_app(answer.assert_error(code));
    }
}

#[tokio::test]
async fn preflight_is_answered_without_a_token_for_every_route() {
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let mut methods: BTreeSet<_> = stack().routes.into_iter().map(|route| route.method).collect();
    methods.insert("OPTIONS".to_owned());
    for path in [
        "/register",
        "/login",
        "/refresh",
        "/logout",
        "/me",
        "/passkeys/an-id",
        "/sessions",
        "/sessions/an-id",
        "/weather",
        "/.well-known/jwks.json",
    ] {
        let answer = preflight(&world.service, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.whole());
        assert_readable_by_the_app(&answer);
        let allowed = answer.header("access-control-allow-methods").split(',');
        assert_eq!(allowed.collect::<BTreeSet<_>>(), methods.iter().map(String::as_str).collect(), "{path}");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type", "{path}");
        assert_eq!(answer.header("access-control-max-age"), "7200", "{path}");
    }
    preflight(&world.service, "/unknown").await.assert_error("not_found");
}

async fn preflight(service: &Service, path: &str) -> Answer {
    let request = service
        .request(Method::OPTIONS, path)
        .header("origin", ORIGIN)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    service.send(request, Form::Nothing).await
}

#[tokio::test]
async fn any_origin_is_allowed_unless_one_is_named() {
    let service = Service::any().await;
    let answer = service.get("/.well-known/jwks.json", Form::Document).await;
    assert_eq!(answer.assert_ok().header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn no_answer_is_taken_for_another_type() {
    let mut browser = Browser::signed_in().await;
    for answer in [browser.refresh().await, browser.weather().await, browser.logout().await] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.whole());
    }
}
