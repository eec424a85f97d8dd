//! Cookie transport: a refresh token that no script sees, and that no other origin can use.

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Answer, Browser, Fault, Form, World, log, secrets};

const ORIGIN: &str = "https://app.example.com";
const REFUSED: &str = "Origin must be the allowed one where the refresh token is in a cookie.";

async fn world() -> World {
    World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await
}

/// Posts as a page of this origin does, with its cookie if it has one.
async fn post(world: &World, path: &str, body: &Value, origin: Option<&str>, cookie: Option<&str>) -> Answer {
    let mut request = world.service.request(Method::POST, path).json(body);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    if let Some(token) = cookie {
        request = request.header("cookie", format!("theme=dark; __Host-refresh_token={token}"));
    }
    world.service.send(request, Form::Nothing).await
}

/// Registers, and returns the account and the cookie's value.
async fn signed_in(world: &World) -> (Browser, String) {
    let browser = Browser::at(&world.service);
    let body = json!({
        "email": browser.email, "password": browser.password, "name": "Ada", "refresh_transport": "cookie",
    });
    let answer = post(world, "/register", &body, Some(ORIGIN), None).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.whole());
    (browser, new_cookie(world, &answer))
}

async fn refresh(world: &World, cookie: &str) -> Answer {
    post(world, "/refresh", &json!({}), Some(ORIGIN), Some(cookie)).await
}

/// The refresh token that the answer sets, which is nowhere else in it.
#[track_caller]
fn new_cookie(world: &World, answer: &Answer) -> String {
    let body = answer.json();
    assert!(body.get("refresh_token").is_none(), "{}", answer.whole());
    let max_age =
        format!("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age={}", body["refresh_expires_in"]);
    let set = answer.header("set-cookie");
    let value = set.strip_prefix("__Host-refresh_token=").and_then(|rest| rest.strip_suffix(&max_age));
    let token = value.unwrap_or_else(|| panic!("{set}")).to_owned();
    assert!(token.len() == 86 && !answer.text.contains(&token), "{}", answer.whole());
    world.service.keep_secret(&token);
    token
}

#[track_caller]
fn assert_no_cookie(headers: &HeaderMap) {
    assert!(!headers.contains_key("set-cookie"), "{headers:?}");
}

#[tokio::test]
async fn a_session_begins_goes_on_and_ends_in_cookies() {
    let world = world().await;
    let (browser, first) = signed_in(&world).await;
    let answer = refresh(&world, &first).await;
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    let second = new_cookie(&world, &answer);
    assert_ne!(first, second);
    assert_eq!(new_cookie(&world, &refresh(&world, &first).await), second, "a replay");
    browser.weather_with(answer.json()["access_token"].as_str().unwrap()).await.assert_ok();

    let body = json!({ "email": browser.email, "password": browser.password, "refresh_transport": "cookie" });
    let signed_in_again = post(&world, "/login", &body, Some(ORIGIN), Some(&second)).await;
    new_cookie(&world, &signed_in_again);

    let answer = post(&world, "/logout", &json!({}), Some(ORIGIN), Some(&second)).await;
    assert_eq!(answer.assert_ok().header("set-cookie"), CLEARED);
    refresh(&world, &second).await.assert_error("invalid_grant");
}

const CLEARED: &str = "__Host-refresh_token=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0";

#[tokio::test]
async fn a_page_of_another_origin_can_neither_refresh_nor_sign_out_nor_in() {
    let world = world().await;
    let (browser, cookie) = signed_in(&world).await;
    let sign_in =
        json!({ "email": browser.email, "password": browser.password, "refresh_transport": "cookie" });
    world.database.forget_requests();
    let origins =
        [None, Some("null"), Some("*"), Some("https://evil.example"), Some("http://app.example.com")];
    for origin in origins {
        for (path, body) in [("/refresh", &json!({})), ("/logout", &json!({})), ("/login", &sign_in)] {
            let answer = post(&world, path, body, origin, Some(&cookie)).await;
            answer.assert_error("invalid_request").assert_description(REFUSED);
            assert_no_cookie(&answer.headers);
        }
    }
    assert!(world.database.take_requests().is_empty());
    new_cookie(&world, &refresh(&world, &cookie).await);
}

#[tokio::test]
async fn a_form_or_text_that_a_page_may_post_anywhere_is_not_read() {
    let world = world().await;
    let (_, cookie) = signed_in(&world).await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        let request = world.service.request(Method::POST, "/refresh").header("content-type", content_type);
        let request =
            request.header("origin", ORIGIN).header("cookie", format!("__Host-refresh_token={cookie}"));
        let answer = world.service.send(request.body("{}"), Form::Nothing).await;
        answer.assert_error("unsupported_media_type");
    }
}

/// Posts `{}` as JSON with these lines of headers, in this order.
async fn post_with_lines(world: &World, path: &str, lines: &[(&str, &str)]) -> Answer {
    let mut request = world.service.request(Method::POST, path).body("{}");
    for (name, value) in [("content-type", "application/json")].iter().chain(lines) {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    world.service.send(request, Form::Nothing).await
}

#[tokio::test]
async fn a_cookie_is_found_in_any_of_several_lines_and_beside_any_neighbour() {
    let world = world().await;
    let (_, mut cookie) = signed_in(&world).await;
    for (before, after) in [("theme=dark", "last=1"), ("theme=gr\u{fc}n", ""), ("", "a=\u{1f36a}; b=c=d")] {
        let ours = format!("name=Zo\u{eb}; __Host-refresh_token={cookie}; x=\u{1f36a}");
        let lines = [("cookie", before), ("origin", ORIGIN), ("cookie", &ours), ("cookie", after)];
        let answer = post_with_lines(&world, "/refresh", &lines).await;
        cookie = new_cookie(&world, &answer);
    }
}

#[tokio::test]
async fn two_lines_with_the_cookie_are_refused_and_so_are_two_origins() {
    let world = world().await;
    let (_, cookie) = signed_in(&world).await;
    let (ours, origin) = (format!("__Host-refresh_token={cookie}"), ("origin", ORIGIN));
    let (ours, stranger) = (("cookie", ours.as_str()), ("origin", "https://evil.example"));
    let other = ("cookie", "__Host-refresh_token=other");
    let twice = "Cookie must have the refresh token once, not twice.";
    world.database.forget_requests();
    for path in ["/refresh", "/logout"] {
        for (lines, description) in [
            ([origin, ours, ours], twice),
            ([origin, ours, other], twice),
            ([origin, other, ours], twice),
            ([origin, origin, ours], REFUSED),
            ([origin, stranger, ours], REFUSED),
            ([stranger, origin, ours], REFUSED),
        ] {
            let answer = post_with_lines(&world, path, &lines).await;
            answer.assert_error("invalid_request").assert_description(description);
            // A page of the allowed origin may clear what it can't use.
            let cleared = if path == "/logout" && description == twice { CLEARED } else { "" };
            assert_eq!(answer.header("set-cookie"), cleared, "{path} {lines:?}");
        }
    }
    assert!(world.database.take_requests().is_empty());
    new_cookie(&world, &post_with_lines(&world, "/refresh", &[origin, ours]).await);
}

#[tokio::test]
async fn where_every_origin_may_call_there_are_no_cookies() {
    let world = World::start().await;
    let browser = Browser::at(&world.service);
    let body = json!({
        "email": browser.email, "password": browser.password, "name": "Ada", "refresh_transport": "cookie",
    });
    for origin in [Some(ORIGIN), Some("*"), None] {
        let answer = post(&world, "/register", &body, origin, None).await;
        answer
            .assert_error("invalid_request")
            .assert_description("Origin can't be trusted with a cookie while ALLOWED_ORIGIN is *.");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    // What the gateway answers by itself says so too.
    for (path, error) in [("/nowhere", "not_found"), ("/weather", "invalid_token")] {
        let answer = world.service.get(path, Form::Forecast).await;
        answer.assert_error(error);
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{}", answer.whole());
    }
    let signed_in = world.signed_in().await;
    let cookie = &signed_in.tokens().refresh_token;
    post(&world, "/refresh", &json!({}), Some("*"), Some(cookie)).await.assert_error("invalid_request");
}

#[tokio::test]
async fn a_token_from_a_body_leaves_in_a_body_and_the_cookie_is_left_alone() {
    let world = world().await;
    let (_, cookie) = signed_in(&world).await;
    let mut other = Browser::at(&world.service);
    assert_no_cookie(&other.register().await.assert_ok().headers);
    let body = json!({ "refresh_token": other.tokens().refresh_token });
    for origin in [Some(ORIGIN), None] {
        let answer = post(&world, "/refresh", &body, origin, Some(&cookie)).await;
        assert_no_cookie(&answer.headers);
        assert_eq!(answer.json()["refresh_token"].as_str().unwrap().len(), 86);
    }
    let answer = post(&world, "/logout", &body, Some(ORIGIN), Some(&cookie)).await;
    assert_no_cookie(&answer.assert_ok().headers);
    new_cookie(&world, &refresh(&world, &cookie).await);
}

/// A sibling tab may have refreshed meanwhile: an error that cleared the cookie would throw its token away.
#[tokio::test]
async fn no_refusal_but_that_of_a_logout_clears_the_cookie() {
    let world = world().await;
    let (_, stale) = signed_in(&world).await;
    new_cookie(&world, &refresh(&world, &stale).await);
    world.clock.advance(Seconds(3600));
    let refused = refresh(&world, &stale).await;
    assert_no_cookie(&refused.assert_error("invalid_grant").headers);
    assert_no_cookie(&refresh(&world, "forged").await.assert_error("invalid_grant").headers);

    let (_, cookie) = signed_in(&world).await;
    world.database.disturb_all("UpdateItem", Fault::internal_error());
    world.database.disturb_all("DeleteItem", Fault::internal_error());
    for path in ["/refresh", "/logout"] {
        let answer = post(&world, path, &json!({}), Some(ORIGIN), Some(&cookie)).await;
        assert_no_cookie(&answer.assert_error("temporarily_unavailable").headers);
    }
    world.database.heal();
    let answer = post(&world, "/logout", &json!({}), Some(ORIGIN), Some("not one of ours")).await;
    assert_eq!(answer.assert_ok().header("set-cookie"), CLEARED);
}

#[tokio::test]
async fn a_logout_of_the_allowed_origin_clears_the_cookie_and_without_a_token_says_that_it_ended_nothing() {
    let world = world().await;
    world.database.forget_requests();
    for body in [json!({}), json!({ "refresh_token": null }), json!({ "refresh_token": 1 }), json!([])] {
        let answer = post(&world, "/logout", &body, Some(ORIGIN), None).await;
        assert_eq!(answer.assert_error("invalid_request").header("set-cookie"), CLEARED, "{body}");
    }
    let twice = "__Host-refresh_token=a; __Host-refresh_token=b";
    let request =
        world.service.request(Method::POST, "/logout").header("origin", ORIGIN).header("cookie", twice);
    let answer = world.service.send(request.json(&json!({})), Form::Nothing).await;
    assert_eq!(answer.assert_error("invalid_request").header("set-cookie"), CLEARED);
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let answer = post(&world, "/logout", &json!({}), origin, None).await;
        answer.assert_error("invalid_request").assert_description("refresh_token is missing.");
        assert_no_cookie(&answer.headers);
    }
    let refreshed = post(&world, "/refresh", &json!({}), Some(ORIGIN), None).await;
    refreshed.assert_error("invalid_request").assert_description("refresh_token is missing.");
    assert!(world.database.take_requests().is_empty());
}

#[tokio::test]
async fn an_access_token_beside_the_cookie_must_be_of_its_session() {
    let world = world().await;
    let (_, cookie) = signed_in(&world).await;
    let stranger = world.signed_in().await;
    let body = json!({ "access_token": stranger.tokens().access_token });
    post(&world, "/refresh", &body, Some(ORIGIN), Some(&cookie)).await.assert_error("invalid_grant");
    new_cookie(&world, &refresh(&world, &cookie).await);
}

#[tokio::test]
async fn g7_a_cookie_is_in_no_log_line_and_no_table() {
    let world = world().await;
    let (_, first) = signed_in(&world).await;
    let second = new_cookie(&world, &refresh(&world, &first).await);
    post(&world, "/refresh", &json!({}), None, Some(&second)).await.assert_error("invalid_request");
    let tokens = [first.into_bytes(), second.into_bytes()];
    assert!(!log::lines_with("rotated").is_empty());
    secrets::assert_absent(&tokens, &log::lines_with("").concat(), "the log");
    secrets::assert_absent(&tokens, &format!("{:?}", world.database.rows(SESSIONS).await), "the table");
}
