//! How the forms are read.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::json;
use tests::{Answer, Browser, Form, Service, World};

const FORM: &str = "application/x-www-form-urlencoded";
/// The routes that take a form.
const ROUTES: [&str; 2] = ["/oauth2/token", "/oauth2/revoke"];

async fn send(
    service: &Service,
    path: &str,
    content_types: &[&str],
    body: impl Into<reqwest::Body>,
) -> Answer {
    let mut request = service.request(Method::POST, path);
    for content_type in content_types {
        request = request.header(CONTENT_TYPE, *content_type);
    }
    service.send(request.body(body), Form::Tokens).await
}

#[tokio::test]
async fn only_a_declared_form_is_read() {
    let mut browser = Browser::signed_in().await;
    let body = |browser: &Browser| {
        let token = &browser.tokens().refresh_token;
        format!("grant_type=refresh_token&token={token}&refresh_token={token}")
    };
    for path in ROUTES {
        for declared in [
            &[][..],
            &["application/json"],
            &["text/plain"],
            &["multipart/form-data; boundary=x"],
            &["application/x-www-form-urlencoded; charset=iso-8859-1"],
        ] {
            let answer = send(&browser.service, path, declared, body(&browser)).await;
            answer.assert_error("invalid_request");
            answer
                .assert_description("The Content-Type must be application/x-www-form-urlencoded, in UTF-8.");
        }
        let json = json!({ "grant_type": "refresh_token", "refresh_token": "x", "token": "x" });
        let answer = browser.service.post(path, &json, Form::Tokens).await;
        answer.assert_error("invalid_request");
    }
    for declared in [
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded; charset=utf-8",
        "Application/X-WWW-Form-URLEncoded",
    ] {
        let answer = send(&browser.service, ROUTES[0], &[declared], body(&browser)).await;
        answer.assert_ok();
        let newest = answer.tokens().refresh_token;
        browser.service.keep_secret(&newest);
        browser = browser.with_refresh_token(&newest);
    }
}

#[tokio::test]
async fn a_form_that_is_declared_twice_is_not_read() {
    let world = World::start().await;
    let token = world.signed_in().await.tokens().refresh_token.clone();
    for path in ROUTES {
        let body = format!("grant_type=refresh_token&token={token}&refresh_token={token}");
        let answer = send(&world.service, path, &[FORM, FORM], body).await;
        answer.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused_and_an_unknown_one_passed_over() {
    let mut browser = Browser::signed_in().await;
    let token = browser.tokens().refresh_token.clone();
    let (grant, refresh) = (("grant_type", "refresh_token"), ("refresh_token", token.as_str()));
    for repeated in [grant, refresh, ("client_id", "ratchet"), ("access_token", ""), ("retry_key", "x")] {
        let parameters = [grant, refresh, repeated, repeated];
        let answer = browser.service.post_form(ROUTES[0], &parameters, Form::Tokens).await;
        let expected = format!("{} must be there once only.", repeated.0);
        answer.assert_error("invalid_request").assert_description(&expected);
    }
    for repeated in [("token", token.as_str()), ("client_id", "ratchet")] {
        let parameters = [("token", token.as_str()), repeated, repeated];
        let answer = browser.service.post_form(ROUTES[1], &parameters, Form::Empty).await;
        let expected = format!("{} must be there once only.", repeated.0);
        answer.assert_error("invalid_request").assert_description(&expected);
    }
    // RFC 8707 has clients repeat this one.
    let resource = ("resource", "https://api.example.com");
    let unknown = [grant, refresh, resource, resource, ("scope", "a b"), ("client_secret", "x")];
    let answer = browser.service.post_form(ROUTES[0], &unknown, Form::Tokens).await;
    answer.assert_ok();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn what_is_no_form_or_too_long_is_refused_without_being_repeated() {
    let browser = Browser::signed_in().await;
    for path in ROUTES {
        for body in [&b""[..], b"&&&", b"=", b"%", b"token", b"\0"] {
            let answer = send(&browser.service, path, &[FORM], body.to_vec()).await;
            answer.assert_error("invalid_request");
        }
        let answer = send(&browser.service, path, &[FORM], vec![b'a'; 16 * 1024 + 1]).await;
        answer.assert_error("payload_too_large");
    }
    let bad =
        send(&browser.service, ROUTES[0], &[FORM], "grant_type=refresh_token&refresh_token=%ff%00").await;
    bad.assert_error("invalid_grant");
}
