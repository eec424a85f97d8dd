//! Events are read, and answered as far as no table is needed.

use authorizer::App;
use serde_json::Value;
use shared::log::{self, Level};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Operation;
use crate::count::count;
use crate::material::{NOW, PUBLIC_KEYS};

pub(super) const REST_REQUEST: &str = include_str!("../../../../events/authorizer/request_valid.json");

pub(super) const OPERATIONS: &[Operation] = &[
    ("authorize REST TOKEN", || authorize(include_str!("../../../../events/authorizer/token_valid.json"))),
    ("authorize REST REQUEST", || authorize(REST_REQUEST)),
    ("authorize HTTP API 1.0", || authorize(include_str!("../../../../events/authorizer/http_1_valid.json"))),
    ("authorize HTTP API 2.0", || authorize(include_str!("../../../../events/authorizer/http_2_valid.json"))),
    ("authorize WebSocket", || authorize(include_str!("../../../../events/authorizer/websocket_valid.json"))),
    ("authorize WebSocket subprotocol", || {
        authorize(include_str!("../../../../events/authorizer/websocket_subprotocol_valid.json"));
    }),
    ("authorize AppSync", || authorize(include_str!("../../../../events/authorizer/appsync_valid.json"))),
    ("authorize nobody", || authorize(include_str!("../../../../events/authorizer/request_missing.json"))),
    ("read refresh event", || {
        read(include_str!("../../../../events/refresh/with_expired_access_token.json"))
    }),
];

/// The lines of the log are made as in a function, and go nowhere.
pub(super) fn log_lines() {
    let level: Level = "INFO".parse().expect("a level");
    tracing_subscriber::registry().with(level.targets()).with(log::lines(std::io::sink)).init();
}

pub(super) fn app() -> App {
    let lookup = |name: &str| match name {
        "PUBLIC_KEYS" => Some(PUBLIC_KEYS.to_owned()),
        "ISSUER" => Some("urn:ratchet:local".to_owned()),
        "AUDIENCE" => Some("ratchet".to_owned()),
        _ => None,
    };
    App::new(&lookup).expect("settings")
}

/// From the event's text to the answer's.
fn authorize(event: &str) {
    log_lines();
    let app = app();
    count(
        || (),
        |()| {
            let event: Value = serde_json::from_str(event).expect("JSON");
            let answer = authorizer::handle(&app, &event, NOW).expect("an event");
            serde_json::to_string(&answer).expect("JSON")
        },
    );
}

fn read(event: &str) {
    count(|| (), |()| runtime::request(event).expect("an event"));
}
