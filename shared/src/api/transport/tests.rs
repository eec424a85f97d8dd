use http::Request;

use super::super::Fields;
use super::*;

fn allowed_origin() -> AllowedOrigin {
    AllowedOrigin::parse("https://app.example.com").unwrap()
}

fn fields(body: &str) -> Fields {
    let request = Request::post("/").header("content-type", "application/json").body(body.to_owned());
    Fields::read(&request.unwrap()).unwrap()
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |value: &str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
    lines.iter().map(|(name, value)| (name.parse().unwrap(), line(value))).collect()
}

/// Returns what a refresh with this body and these headers presents, or its error.
fn presented(body: &str, lines: &[(&'static str, &str)]) -> Result<(String, Transport), String> {
    let (fields, headers) = (fields(body), headers(lines));
    let allowed = allowed_origin();
    let presented = fields
        .optional("refresh_token")
        .and_then(|text| Transport::presented(text, BrowserContext::new(&headers, &allowed)));
    presented.map(|(text, transport)| (text.to_owned(), transport)).map_err(|error| error.to_string())
}

const OURS: (&str, &str) = ("origin", "https://app.example.com");
const COOKIE_LINE: (&str, &str) = ("cookie", "theme=dark; __Host-refresh_token=abc; last=1");

#[test]
fn a_cookie_counts_beside_the_allowed_origin() {
    assert_eq!(presented("{}", &[OURS, COOKIE_LINE]), Ok(("abc".to_owned(), Transport::Cookie)));
    let in_two_lines = [OURS, ("cookie", "theme=dark"), ("cookie", "__Host-refresh_token=abc")];
    assert_eq!(presented("{}", &in_two_lines), Ok(("abc".to_owned(), Transport::Cookie)));
}

#[test]
fn a_cookie_beside_another_origin_or_none_is_refused() {
    let long = "Origin must be the allowed one where the refresh token is in a cookie.";
    for origin in [
        "null",
        "*",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://APP.example.com",
        "https://app.example.com:443",
    ] {
        assert_eq!(presented("{}", &[("origin", origin), COOKIE_LINE]), Err(long.to_owned()), "{origin}");
    }
    assert_eq!(presented("{}", &[COOKIE_LINE]), Err(long.to_owned()));
    assert_eq!(presented("{}", &[OURS, OURS, COOKIE_LINE]), Err(long.to_owned()));
}

#[test]
fn a_token_in_the_body_counts_alone() {
    let body = r#"{"refresh_token":"xyz"}"#;
    assert_eq!(presented(body, &[COOKIE_LINE]), Ok(("xyz".to_owned(), Transport::Body)));
}

#[test]
fn without_either_the_field_is_missing() {
    for lines in [&[OURS][..], &[OURS, ("cookie", "refresh_token=abc; __host-refresh_token=abc")]] {
        assert_eq!(presented("{}", lines), Err("refresh_token is missing.".to_owned()));
    }
}

#[test]
fn a_second_cookie_of_the_name_is_refused_not_chosen() {
    let (abc, def) = (("cookie", "__Host-refresh_token=abc"), ("cookie", "__Host-refresh_token=def"));
    let twice = ("cookie", "__Host-refresh_token=abc; __Host-refresh_token=def");
    for lines in [&[OURS, twice][..], &[OURS, abc, def], &[OURS, def, abc], &[OURS, abc, abc]] {
        let refused = presented("{}", lines);
        assert_eq!(refused, Err("Cookie must have the refresh token once, not twice.".to_owned()));
    }
}

#[test]
fn a_neighbours_cookie_of_any_bytes_hides_nothing() {
    for line in [
        "name=Zo\u{eb}; __Host-refresh_token=abc",
        "__Host-refresh_token=abc; \u{1f36a}",
        ";;=;a;\t__Host-refresh_token\t=\t abc ;b=c=d",
    ] {
        let presented = presented("{}", &[OURS, ("cookie", line)]);
        assert_eq!(presented, Ok(("abc".to_owned(), Transport::Cookie)), "{line}");
    }
}

#[test]
fn a_name_is_compared_exactly_and_only_spaces_and_tabs_are_trimmed() {
    for line in [
        "__host-refresh_token=abc",
        "__Host-refresh_token",
        "x__Host-refresh_token=abc",
        "__Host-refresh_token\u{a0}=abc",
        "\"__Host-refresh_token\"=abc",
    ] {
        let presented = presented("{}", &[OURS, ("cookie", line)]);
        assert_eq!(presented, Err("refresh_token is missing.".to_owned()), "{line}");
    }
    let quoted = presented("{}", &[OURS, ("cookie", "__Host-refresh_token=\"abc\"=")]);
    assert_eq!(quoted, Ok(("\"abc\"=".to_owned(), Transport::Cookie)), "no token, and no other one");
    let headers: HeaderMap =
        [(COOKIE, HeaderValue::from_bytes(b"__Host-refresh_token=\xff").unwrap())].into_iter().collect();
    assert_eq!(BrowserContext::new(&headers, &allowed_origin()).cookie(), Ok(Some("")));
}

#[test]
fn a_sign_in_may_ask_for_a_cookie_only_where_one_origin_is_allowed() {
    let any = AllowedOrigin::parse("*").unwrap();
    let headers = headers(&[OURS]);
    let requested = |field: Option<&str>, allowed: &AllowedOrigin| {
        Transport::requested(field, BrowserContext::new(&headers, allowed))
    };
    assert_eq!(requested(None, &any), Ok(Transport::Body));
    assert_eq!(requested(Some("body"), &any), Ok(Transport::Body));
    assert_eq!(requested(Some("cookie"), &allowed_origin()), Ok(Transport::Cookie));
    let refused = requested(Some("cookie"), &any).unwrap_err().to_string();
    assert_eq!(refused, "Origin can't be trusted with a cookie while ALLOWED_ORIGIN is *.");
    let refused = requested(Some("Cookie"), &any).unwrap_err().to_string();
    assert_eq!(refused, r#"refresh_transport must be "body" or "cookie"."#);
}

#[test]
fn the_cookie_is_kept_by_this_host_alone_and_from_scripts() {
    assert_eq!(
        with_attributes("abc", 60),
        "__Host-refresh_token=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
    );
    assert_eq!(clear_cookie(), "__Host-refresh_token=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0");
}

/// Returns what a sign-out with this body and these headers presents.

#[test]
fn a_page_is_of_the_allowed_origin_if_it_says_so_once() {
    let is_allowed = |lines: &[(&'static str, &str)]| {
        let (headers, allowed) = (headers(lines), allowed_origin());
        BrowserContext::new(&headers, &allowed).is_of_allowed_origin()
    };
    assert!(is_allowed(&[OURS]) && is_allowed(&[OURS, COOKIE_LINE]));
    for lines in [&[][..], &[("origin", "https://evil.example")], &[OURS, OURS], &[COOKIE_LINE]] {
        assert!(!is_allowed(lines), "{lines:?}");
    }
}
