use std::sync::LazyLock;

use super::super::AllowedOrigin;
use super::*;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
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

/// Returns a request of a client that is not a browser: no origin, no cookies.
static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
static ANY_ORIGIN: LazyLock<AllowedOrigin> = LazyLock::new(|| AllowedOrigin::parse("*").unwrap());

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
fn a_form_is_utf_8_with_each_parameter_once_and_none_without_a_value() {
    let form = |body: &[u8]| Fields::read_form(&post(Some("application/x-www-form-urlencoded"), body));
    assert_eq!(refusal(form(b"token=\xff")), "400 invalid_request: The body is not UTF-8.");
    let fields = form(b"a=1+2%26&b=&c&d=1&d=1&%65=%ff").ok().unwrap();
    assert_eq!(fields.optional("a"), Ok(Some("1 2&")));
    for absent in ["b", "c", "f"] {
        assert_eq!(fields.optional(absent), Ok(None));
    }
    assert_eq!(fields.optional("d"), Err(InvalidRequest::Repeated("d").into()));
    assert_eq!(fields.optional("e"), Ok(Some("\u{fffd}")));
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
    for body in ["[]", "null", "1", "\"text\"", "true"] {
        check(body.as_bytes(), "400 invalid_request: The body must be a JSON object.");
    }
    check("[".repeat(10_000).as_bytes(), "400 invalid_request: The body must be a JSON object.");
    check(
        format!("{{\"x\":{}", "[".repeat(10_000)).as_bytes(),
        "400 invalid_request: The body is not valid JSON (line 1, column 132).",
    );
}

#[test]
fn another_charset_than_utf_8_is_refused_and_so_are_its_bytes() {
    for good in ["; charset=utf-8", ";charset=\"UTF-8\"", "; x=y; Charset=utf8", ";", "; charsets=latin1"] {
        let declared = format!("application/json{good}");
        assert!(Fields::read(&post(Some(&declared), b"{}")).is_ok(), "{declared}");
    }
    for bad in [
        "; charset=iso-8859-1",
        ";charset=utf-16",
        "; charset=",
        "; charset",
        "; charset=utf-8; charset=latin1",
    ] {
        let declared = format!("application/json{bad}");
        assert_eq!(
            refusal(Fields::read(&post(Some(&declared), b"{}"))),
            "415 unsupported_media_type: The charset of the Content-Type must be UTF-8.",
            "{declared}"
        );
    }
    // As Latin-1, as truncated UTF-8, in the name of a member and in a member that is not read.
    for body in [
        &b"\xff"[..],
        b"{\"password\":\"p\xe9\"}",
        b"{\"name\":\"\xc3\"}",
        b"{\"\xe9\":1}",
        b"{\"x\":\"\xe9\"}",
    ] {
        let refused = refusal(Fields::read(&post(Some("application/json"), body)));
        assert_eq!(refused, "400 invalid_request: The body is not UTF-8.", "{body:?}");
    }
}

#[test]
fn text_that_a_gateway_has_damaged_is_refused_where_it_names_somebody() {
    let refused = |field: &str| {
        format!(
            "400 invalid_request: {field} must not contain U+FFFD, which stands for text that was not UTF-8."
        )
    };
    let good = json!({ "email": "ada@example.com", "password": "hunter 22 nets", "name": "Ada" });
    for field in ["email", "password", "name"] {
        let mut body = good.clone();
        body[field] = format!("\u{fffd}{}", good[field].as_str().unwrap()).into();
        assert_eq!(refusal(Register::read(&fields(&body), native(), RULES)), refused(field));
        if field != "name" {
            assert_eq!(refusal(Login::read(&fields(&body), native())), refused(field));
        }
    }
    let email = Email::parse("ada@example.com").unwrap();
    for field in ["current_password", "new_password"] {
        let mut body = json!({ "current_password": "hunter 22 nets", "new_password": "hunter 23 nets" });
        body[field] = "hunter \u{fffd} nets".into();
        let change = ChangePassword::read(
            &fields(&body),
            native(),
            RULES,
            (&email, "Ada"),
            AuthenticationMethods::PASSWORD,
        )
        .map(drop);
        assert_eq!(refusal(change), refused(field));
    }
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
        "password is too easy to guess: it is one of the ten most common passwords. Add another word or two";
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
