//! What `sam local start-api` is known to do otherwise than API Gateway. This is the one list: no test knows of it.
//!
//! `RATCHET_EMULATION=sam` beside `RATCHET_URL` says that the service is such an emulation. What its gateway answers is
//! then held against [`DIFFERENCES`], and what the template says takes its place; what functions answer stays as it is.
//! Four more differences need nothing here. The test of the last starts a service of its own:
//!
//! * It adds CORS headers to every answer that has none, where the template leaves that to the functions.
//! * It leaves the `WWW-Authenticate` of a function its name, and `Answer::assert_session_over` takes either.
//! * It does not cache what the authorizer answers; nor does the template, unless `ReauthorizeEvery` is set.
//! * Of two lines `Content-Type` it passes on one.

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, HOST,
    HeaderName, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue};
use reqwest::Request;
use serde_json::{Value, json};

use crate::answer::Answer;

/// An answer that API Gateway would not give, and what takes its place.
struct Difference {
    /// Whether this is the answer: to a request, with this status and message. One that is in no difference stays, and
    /// fails the test.
    is: fn(&Emulated, status: u16, message: &str) -> bool,
    stands_for: (u16, &'static str, &'static str),
    challenge: Option<&'static str>,
}

/// API Gateway takes no more.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

const DIFFERENCES: [Difference; 6] = [
    // It takes a path with a slash at its end for the one without, and asks the authorizer if that one is protected. First,
    // since the refusals below would be taken for those of the route.
    Difference {
        is: |to, _, _| to.path.ends_with('/'),
        stands_for: (404, "not_found", "There is no such route."),
        challenge: None,
    },
    // A refusal of the authorizer does not go through the gateway response ACCESS_DENIED, and its context is lost. The
    // tokens that tests send to a service that is not theirs are never expired, so it can only be this.
    Difference {
        is: |_, status, message| (status, message) == (403, "User is not authorized to access this resource"),
        stands_for: (401, "invalid_token", "The access token is not valid."),
        challenge: Some(
            r#"Bearer error="invalid_token", error_description="The access token is not valid.""#,
        ),
    },
    // Nor does a missing header go through UNAUTHORIZED.
    Difference {
        is: |_, status, message| (status, message) == (401, "Unauthorized"),
        stands_for: (401, "invalid_token", "The access token is missing."),
        challenge: Some("Bearer"),
    },
    // Nor an unknown route through MISSING_AUTHENTICATION_TOKEN.
    Difference {
        is: |_, status, message| (status, message) == (403, "Missing Authentication Token"),
        stands_for: (404, "not_found", "There is no such route."),
        challenge: None,
    },
    // It has no limit of its own, and the emulator of the function cuts the event off.
    Difference {
        is: |to, status, message| {
            (status, message) == (500, "Internal server error") && to.body.len() > LARGEST_BODY
        },
        stands_for: (413, "payload_too_large", "The body must be at most 16384 bytes long."),
        challenge: None,
    },
    // It can't pass on what is no text, and asks no function.
    Difference {
        is: |to, status, message| {
            (status, message) == (502, "Internal server error") && std::str::from_utf8(&to.body).is_err()
        },
        stands_for: (400, "invalid_request", "The body is not valid JSON (line 1, column 1)."),
        challenge: None,
    },
];

/// A request to such an emulation.
pub(crate) struct Emulated {
    path: String,
    body: Vec<u8>,
}

impl Emulated {
    /// Keeps what the answer will be judged by.
    pub(crate) fn new(request: &mut Request) -> Self {
        // It says that the API's domain is whatever `Host` names. API Gateway knows its domains, and a request for
        // another one never gets to the API.
        request.headers_mut().remove(HOST);
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self { path: request.url().path().to_owned(), body: body.unwrap_or_default().to_vec() }
    }

    /// Puts the template's answer in place of the emulation's own.
    pub(crate) fn correct(&self, answer: &mut Answer) {
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let message = body["message"].as_str().unwrap_or_default();
        let is_this = |difference: &&Difference| (difference.is)(self, answer.status, message);
        if let Some(difference) = DIFFERENCES.iter().find(is_this) {
            let (status, error, description) = difference.stands_for;
            answer.status = status;
            answer.headers = headers(difference.challenge);
            answer.text = json!({ "error": error, "error_description": description }).to_string();
        }
    }
}

/// The headers of the template's gateway responses.
fn headers(challenge: Option<&'static str>) -> HeaderMap {
    let exposed = "Is-Token-Expired,WWW-Authenticate,Retry-After";
    let mut headers: HeaderMap = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, exposed),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
    .into_iter()
    .collect();
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        headers.insert(HeaderName::from_static("is-token-expired"), HeaderValue::from_static("false"));
    }
    headers
}
