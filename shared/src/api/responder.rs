//! Answers: status, headers and JSON body.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;

use super::transport::{clear_cookie, set_cookie};
use super::{AllowedOrigin, ApiError, BrowserContext, TokenResponse, Transport};
use crate::factor::FactorKinds;

const EXPOSED: HeaderValue = HeaderValue::from_static("Is-Token-Expired, WWW-Authenticate, Retry-After");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Makes answers that scripts of the allowed origin may read (CORS) and that are not cached unless stated.
#[derive(Clone, Debug)]
pub struct Responder {
    allowed_origin: AllowedOrigin,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    factors: Option<FactorKinds>,
}

impl Responder {
    /// Returns a responder for pages of this origin.
    #[must_use]
    pub fn new(allowed_origin: AllowedOrigin) -> Self {
        Self { allowed_origin }
    }

    /// Returns an answer with a JSON body that must not be cached (RFC 6749 section 5.1).
    pub fn json(&self, status: StatusCode, body: &impl Serialize) -> Response<String> {
        match serde_json::to_string(body) {
            Ok(text) => self.with(status, text, NO_STORE),
            Err(_) => self.error(&ApiError::Unavailable),
        }
    }

    /// Returns the tokens of a session, with the refresh token in a cookie if that is its transport.
    #[must_use]
    pub fn tokens(
        &self,
        status: StatusCode,
        tokens: TokenResponse,
        transport: Transport,
    ) -> Response<String> {
        self.tokens_with(status, tokens, transport, |tokens| tokens)
    }

    /// The same, in a body that has more: `body` makes it of the tokens.
    #[must_use]
    pub fn tokens_with<T: Serialize>(
        &self,
        status: StatusCode,
        mut tokens: TokenResponse,
        transport: Transport,
        body: impl FnOnce(TokenResponse) -> T,
    ) -> Response<String> {
        let in_cookie = match transport {
            Transport::Body => None,
            Transport::Cookie => tokens.refresh_token.take(),
        };
        let expires_in = tokens.refresh_expires_in;
        let mut response = self.json(status, &body(tokens));
        if let Some(token) = in_cookie {
            add_cookie(&mut response, &set_cookie(&token, expires_in));
        }
        response
    }

    /// Returns 204 for a session that has ended. It clears the cookie if the token came in one.
    #[must_use]
    pub fn signed_out(&self, transport: Transport) -> Response<String> {
        match transport {
            Transport::Body => self.no_content(),
            Transport::Cookie => self.clearing_cookie(self.no_content()),
        }
    }

    /// Returns the same answer, and always clears the cookie.
    #[must_use]
    pub fn clearing_cookie(&self, mut response: Response<String>) -> Response<String> {
        add_cookie(&mut response, &clear_cookie());
        response
    }

    /// Returns the credentials that a browser has added to a request with these headers.
    #[must_use]
    pub fn browser<'a>(&'a self, headers: &'a HeaderMap) -> BrowserContext<'a> {
        BrowserContext::new(headers, &self.allowed_origin)
    }

    /// Returns a JSON body that is the same for everybody and may be cached for `max_age` seconds.
    #[must_use]
    pub fn cacheable(&self, json: String, max_age: u32) -> Response<String> {
        let cache = HeaderValue::from_str(&format!("public, max-age={max_age}")).unwrap_or(NO_STORE);
        self.with(StatusCode::OK, json, cache)
    }

    /// Returns 202 without a body: if there is a recipient, a mail will be sent.
    #[must_use]
    pub fn accepted(&self) -> Response<String> {
        self.without_body(StatusCode::ACCEPTED)
    }

    /// Returns 204 without a body.
    #[must_use]
    pub fn no_content(&self) -> Response<String> {
        self.without_body(StatusCode::NO_CONTENT)
    }

    fn without_body(&self, status: StatusCode) -> Response<String> {
        let mut response = self.with(status, String::new(), NO_STORE);
        response.headers_mut().remove(CONTENT_TYPE);
        response
    }

    /// Returns the answer for an error.
    #[must_use]
    pub fn error(&self, error: &ApiError) -> Response<String> {
        let description = error.to_string();
        let body = ErrorBody {
            error: error.code(),
            error_description: &description,
            retry_after: error.retry_after(),
            factors: error.factors(),
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = self.with(error.status(), text, NO_STORE);
        for (name, value) in error.headers() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    fn with(&self, status: StatusCode, body: String, cache: HeaderValue) -> Response<String> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(CACHE_CONTROL, cache);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.allowed_origin.as_header().clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if !self.allowed_origin.is_any() {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        response
    }
}

fn add_cookie(response: &mut Response<String>, cookie: &str) {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        response.headers_mut().insert(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn responder(origin: &str) -> Responder {
        Responder::new(AllowedOrigin::parse(origin).unwrap())
    }

    #[test]
    fn an_expired_token_is_told_apart_in_header_and_challenge() {
        let response = responder("*").error(&ApiError::InvalidToken { expired: true });
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["is-token-expired"], "true");
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer error="invalid_token", error_description="The access token has expired.""#
        );
        assert_eq!(
            response.body(),
            r#"{"error":"invalid_token","error_description":"The access token has expired."}"#
        );
    }

    #[test]
    fn an_unavailable_service_says_when_to_retry_and_nothing_else() {
        let response = responder("*").error(&ApiError::Unavailable);
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }

    #[test]
    fn too_many_attempts_say_how_long_to_wait_in_header_and_body() {
        let error = ApiError::TooManyAttempts { retry_after: crate::Seconds(900) };
        let response = responder("*").error(&error);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "900");
        assert_eq!(
            response.body(),
            r#"{"error":"too_many_attempts","error_description":"There were too many attempts to sign in to this account; wait before the next one.","retry_after":900}"#
        );
    }

    #[test]
    fn a_factor_that_is_asked_for_is_named() {
        let error = |recovery_code| ApiError::FactorRequired(FactorKinds { recovery_code });
        let response = responder("*").error(&error(true));
        assert_eq!(response.status(), 401);
        assert_eq!(
            response.body(),
            r#"{"error":"mfa_required","error_description":"This account asks for a second factor too: send it with the password.","factors":["totp","recovery_code"]}"#
        );
        assert!(responder("*").error(&error(false)).body().ends_with(r#""factors":["totp"]}"#));
    }

    #[test]
    fn only_the_allowed_origin_reads_answers_and_sees_our_headers() {
        let response = responder("https://app.example.com").no_content();
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
        assert_eq!(
            response.headers()["access-control-expose-headers"],
            "Is-Token-Expired, WWW-Authenticate, Retry-After"
        );
        assert!(response.headers().get("content-type").is_none());
    }
}
