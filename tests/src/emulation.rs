//! Known differences of emulations from API Gateway. These are the only lists: no test knows of them.
//!
//! `RATCHET_EMULATION` beside `RATCHET_URL` states that the service is an emulation: `sam` is `sam local start-api`, and
//! `ministack` and `localemu` are MiniStack and LocalEmu, to which `scripts/deployed` deploys. Their gateways' answers are compared
//! with the known differences and replaced by the template's answers. Answers of functions stay unchanged.
//! Four more differences of `sam local start-api` need nothing here. The test of the last starts a service of its own:
//!
//! * It adds CORS headers to every answer that has none, where the template leaves that to the functions.
//! * It does not rename the `WWW-Authenticate` of a function, and `Answer::assert_session_over` accepts both names.
//! * It does not cache the authorizer's answers; nor does the template, unless `ReauthorizeEvery` is set.
//! * Of two lines `Content-Type` it passes on one.

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE,
    HOST, HeaderName, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue};
use reqwest::Request;
use serde_json::{Value, json};

use crate::answer::Answer;

/// An answer that API Gateway would not give, and its replacement.
pub(crate) struct Difference {
    /// Whether this is the answer: to a request, with this status and message, which is the gateway's own or the description of an
    /// error of the template. One that is in no difference stays, and fails the test.
    is: fn(&Emulated, status: u16, message: &str) -> bool,
    stands_for: (u16, &'static str, &'static str),
    challenge: Option<&'static str>,
}

/// API Gateway takes no more.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// The emulations, by the name that `RATCHET_EMULATION` has for them.
pub(crate) fn differences(emulation: &str) -> Option<&'static [Difference]> {
    match emulation {
        "sam" => Some(&SAM),
        "ministack" => Some(&MINISTACK),
        "localemu" => Some(&LOCALEMU),
        _ => None,
    }
}

const NOT_VALID: &str = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;

/// It accepts a path with a trailing slash for the one without, and calls the authorizer if that one is protected. This
/// comes first, since the refusals of the others would be taken for those of the route.
const SLASH: Difference = Difference {
    is: |to, _, _| to.path.ends_with('/'),
    stands_for: (404, "not_found", "There is no such route."),
    challenge: None,
};

/// A part of the template's text, in which MiniStack replaces nothing.
const NO_CONTEXT: &str = "$context.authorizer.error_description";

const MINISTACK: [Difference; 3] = [
    SLASH,
    // A gateway response contains nothing from the authorizer's context: neither headers nor the text. The authorizer is called
    // for a missing header too. The tokens that tests send to an external service are never expired.
    Difference {
        is: |to, status, message| !to.has_token && (status, message) == (401, NO_CONTEXT),
        stands_for: (401, "invalid_token", "The access token is missing."),
        challenge: Some("Bearer"),
    },
    Difference {
        is: |_, status, message| (status, message) == (401, NO_CONTEXT),
        stands_for: (401, "invalid_token", "The access token is not valid."),
        challenge: Some(NOT_VALID),
    },
];

const LOCALEMU: [Difference; 3] = [
    SLASH,
    // A denial of the authorizer goes through the gateway response UNAUTHORIZED, which says that the token is missing. The tokens
    // that tests send to an external service are never expired.
    Difference {
        is: |to, status, message| to.has_token && (status, message) == (401, "The access token is missing."),
        stands_for: (401, "invalid_token", "The access token is not valid."),
        challenge: Some(NOT_VALID),
    },
    // It has no limit, and what is too large for Lambda gets no answer but an empty one.
    Difference {
        is: |to, status, message| (status, message) == (200, "") && to.body.len() > LARGEST_BODY,
        stands_for: (413, "payload_too_large", "The body must be at most 16384 bytes long."),
        challenge: None,
    },
];

const SAM: [Difference; 6] = [
    SLASH,
    // A refusal of the authorizer does not go through the gateway response ACCESS_DENIED, and its context is lost. The
    // tokens that tests send to a service that is not theirs are never expired, so it can only be this.
    Difference {
        is: |_, status, message| (status, message) == (403, "User is not authorized to access this resource"),
        stands_for: (401, "invalid_token", "The access token is not valid."),
        challenge: Some(NOT_VALID),
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
    // It cannot forward bytes that are not text, and calls no function.
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
    differences: &'static [Difference],
    has_token: bool,
    path: String,
    body: Vec<u8>,
}

impl Emulated {
    /// Keeps the properties of a request by which its answer is judged.
    pub(crate) fn new(differences: &'static [Difference], request: &mut Request) -> Self {
        // It says that the API's domain is whatever `Host` names. API Gateway knows its domains, and a request for
        // another one never gets to the API.
        request.headers_mut().remove(HOST);
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            differences,
            has_token: request.headers().get(AUTHORIZATION).is_some_and(|text| !text.is_empty()),
            path: request.url().path().to_owned(),
            body: body.unwrap_or_default().to_vec(),
        }
    }

    /// Replaces the emulation's own answer by the template's.
    pub(crate) fn correct(&self, answer: &mut Answer) {
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let message =
            body["message"].as_str().or_else(|| body["error_description"].as_str()).unwrap_or_default();
        let is_this = |difference: &&Difference| (difference.is)(self, answer.status, message);
        if let Some(difference) = self.differences.iter().find(is_this) {
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
