//! Requests that are wrong in themselves: every error of the contract that a body, a header or a path can cause.

use http::Method;
use serde_json::{Value, json};
use tests::{Answer, Browser, Form, Service, World, log};

const POSTS: [&str; 4] = ["/register", "/login", "/refresh", "/logout"];

async fn send(
    service: &Service,
    path: &str,
    content_type: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let mut request = service.request(Method::POST, path).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    service.send(request, Form::Tokens).await
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_with_the_place() {
    let service = Service::any().await;
    for (body, description) in [
        ("", "The body is not valid JSON (line 1, column 0)."),
        ("{", "The body is not valid JSON (line 1, column 1)."),
        ("{\n  \"email\": }", "The body is not valid JSON (line 2, column 12)."),
        ("{'email': 1}", "The body is not valid JSON (line 1, column 2)."),
        ("email=a&password=b", "The body is not valid JSON (line 1, column 1)."),
        ("{} {}", "The body is not valid JSON (line 1, column 4)."),
        ("null", "The body must be a JSON object."),
        ("true", "The body must be a JSON object."),
        ("7", "The body must be a JSON object."),
        ("\"text\"", "The body must be a JSON object."),
        ("[{}]", "The body must be a JSON object."),
    ] {
        for path in POSTS {
            let answer = send(&service, path, Some("application/json"), body).await;
            answer.assert_error("invalid_request").assert_description(description);
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_and_json_that_is_too_deep_are_refused() {
    let service = Service::any().await;
    let deep = "[".repeat(10_000).into_bytes();
    for body in [vec![0xff, 0xfe], b"{\"refresh_token\": \"\xff\"".to_vec(), vec![0; 100], deep] {
        for path in POSTS {
            send(&service, path, Some("application/json"), body.clone())
                .await
                .assert_error("invalid_request");
        }
    }
}

#[tokio::test]
async fn a_second_content_type_is_refused_whatever_the_two_say() {
    // Our own: `sam local start-api` passes on one of the two alone.
    let service = World::start().await.service;
    let json = "application/json";
    for path in POSTS {
        for (first, second) in [(json, json), (json, "text/plain"), ("text/plain", json), ("", json)] {
            let request = service.request(Method::POST, path).body("{}");
            let request = request.header("content-type", first).header("content-type", second);
            let answer = service.send(request, Form::Tokens).await;
            answer.assert_error("unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let service = Service::any().await;
    for path in POSTS {
        for declared in [
            None,
            Some(""),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
            Some("text/plain, application/json"),
        ] {
            let answer = send(&service, path, declared, "{}").await;
            answer.assert_error("unsupported_media_type");
            answer.assert_description("The Content-Type must be application/json.");
        }
        for declared in ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"] {
            send(&service, path, Some(declared), "{}").await.assert_error("invalid_request");
        }
    }
}

#[tokio::test]
async fn a_large_body_is_refused_by_the_function_and_a_huge_one_by_the_gateway() {
    let service = Service::any().await;
    let of_size = |bytes: usize| format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes - 8));
    for path in POSTS {
        let largest = send(&service, path, Some("application/json"), of_size(16 * 1024)).await;
        largest.assert_error("invalid_request");
        for bytes in [16 * 1024 + 1, 2 * 1024 * 1024] {
            let answer = send(&service, path, Some("application/json"), of_size(bytes)).await;
            answer.assert_error("payload_too_large");
            answer.assert_description("The body must be at most 16384 bytes long.");
        }
    }
    let answer = send(&service, "/login", Some("application/json"), of_size(10 * 1024 * 1024 + 1)).await;
    answer.assert_error("payload_too_large").assert_description("The body must be at most 16384 bytes long.");
}

async fn check_field(service: &Service, path: &str, body: Value, description: &str) {
    let answer = service.post(path, &body, Form::Tokens).await;
    answer.assert_error("invalid_request").assert_description(description);
}

/// A good body of each route, of the fields that it needs.
fn good_bodies() -> [(&'static str, Value); 4] {
    let token = "A".repeat(86);
    [
        ("/register", json!({ "email": "a@example.com", "password": "long enough", "name": "Ada" })),
        ("/login", json!({ "email": "a@example.com", "password": "long enough" })),
        ("/refresh", json!({ "refresh_token": token })),
        ("/logout", json!({ "refresh_token": token })),
    ]
}

#[tokio::test]
async fn a_field_that_is_missing_or_of_another_type_is_named() {
    let service = Service::any().await;
    for (path, good) in good_bodies() {
        for field in good.as_object().unwrap().keys() {
            let with = |value: Value| {
                let mut body = good.clone();
                body[field] = value;
                body
            };
            let mut without = good.clone();
            without.as_object_mut().unwrap().remove(field);
            check_field(&service, path, without, &format!("{field} is missing.")).await;
            check_field(&service, path, with(json!(null)), &format!("{field} is missing.")).await;
            for mistyped in [json!(1), json!(true), json!(["a"]), json!({ "a": 1 }), json!(1.5)] {
                check_field(&service, path, with(mistyped), &format!("{field} must be a string.")).await;
            }
        }
    }
    let body = json!({ "refresh_token": "x", "access_token": 1 });
    check_field(&service, "/refresh", body, "access_token must be a string.").await;
}

#[tokio::test]
async fn a_value_that_was_refused_is_not_repeated() {
    let service = Service::any().await;
    for password in [json!(93_817_264_503_i64), json!(["93817264503"]), json!({ "93817264503": 1 })] {
        let body = json!({ "email": "a@example.com", "password": password, "name": "Ada" });
        for path in ["/register", "/login"] {
            let answer = service.post(path, &body, Form::Tokens).await;
            answer.assert_error("invalid_request").assert_description("password must be a string.");
            assert!(!answer.whole().contains("93817264503"), "{}", answer.whole());
        }
    }
    // People type passwords into email fields.
    let body = json!({ "email": "93817264503", "password": "x", "name": "x" });
    for path in ["/register", "/login"] {
        let answer = service.post(path, &body, Form::Tokens).await;
        answer.assert_error("invalid_request").assert_description("email must have the form name@domain.");
    }
}

#[tokio::test]
async fn a_value_beyond_its_limit_is_refused_with_the_limit() {
    let service = Service::any().await;
    let long_email = format!(
        "a@{}.com",
        ["b".repeat(50), "c".repeat(50), "d".repeat(50), "e".repeat(50), "f".repeat(50)].join(".")
    );
    let long_name = format!("{}@example.com", "a".repeat(65));
    for (field, value, description) in [
        ("email", long_email.as_str(), "email must be at most 254 bytes long."),
        ("email", "a b@example.com", "email must not contain white space, control or invisible characters."),
        ("email", "ada", "email must have the form name@domain."),
        ("email", &long_name, "email must have at most 64 bytes before the @."),
        ("email", "ada@-", "email must end in a valid domain name."),
        ("password", &"x".repeat(1025), "password must be at most 1024 bytes long."),
    ] {
        for (path, mut body) in good_bodies().into_iter().take(2) {
            body[field] = value.into();
            check_field(&service, path, body, description).await;
        }
    }
    let (path, good) = good_bodies()[0].clone();
    for (field, value, description) in [
        ("password", "7 signs", "password must be at least 8 characters long."),
        ("password", "e\u{301}\u{e9}5555\u{1f511}", "password must be at least 8 characters long."),
        ("password", &"x".repeat(129), "password must be at most 128 characters long."),
        (
            "password",
            "drowssap",
            "password is too easy to guess: it is like a common password. Add another word or two. A word backwards \
             helps little.",
        ),
        ("name", "", "name must not be empty."),
        ("name", " \u{a0}", "name must not be empty."),
        ("name", "Ada\nLovelace", "name must not contain control characters."),
        ("name", &"x".repeat(257), "name must be at most 256 bytes long."),
    ] {
        let mut body = good.clone();
        body[field] = value.into();
        check_field(&service, path, body, description).await;
    }
}

#[tokio::test]
async fn a_value_at_its_limit_is_taken() {
    let mut browser = Browser::at(&Service::any().await);
    let id = browser.email.split_once('@').unwrap().0.to_owned();
    let labels = ["b".repeat(63), "c".repeat(63), "d".repeat(57)].join(".");
    browser.email = format!("{id}{}@{labels}.com", "x".repeat(64 - id.len()));
    assert_eq!(browser.email.len(), 254);
    browser.password = format!("{id}{}", "\u{1f511}".repeat(128 - id.len()));
    let body = json!({ "email": browser.email, "password": browser.password, "name": "x".repeat(256) });
    browser.service.post("/register", &body, Form::NewTokens).await.assert_ok();
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn unknown_fields_are_passed_over() {
    let browser = Browser::signed_in().await;
    let body = json!({ "refresh_token": browser.tokens().refresh_token, "scope": ["a"], "": null });
    browser.service.post("/refresh", &body, Form::Tokens).await.assert_ok();
}

#[tokio::test]
async fn unknown_routes_and_methods_are_not_found() {
    let service = Service::any().await;
    for (method, path) in [
        (Method::GET, "/unknown"),
        (Method::POST, "/unknown"),
        (Method::GET, "/refresh"),
        (Method::PUT, "/login"),
        (Method::DELETE, "/register"),
        (Method::POST, "/weather"),
        (Method::POST, "/me"),
        (Method::PUT, "/me"),
        (Method::POST, "/me/data"),
        (Method::GET, "/password/reset"),
        (Method::GET, "/email/verify"),
        (Method::POST, "/sessions"),
        (Method::PUT, "/sessions"),
        (Method::GET, "/sessions/x"),
        (Method::POST, "/sessions/x"),
        (Method::DELETE, "/sessions/"),
        (Method::DELETE, "/sessions/x/y"),
        (Method::POST, "/login/"),
        (Method::POST, "/login/x"),
        (Method::POST, "/Login"),
        (Method::GET, "/.well-known/unknown"),
    ] {
        let answer = service.send(service.request(method.clone(), path), Form::Document).await;
        assert_eq!(answer.status, 404, "{method} {path}");
        answer.assert_error("not_found").assert_description("There is no such route.");
    }
}

/// The answer is that of an unknown route, as on AWS. The log of the local server says more.
#[tokio::test]
async fn the_log_of_the_local_server_names_the_right_method_for_a_wrong_one() {
    let service = World::start().await.service;
    for (method, path, right) in [
        (Method::GET, "/register", "POST /register"),
        (Method::PUT, "/me", "PATCH /me"),
        (Method::PUT, "/sessions/the-id", "DELETE /sessions/{id}"),
    ] {
        let answer = service.send(service.request(method.clone(), path), Form::Document).await;
        answer.assert_error("not_found");
        let lines = log::lines_with("the path has no such method");
        let asked = format!(r#""method":"{method}","path":"{path}""#);
        let line = lines.iter().find(|line| line.contains(&asked));
        let line = line.unwrap_or_else(|| panic!("{asked} in {lines:?}"));
        assert!(line.contains(r#""level":"WARN""#) && line.contains(right), "{line}");
    }
    service.send(service.request(Method::POST, "/no/such/path"), Form::Document).await;
    assert!(
        log::lines_with("/no/such/path").iter().all(|line| !line.contains("the path has no such method"))
    );
}

#[tokio::test]
async fn an_email_that_has_an_account_is_taken() {
    let mut browser = Browser::signed_in().await;
    let answer = browser.register().await;
    answer.assert_error("email_taken").assert_description("This email already has an account.");
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_longer_password_can_be_asked_for() {
    let world = World::with(&[("PASSWORD_MIN_LENGTH", "15")]).await;
    let body = json!({ "email": "a@example.com", "password": "x".repeat(14), "name": "Ada" });
    check_field(&world.service, "/register", body, "password must be at least 15 characters long.").await;
}
