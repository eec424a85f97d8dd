//! Answers are written.

use http::StatusCode;
use serde_json::Value;
use shared::api::{AllowedOrigin, ApiError, Responder, Transport};
use shared::metrics::{Metric, Metrics};

use super::{Operation, events};
use crate::count::count;
use crate::material::{EDDSA, NOW, keys, session, settings, tokens};

pub(super) const OPERATIONS: &[Operation] = &[
    ("answer tokens in the body", || with_tokens(Transport::Body)),
    ("answer tokens in a cookie", || with_tokens(Transport::Cookie)),
    ("answer error", || error(&ApiError::InvalidGrant)),
    ("answer expired token", || error(&ApiError::InvalidToken { expired: true })),
    ("answer policy", policy),
    ("write metric", metric),
];

fn responder() -> Responder {
    Responder::new(AllowedOrigin::parse("https://app.example.com").expect("an origin"))
}

fn with_tokens(transport: Transport) {
    let (keys, responder) = (keys(EDDSA), responder());
    let session = session(&keys);
    count(
        || tokens(&settings(), &keys, &session),
        |tokens| responder.tokens(StatusCode::OK, tokens, transport),
    );
}

fn error(error: &ApiError) {
    let responder = responder();
    count(|| (), |()| responder.error(error));
}

/// An authorizer's answer as JSON.
fn policy() {
    let app = events::app();
    let event: Value = serde_json::from_str(events::REST_REQUEST).expect("JSON");
    let answer = authorizer::handle(&app, &event, NOW).expect("an event");
    count(|| (), |()| serde_json::to_string(&answer).expect("JSON"));
}

fn metric() {
    events::log_lines();
    let metrics = Metrics::new("ratchet".to_owned());
    count(|| (), |()| metrics.count(Metric::Refreshes, "rotated", NOW));
}
