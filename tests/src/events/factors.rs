//! The cases of `factors`.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{Fixture, Seeded};
use super::http::{answer, authorized, error, get, invalid_token, post};

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let by = |session: Seeded, event: Value| {
        authorized(event, &fixture.user_id.to_string(), &session.id().to_string())
    };
    let case = |name, event, expected| Case { function: "factors", name, event, expected };
    let wrong = json!({ "current_password": "a wrong guess" });
    let none = json!({ "totp": null, "recovery_codes_left": 0, "passkeys": 0 });
    vec![
        case("list", by(Seeded::New, get("/factors")), answer(200, none)),
        case(
            "enrol_wrong_password",
            by(Seeded::New, post("/factors/totp", &wrong.to_string())),
            error(401, "invalid_credentials", "The current password is wrong."),
        ),
        case(
            "session_over",
            by(Seeded::Over, get("/factors")),
            invalid_token("The session of the access token is over."),
        ),
        case("without_authorizer", get("/factors"), invalid_token("The access token is not valid.")),
    ]
}
