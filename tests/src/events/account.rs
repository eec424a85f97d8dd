//! The cases of `account`.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, Fixture, GUESSED_AT, Mailed, NEW_EMAIL, PASSWORD, PAST, Seeded};
use super::http::{answer, authorized, error, get, invalid_token, post, request};
use super::sessions::listed;
use super::sign_in::signed_in;

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let by = |session: Seeded, event: Value| {
        authorized(event, &fixture.user_id.to_string(), &session.id().to_string())
    };
    let case = |name, event, expected| Case { function: "account", name, event, expected };
    let mut cases = codes(fixture, &by);
    cases.extend(addresses(fixture, &by));
    cases.extend([
        case(
            "change_name",
            by(Seeded::New, with_body("PATCH", &json!({ "name": "Ada King" }))),
            renamed(fixture),
        ),
        case(
            "bad_name",
            by(Seeded::New, with_body("PATCH", &json!({ "name": " " }))),
            error(400, "invalid_request", "name must not be empty."),
        ),
        case(
            "delete",
            by(Seeded::New, with_body("DELETE", &json!({ "current_password": PASSWORD }))),
            answer(204, Value::Null),
        ),
        case(
            "delete_wrong_password",
            by(Seeded::New, with_body("DELETE", &json!({ "current_password": "a wrong guess" }))),
            error(401, "invalid_credentials", "The current password is wrong."),
        ),
        case("data", by(Seeded::New, get("/me/data")), data(fixture)),
        case(
            "session_over",
            by(Seeded::Over, get("/me/data")),
            invalid_token("The session of the access token is over."),
        ),
        case("without_authorizer", get("/me/data"), invalid_token("The access token is not valid.")),
    ]);
    cases
}

fn codes(fixture: &Fixture, by: &dyn Fn(Seeded, Value) -> Value) -> Vec<Case> {
    let case = |name, event, expected| Case { function: "account", name, event, expected };
    let to = |path: &str, body: Value| post(path, &body.to_string());
    let (accepted, done) = (|| answer(202, Value::Null), || answer(204, Value::Null));
    let reset = |code: String| json!({ "token": code, "new_password": "nanoseconds of copper wire" });
    vec![
        case("reset_request", to("/password/reset-request", json!({ "email": EMAIL })), accepted()),
        case(
            "reset_request_of_unknown",
            to("/password/reset-request", json!({ "email": GUESSED_AT })),
            accepted(),
        ),
        case("reset", to("/password/reset", reset(fixture.mailed(Mailed::Reset))), done()),
        case("reset_too_late", to("/password/reset", reset(fixture.mailed(Mailed::Over))), bad_code()),
        case(
            "reset_by_another_code",
            to("/password/reset", reset(fixture.mailed(Mailed::Verify))),
            bad_code(),
        ),
        case("reset_by_no_code", to("/password/reset", reset("no code".to_owned())), bad_code()),
        case(
            "verify_request",
            by(Seeded::New, request("POST", "/email/verify-request", &json!({}), None)),
            accepted(),
        ),
        case(
            "verify",
            by(Seeded::New, to("/email/verify", json!({ "token": fixture.mailed(Mailed::Verify) }))),
            done(),
        ),
    ]
}

/// The answer to every code that does not work.
pub(super) fn bad_code() -> Value {
    let sentence =
        "The code does not work. It may be used, too old, or replaced by a newer change of the account.";
    error(400, "invalid_code", sentence)
}

fn addresses(fixture: &Fixture, by: &dyn Fn(Seeded, Value) -> Value) -> Vec<Case> {
    let case = |name, event, expected| Case { function: "account", name, event, expected };
    let to = |path: &str, body: Value| post(path, &body.to_string());
    let another = |email: &str, password: &str| {
        let body = json!({ "new_email": email, "current_password": password });
        by(Seeded::New, to("/email", body))
    };
    let confirm = |mailed: Mailed| to("/email/confirm", json!({ "token": fixture.mailed(mailed) }));
    let undo = |mailed: Mailed| to("/email/undo", json!({ "token": fixture.mailed(mailed) }));
    let mut moved = signed_in(200, NEW_EMAIL, "Ada Lovelace");
    moved["body"]["user"]["email_verified"] = true.into();
    vec![
        case("change_address", another(NEW_EMAIL, PASSWORD), answer(202, Value::Null)),
        case(
            "change_address_to_the_same",
            another(EMAIL, PASSWORD),
            error(400, "invalid_request", "new_email must be another address than the present one."),
        ),
        case(
            "change_address_wrong_password",
            another(NEW_EMAIL, "a wrong guess"),
            error(401, "invalid_credentials", "The current password is wrong."),
        ),
        case("confirm_address", by(Seeded::New, confirm(Mailed::Move)), moved),
        case("confirm_address_by_another_code", by(Seeded::New, confirm(Mailed::Verify)), bad_code()),
        case("undo_address", undo(Mailed::Undo), answer(204, Value::Null)),
        case("undo_address_by_another_code", undo(Mailed::Move), bad_code()),
    ]
}

fn with_body(method: &str, body: &Value) -> Value {
    request(method, "/me", &json!({ "Content-Type": "application/json" }), Some(&body.to_string()))
}

fn renamed(fixture: &Fixture) -> Value {
    let user = json!({
        "id": fixture.user_id,
        "name": "Ada King",
        "email": EMAIL,
        "email_verified": false,
        "roles": [],
    });
    answer(200, user)
}

fn data(fixture: &Fixture) -> Value {
    let account = json!({
        "id": fixture.user_id,
        "name": "Ada Lovelace",
        "email": EMAIL,
        "email_verified": false,
        "roles": [],
        "created_at": PAST,
        "email_verified_at": null,
        "email_changed_at": [],
        "former_emails": [],
        "factors": { "totp": null, "recovery_codes_left": 0, "passkeys": 0 },
    });
    answer(
        200,
        json!({ "server_time": "<number>", "account": account, "sessions": listed(), "passkeys": [] }),
    )
}
