//! The cases of `password`.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, Fixture, PASSWORD, Seeded};
use super::http::{authorized, error, invalid_token, post};
use super::sign_in::signed_in;

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let body = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let new = "nanoseconds of copper wire";
    let right = body(PASSWORD, new);
    let by = |session: Seeded, body: &Value| {
        let event = post("/password", &body.to_string());
        authorized(event, &fixture.user_id.to_string(), &session.id().to_string())
    };
    let case = |name, event, expected| Case { function: "password", name, event, expected };
    vec![
        case("ok", by(Seeded::New, &right), signed_in(200, EMAIL, "Ada Lovelace")),
        case(
            "wrong_password",
            by(Seeded::New, &body("a wrong guess", new)),
            error(401, "invalid_credentials", "The current password is wrong."),
        ),
        case(
            "short_password",
            by(Seeded::New, &body(PASSWORD, "7 signs")),
            error(400, "invalid_request", "new_password must be at least 8 characters long."),
        ),
        case(
            "session_over",
            by(Seeded::Over, &right),
            invalid_token("The session of the access token is over."),
        ),
        case(
            "without_authorizer",
            post("/password", &right.to_string()),
            invalid_token("The access token is not valid."),
        ),
    ]
}
