//! The cases of `sessions`.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, FUTURE, Fixture, PAST, Seeded};
use super::http::{answer, authorized, error, get, invalid_token, request};

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let by = |session: Seeded, event: Value| {
        authorized(event, &fixture.user_id.to_string(), &session.id().to_string())
    };
    let case = |name, event, expected| Case { function: "sessions", name, event, expected };
    let done = || answer(204, Value::Null);
    let unknown = "0c9a1b2d-3e4f-4a5b-8c6d-7e8f90a1b2c3";
    let (new, over) = (Seeded::New, Seeded::Over);
    vec![
        case("me", by(new, get("/me")), me(fixture)),
        case("list", by(new, get("/sessions")), list()),
        case("end_one", by(new, delete_one(&Seeded::ToLeave.id().to_string())), done()),
        case(
            "end_unknown",
            by(new, delete_one(unknown)),
            error(404, "not_found", "There is no such session."),
        ),
        case("end_all", by(new, delete(None)), done()),
        case("end_others", by(new, delete(Some("current"))), done()),
        case(
            "bad_query",
            by(new, delete(Some("this"))),
            error(400, "invalid_request", "except must be current."),
        ),
        case(
            "session_over",
            by(over, get("/sessions")),
            invalid_token("The session of the access token is over."),
        ),
        case("without_authorizer", get("/sessions"), invalid_token("The access token is not valid.")),
        case(
            "malformed_context",
            authorized(get("/me"), "ada", &new.id().to_string()),
            invalid_token("The access token is not valid."),
        ),
        case("expired_since_allowed", expired(by(new, delete(None))), expired_token()),
    ]
}

/// The event of a gateway that remembers the authorizer's answer.
fn expired(mut event: Value) -> Value {
    event["requestContext"]["authorizer"]["exp"] = (PAST + 60).to_string().into();
    event
}

fn expired_token() -> Value {
    let mut refused = invalid_token("The access token has expired.");
    refused["headers"]["is-token-expired"] = "true".into();
    refused
}

fn delete(except: Option<&str>) -> Value {
    let mut event = request("DELETE", "/sessions", &json!({}), None);
    if let Some(value) = except {
        event["queryStringParameters"] = json!({ "except": value });
        event["multiValueQueryStringParameters"] = json!({ "except": [value] });
    }
    event
}

fn delete_one(id: &str) -> Value {
    let mut event = request("DELETE", &format!("/sessions/{id}"), &json!({}), None);
    event["resource"] = "/sessions/{id}".into();
    event["requestContext"]["resourcePath"] = "/sessions/{id}".into();
    event["pathParameters"] = json!({ "id": id });
    event
}

fn me(fixture: &Fixture) -> Value {
    let body = json!({
        "expires_in": "<number>",
        "server_time": "<number>",
        "session_id": Seeded::New.id(),
        "user": {
            "id": fixture.user_id,
            "name": "Ada Lovelace",
            "email": EMAIL,
            "email_verified": false,
            "roles": [],
        },
    });
    answer(200, body)
}

fn list() -> Value {
    answer(200, json!({ "server_time": "<number>", "sessions": listed() }))
}

/// All but the one that is over. They began at once, so the ids decide on the order.
pub(super) fn listed() -> Vec<Value> {
    let listed = |session: Seeded| {
        let [last_refresh, ..] = session.superseded();
        json!({
            "id": session.id(),
            "current": session == Seeded::New,
            "created_at": PAST,
            "last_used_at": PAST.max(last_refresh / 1000),
            "expires_at": FUTURE,
            "user_agent": "curl/8.0",
            "source_ip": "192.0.2.10",
        })
    };
    Seeded::ALL.into_iter().rev().filter(|session| *session != Seeded::Over).map(listed).collect()
}
