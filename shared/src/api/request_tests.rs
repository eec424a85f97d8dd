use std::sync::LazyLock;

use super::*;
use http::HeaderValue;
use serde_json::json;

fn post(content_type: Option<&str>, body: &[u8]) -> Request<Vec<u8>> {
    let mut request = Request::new(body.to_vec());
    if let Some(value) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, value.parse().unwrap());
    }
    request
}

fn fields(body: &Value) -> Fields {
    Fields::read(&post(Some("application/json"), body.to_string().as_bytes())).ok().unwrap()
}

/// Of a client that is no browser: neither origin nor cookies.
static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
static ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

fn native() -> BrowserContext<'static> {
    BrowserContext::new(&NO_HEADERS, &ANY_ORIGIN)
}

const RULES: Rules = Rules { min_length: 8, min_score: 2 };

fn refusal<T>(result: Result<T, ApiError>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{} {}: {error}", error.status().as_u16(), error.code()),
    }
}

#[test]
fn only_declared_json_is_read() {
    for good in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert!(Fields::read(&post(Some(good), b"{}")).is_ok(), "{good}");
    }
    for bad in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/jsonp"),
        Some("multipart/form-data; x=application/json"),
    ] {
        assert_eq!(
            refusal(Fields::read(&post(bad, b"{}"))),
            "415 unsupported_media_type: The Content-Type must be application/json.",
            "{bad:?}"
        );
    }
}

#[test]
fn a_body_above_16_kib_is_refused_before_it_is_parsed() {
    let json = Some("application/json");
    let at_the_limit = format!("{{\"x\":\"{}\"}}", "a".repeat(MAX_BODY_BYTES - 8));
    assert_eq!(at_the_limit.len(), MAX_BODY_BYTES);
    assert!(Fields::read(&post(json, at_the_limit.as_bytes())).is_ok());
    assert_eq!(
        refusal(Fields::read(&post(json, &[b'{'; MAX_BODY_BYTES + 1]))),
        "413 payload_too_large: The body must be at most 16384 bytes long."
    );
}

#[test]
fn what_is_no_json_object_is_refused_with_its_place() {
    let check = |body: &[u8], expected: &str| {
        assert_eq!(refusal(Fields::read(&post(Some("application/json"), body))), expected);
    };
    check(b"", "400 invalid_request: The body is not valid JSON (line 1, column 0).");
    check(b"{\n\"a\":}", "400 invalid_request: The body is not valid JSON (line 2, column 5).");
    check(b"{} trailing", "400 invalid_request: The body is not valid JSON (line 1, column 4).");
    check(b"\xff", "400 invalid_request: The body is not valid JSON (line 1, column 1).");
    for body in ["[]", "null", "1", "\"text\"", "true"] {
        check(body.as_bytes(), "400 invalid_request: The body must be a JSON object.");
    }
    check(
        "[".repeat(10_000).as_bytes(),
        "400 invalid_request: The body is not valid JSON (line 1, column 128).",
    );
}

#[test]
fn missing_and_mistyped_fields_are_named_without_their_values() {
    let check = |body: Value, expected: &str| {
        assert_eq!(
            refusal(Register::read(&fields(&body), native(), RULES)),
            format!("400 invalid_request: {expected}")
        );
    };
    check(json!({}), "email is missing.");
    check(json!({ "email": null }), "email is missing.");
    check(json!({ "email": "ada@example.com" }), "password is missing.");
    check(json!({ "email": "ada@example.com", "password": 12345678 }), "password must be a string.");
    check(json!({ "email": "ada@example.com", "password": ["hunter22"] }), "password must be a string.");
    check(json!({ "email": "ada@example.com", "password": "hunter 22 nets" }), "name is missing.");
    check(json!({ "email": {}, "password": "hunter 22 nets", "name": "Ada" }), "email must be a string.");
}

#[test]
fn values_beyond_the_limits_are_refused_with_the_limit() {
    let check = |email: &str, password: &str, name: &str, expected: &str| {
        let body = json!({ "email": email, "password": password, "name": name });
        assert_eq!(refusal(Register::read(&fields(&body), native(), RULES)), expected);
    };
    let refused = |why: &str| format!("400 invalid_request: {why}.");
    check("ada@example.com", "hunter 22 nets", "Ada", "accepted");
    check("ada", "hunter 22 nets", "Ada", &refused("email must have the form name@domain"));
    check("ada@example.com", "short", "Ada", &refused("password must be at least 8 characters long"));
    check(
        "ada@example.com",
        &"x".repeat(129),
        "Ada",
        &refused("password must be at most 128 characters long"),
    );
    let common =
        "password is too easy to guess: it is one of the ten most common passwords; add another word or two";
    check("ada@example.com", "12345678", "Ada", &refused(common));
    check("ada@example.com", &"x".repeat(1025), "Ada", &refused("password must be at most 1024 bytes long"));
    check("ada@example.com", "hunter 22 nets", " ", &refused("name must not be empty"));
    check(
        "ada@example.com",
        "hunter 22 nets",
        "A\u{7}",
        &refused("name must not contain control characters"),
    );
    check(
        "ada@example.com",
        "hunter 22 nets",
        &"x".repeat(257),
        &refused("name must be at most 256 bytes long"),
    );
    check("ada@example.com", "hunter 22 nets", &"x".repeat(256), "accepted");
}

#[test]
fn a_login_takes_any_password_that_can_be_hashed() {
    let login = |password: &str| {
        refusal(Login::read(&fields(&json!({ "email": "ada@example.com", "password": password })), native()))
    };
    assert_eq!(login(""), "accepted");
    assert_eq!(login(&"x".repeat(1024)), "accepted");
    assert_eq!(login(&"x".repeat(1025)), "400 invalid_request: password must be at most 1024 bytes long.");
}

#[test]
fn the_device_token_of_a_login_may_be_left_out_or_be_anything() {
    let login = |device_token: Value| {
        fields(&json!({ "email": "ada@example.com", "password": "x", "device_token": device_token }))
    };
    assert_eq!(Login::read(&login(json!(null)), native()).ok().unwrap().device_token, None);
    assert_eq!(Login::read(&login(json!("no token")), native()).ok().unwrap().device_token, Some("no token"));
    assert_eq!(
        refusal(Login::read(&login(json!(1)), native())),
        "400 invalid_request: device_token must be a string."
    );
}

#[test]
fn the_access_token_of_a_refresh_may_be_left_out() {
    let alone = fields(&json!({ "refresh_token": "r" }));
    assert_eq!(Refresh::read(&alone, native()).ok().unwrap().access_token, None);
    let both = fields(&json!({ "refresh_token": "r", "access_token": "a", "unknown": 1 }));
    assert_eq!(Refresh::read(&both, native()).ok().unwrap().access_token, Some("a"));
    let mistyped = fields(&json!({ "refresh_token": "r", "access_token": 1 }));
    assert_eq!(
        refusal(Refresh::read(&mistyped, native())),
        "400 invalid_request: access_token must be a string."
    );
    assert_eq!(
        refusal(Logout::read(&fields(&json!({})), native())),
        "400 invalid_request: refresh_token is missing."
    );
}
