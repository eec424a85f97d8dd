//! Text: what is not UTF-8, what a gateway has damaged, and names that nobody can see.

use http::Method;
use serde_json::json;
use tests::{Answer, Browser, Form, Service, World};

async fn post(service: &Service, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
    let request = service.request(Method::POST, path).header("content-type", content_type).body(body);
    service.send(request, Form::Tokens).await
}

/// A registration with this password, as a client sends it that encodes in Latin-1.
fn in_latin_1(email: &str, password: &str) -> Vec<u8> {
    let body = json!({ "email": email, "password": password, "name": "Ada" }).to_string();
    body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test]
async fn two_passwords_that_a_gateway_would_make_one_are_both_refused() {
    // Our own: `sam local start-api` passes on no such body.
    let service = World::start().await.service;
    let email = Browser::at(&service).email;
    for password in ["caf\u{e9} nanoseconds of wire", "caf\u{e8} nanoseconds of wire"] {
        for path in ["/register", "/login"] {
            let answer = post(&service, path, "application/json", in_latin_1(&email, password)).await;
            answer.assert_error("invalid_request").assert_description(
                "password must not contain U+FFFD, which stands for text that was not UTF-8.",
            );
        }
    }
}

#[tokio::test]
async fn a_body_declared_in_another_charset_is_refused() {
    let service = Service::any().await;
    for path in ["/register", "/login", "/refresh", "/logout"] {
        for charset in ["iso-8859-1", "utf-16", "\"windows-1252\""] {
            let declared = format!("application/json; charset={charset}");
            let answer = post(&service, path, &declared, b"{}".to_vec()).await;
            answer.assert_error("unsupported_media_type");
            answer.assert_description("The charset of the Content-Type must be UTF-8.");
        }
        for charset in ["utf-8", "UTF-8", "\"utf-8\""] {
            let declared = format!("application/json; charset={charset}");
            post(&service, path, &declared, b"{}".to_vec()).await.assert_error("invalid_request");
        }
    }
}

#[tokio::test]
async fn a_name_that_nobody_can_see_is_refused() {
    let browser = Browser::at(&Service::any().await);
    let unseen = ["\u{200b}", "\u{3164}", "\u{feff}", "\u{ad}\u{ad}", "\u{2800}", "Ada\u{202e}ecalevoL"];
    for name in unseen {
        let body = json!({ "email": browser.email, "password": browser.password, "name": name });
        let answer = browser.service.post("/register", &body, Form::Tokens).await;
        answer.assert_error("invalid_request");
        answer.assert_description("name must not contain invisible characters.");
    }
    let persian = "\u{646}\u{6cc}\u{6a9}\u{200c}\u{627}\u{646}\u{62f}\u{6cc}\u{634}";
    let body = json!({ "email": browser.email, "password": browser.password, "name": persian });
    browser.service.post("/register", &body, Form::NewTokens).await.assert_ok();
}
