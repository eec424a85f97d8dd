//! The transport of a refresh token: in bodies, or in a cookie that scripts cannot read.
//!
//! # Invariants
//! * A token that arrived in a cookie leaves in a cookie, never in a body.
//! * A cookie counts only with the exact `Origin` that the deployment allows: browsers add cookies to every
//!   request, whatever page caused it.
//! * Every body is JSON, which a page of another origin can't send without a preflight (CORS).

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, ORIGIN};
use http::{HeaderMap, HeaderValue};

use super::{AllowedOrigin, ApiError, InvalidRequest};
use crate::refresh_token::RefreshTokenText;

/// Name of the cookie. The prefix makes browsers refuse it unless it is `Secure`, has the path `/` and names no domain,
/// so that no other host of the site can plant one (RFC 6265bis section 4.1.3.2).
pub const REFRESH_TOKEN_COOKIE: &str = "__Host-refresh_token";

/// The transport of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In JSON bodies, both ways.
    Body,
    /// In the cookie, both ways.
    Cookie,
}

/// The headers that a browser adds to a request by itself: its origin and its cookies.
#[derive(Clone, Copy, Debug)]
pub struct BrowserContext<'a> {
    headers: &'a HeaderMap,
    allowed_origin: &'a AllowedOrigin,
}

impl Transport {
    /// The name of the field that selects the transport at a sign-in.
    pub(super) const FIELD: &'static str = "refresh_transport";

    /// Returns the transport that a sign-in selects in the field [`Self::FIELD`], by default `body`.
    pub(super) fn requested(field: Option<&str>, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        match field {
            None | Some("body") => Ok(Self::Body),
            Some("cookie") => browser.check_origin().map(|()| Self::Cookie),
            Some(_) => Err(InvalidRequest::refused(Self::FIELD, r#"must be "body" or "cookie""#)),
        }
    }

    /// Returns the refresh token of a request. One in the body takes precedence over the cookie.
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

impl Transport {}

impl<'a> BrowserContext<'a> {
    /// Reads these headers of a request. `allowed` is the allowed origin.
    pub(super) fn new(headers: &'a HeaderMap, allowed_origin: &'a AllowedOrigin) -> Self {
        Self { headers, allowed_origin }
    }

    /// Returns whether the request comes from a page of the allowed origin.
    #[must_use]
    pub fn is_of_allowed_origin(self) -> bool {
        self.check_origin().is_ok()
    }

    fn check_origin(self) -> Result<(), ApiError> {
        let refused = |problem| Err(InvalidRequest::refused("Origin", problem));
        if self.allowed_origin.is_any() {
            return refused("can't be trusted with a cookie while ALLOWED_ORIGIN is *");
        }
        let mut origins = self.headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) if origin == self.allowed_origin.as_header() => Ok(()),
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
            // A value that is not text is not a refresh token either.
            (first, None) => Ok(first.map(|value| str::from_utf8(value).unwrap_or_default())),
        }
    }
}

/// Returns the value of our cookie. It is read as bytes, as servers do (RFC 6265bis section 5.6): other
/// cookies may contain anything.
fn refresh_token_of(pair: &[u8]) -> Option<&[u8]> {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    let (name, value) = (parts.next()?, parts.next()?);
    (trimmed(name) == REFRESH_TOKEN_COOKIE.as_bytes()).then(|| trimmed(value))
}

/// Returns the text without surrounding spaces and tabs.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let from = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let to = bytes.iter().rposition(is_text).map_or(from, |last| last + 1);
    bytes.get(from..to).unwrap_or_default()
}

/// Returns the `Set-Cookie` that keeps a refresh token for `max_age` seconds.
pub(super) fn set_cookie(token: &RefreshTokenText, max_age: i64) -> String {
    with_attributes(token.expose(), max_age)
}

/// Returns the `Set-Cookie` that deletes it.
pub(super) fn clear_cookie() -> String {
    with_attributes("", 0)
}

fn with_attributes(value: &str, max_age: i64) -> String {
    let cookie = Cookie::build((REFRESH_TOKEN_COOKIE, value)).secure(true).http_only(true);
    let cookie = cookie.same_site(SameSite::Strict).path("/").max_age(Duration::seconds(max_age));
    cookie.to_string()
}

#[cfg(test)]
mod tests;
