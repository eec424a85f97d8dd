//! How a refresh token travels: in bodies, or in a cookie that scripts can't read.
//!
//! What always holds: a token that came in a cookie leaves in a cookie, never in a body. A cookie travels with every
//! request that a browser makes, whoever caused it, so it counts only beside the exact `Origin` that the deployment
//! allows, and every body is JSON, which no page of another origin can send without being asked first (CORS).

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, ORIGIN};
use http::{HeaderMap, HeaderValue};

use super::{ApiError, InvalidRequest};
use crate::refresh_token::RefreshTokenText;

/// Name of the cookie. The prefix makes browsers refuse it unless it is `Secure`, has the path `/` and names no domain,
/// so that no other host of the site can plant one (RFC 6265bis section 4.1.3.2).
pub const REFRESH_TOKEN_COOKIE: &str = "__Host-refresh_token";

/// How a refresh token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In JSON bodies, both ways.
    Body,
    /// In the cookie, both ways.
    Cookie,
}

/// What a browser adds to a request by itself: its origin and its cookies.
#[derive(Clone, Copy, Debug)]
pub struct BrowserContext<'a> {
    headers: &'a HeaderMap,
    allowed_origin: &'a HeaderValue,
}

impl Transport {
    /// The name of the field with which a sign-in asks for one of them.
    pub(super) const FIELD: &'static str = "refresh_transport";

    /// What a sign-in asks for in the field [`Self::FIELD`], `body` if it does not.
    pub(super) fn requested(field: Option<&str>, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        match field {
            None | Some("body") => Ok(Self::Body),
            Some("cookie") => browser.check_origin().map(|()| Self::Cookie),
            Some(_) => Err(InvalidRequest::refused(Self::FIELD, r#"must be "body" or "cookie""#)),
        }
    }

    /// The refresh token that a request presents. One in the body counts alone.
    pub(super) fn presented<'a>(
        in_body: Option<&'a str>,
        browser: BrowserContext<'a>,
    ) -> Result<(&'a str, Self), ApiError> {
        match in_body {
            Some(text) => Ok((text, Self::Body)),
            None => match browser.cookie()? {
                Some(text) => browser.check_origin().map(|()| (text, Self::Cookie)),
                None => Err(InvalidRequest::Missing("refresh_token").into()),
            },
        }
    }
}

impl<'a> BrowserContext<'a> {
    /// Of a request with these headers, to a deployment that allows this origin.
    pub(super) fn new(headers: &'a HeaderMap, allowed_origin: &'a HeaderValue) -> Self {
        Self { headers, allowed_origin }
    }

    fn check_origin(self) -> Result<(), ApiError> {
        let refused = |problem| Err(InvalidRequest::refused("Origin", problem));
        if self.allowed_origin == "*" {
            return refused("can't be trusted with a cookie while ALLOWED_ORIGIN is *");
        }
        let mut origins = self.headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) if origin == self.allowed_origin => Ok(()),
            _ => refused("must be the allowed one where the refresh token is in a cookie"),
        }
    }

    fn cookie(self) -> Result<Option<&'a str>, ApiError> {
        let lines = self.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let mut ours = lines.flat_map(|line| line.split(|byte| *byte == b';')).filter_map(refresh_token_of);
        match (ours.next(), ours.next()) {
            (_, Some(_)) => {
                Err(InvalidRequest::refused("Cookie", "must have the refresh token once, not twice"))
            }
            // What is no text is no refresh token either.
            (first, None) => Ok(first.map(|value| str::from_utf8(value).unwrap_or_default())),
        }
    }
}

/// The value of a cookie with the name of ours. Read as bytes, as servers do (RFC 6265bis section 5.6): a neighbour's
/// cookie may hold anything.
fn refresh_token_of(pair: &[u8]) -> Option<&[u8]> {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    let (name, value) = (parts.next()?, parts.next()?);
    (trimmed(name) == REFRESH_TOKEN_COOKIE.as_bytes()).then(|| trimmed(value))
}

/// Without spaces and tabs around it.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let from = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let to = bytes.iter().rposition(is_text).map_or(from, |last| last + 1);
    bytes.get(from..to).unwrap_or_default()
}

/// The `Set-Cookie` that keeps a refresh token for `max_age` seconds.
pub(super) fn set_cookie(token: &RefreshTokenText, max_age: i64) -> String {
    with_attributes(token.expose(), max_age)
}

/// The `Set-Cookie` that forgets it.
pub(super) fn clear_cookie() -> String {
    with_attributes("", 0)
}

fn with_attributes(value: &str, max_age: i64) -> String {
    let cookie = Cookie::build((REFRESH_TOKEN_COOKIE, value)).secure(true).http_only(true);
    let cookie = cookie.same_site(SameSite::Strict).path("/").max_age(Duration::seconds(max_age));
    cookie.to_string()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::super::Fields;
    use super::*;

    const ORIGIN_ALLOWED: HeaderValue = HeaderValue::from_static("https://app.example.com");

    fn fields(body: &str) -> Fields {
        let request = Request::post("/").header("content-type", "application/json").body(body.to_owned());
        Fields::read(&request.unwrap()).unwrap()
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |value: &str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
        lines.iter().map(|(name, value)| (name.parse().unwrap(), line(value))).collect()
    }

    /// What a refresh with this body and these headers presents, or what is wrong with it.
    fn presented(body: &str, lines: &[(&'static str, &str)]) -> Result<(String, Transport), String> {
        let (fields, headers) = (fields(body), headers(lines));
        let allowed = ORIGIN_ALLOWED;
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
        assert_eq!(BrowserContext::new(&headers, &ORIGIN_ALLOWED).cookie(), Ok(Some("")));
    }

    #[test]
    fn a_sign_in_may_ask_for_a_cookie_only_where_one_origin_is_allowed() {
        let any = HeaderValue::from_static("*");
        let headers = headers(&[OURS]);
        let requested = |field: Option<&str>, allowed: &HeaderValue| {
            Transport::requested(field, BrowserContext::new(&headers, allowed))
        };
        assert_eq!(requested(None, &any), Ok(Transport::Body));
        assert_eq!(requested(Some("body"), &any), Ok(Transport::Body));
        assert_eq!(requested(Some("cookie"), &ORIGIN_ALLOWED), Ok(Transport::Cookie));
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
        assert_eq!(
            clear_cookie(),
            "__Host-refresh_token=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0"
        );
    }
}
