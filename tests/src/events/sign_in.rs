//! The cases of `register` and `login`.

use serde_json::{Value, json};
use shared::code::Half;
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::ids::DeviceId;

use super::Case;
use super::account::bad_code;
use super::fixture::{EMAIL, Fixture, GUESSED_AT, Mailed, NEW_EMAIL, PASSWORD};
use super::http::{answer, error, post};

/// The token response for this user after a sign-in, which brings a device token too.
pub(super) fn signed_in(status: u16, email: &str, name: &str) -> Value {
    let mut answer = tokens(status, "<refresh_token>", email, name);
    answer["body"]["device_token"] = "<device_token>".into();
    answer
}

/// The token of a device that has signed in to the account before.
fn device_token(fixture: &Fixture) -> String {
    let email = Email::parse(EMAIL).expect("an address");
    let token = DeviceToken {
        device_id: DeviceId::from_bytes([0x33; 16]),
        user_id: fixture.user_id,
        ended_version: 1,
    };
    token.to_text(&email, &fixture.keys.refresh).expose().to_owned()
}

/// Where the address must be proven first: the browser's half of the code.
fn pending() -> Value {
    answer(202, json!({ "registration_token": "<any>", "expires_in": "<number>" }))
}

/// 429, whose `Retry-After` differs each time.
pub(super) fn blocked() -> Value {
    let sentence = "There were too many attempts to sign in to this account; wait before the next one.";
    let mut blocked = error(429, "too_many_attempts", sentence);
    blocked["body"]["retry_after"] = "<number>".into();
    blocked["headers"]["retry-after"] = "<any>".into();
    blocked
}

/// The token response for this user after a refresh.
pub(super) fn tokens(status: u16, refresh_token: &str, email: &str, name: &str) -> Value {
    let body = json!({
        "access_token": "<access_token>",
        "token_type": "Bearer",
        "expires_in": 60,
        "refresh_after": "<number>",
        "refresh_token": refresh_token,
        "refresh_expires_in": "<number>",
        "server_time": "<number>",
        "session_id": "<uuid>",
        "user": { "id": "<uuid>", "name": name, "email": email, "email_verified": false, "roles": [] },
    });
    answer(status, body)
}

fn case_of_confirmation(fixture: &Fixture) -> Case {
    let half = |half| fixture.half(Mailed::Registration, half);
    let body = json!({ "token": half(Half::Mail), "registration_token": half(Half::Browser) });
    let mut expected = signed_in(201, NEW_EMAIL, "Grace Hopper");
    expected["body"]["user"]["email_verified"] = true.into();
    Case {
        function: "register",
        name: "confirm",
        event: post("/register/confirm", &body.to_string()),
        expected,
    }
}

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let case = |function: &'static str, name, body: &Value, expected| Case {
        function,
        name,
        event: post(&format!("/{function}"), &body.to_string()),
        expected,
    };
    let login = |email: &str, password: &str| json!({ "email": email, "password": password });
    let register = |email: &str, password: Value| json!({ "email": email, "password": password, "name": "Grace Hopper" });
    let wrong = || error(401, "invalid_credentials", "The email or the password is wrong.");
    vec![
        case(
            "register",
            "ok",
            &register("Grace@Example.com", json!("nanoseconds of wire")),
            signed_in(201, "grace@example.com", "Grace Hopper"),
        ),
        case(
            "register",
            "email_taken",
            &register("ADA@example.com", json!("nanoseconds of wire")),
            error(409, "email_taken", "This email already has an account."),
        ),
        case(
            "register",
            "bad_field",
            &register("grace@example.com", json!(1_234_567_890)),
            error(400, "invalid_request", "password must be a string."),
        ),
        case(
            "register",
            "short_password",
            &register("grace@example.com", json!("7 signs")),
            error(400, "invalid_request", "password must be at least 8 characters long."),
        ),
        case(
            "register",
            "common_password",
            &register("grace@example.com", json!("P4$$w0rd1")),
            error(
                400,
                "invalid_request",
                "password is too easy to guess: it is like a common password. Add another word or two. A capital at \
                 the beginning helps little. Signs in place of letters help little.",
            ),
        ),
        case("register", "pending", &register("grace@example.com", json!("nanoseconds of wire")), pending()),
        case_of_confirmation(fixture),
        Case {
            function: "register",
            name: "confirm_bad_code",
            event: post("/register/confirm", &json!({ "token": "x", "registration_token": "x" }).to_string()),
            expected: bad_code(),
        },
        case("login", "ok", &login(EMAIL, PASSWORD), signed_in(200, EMAIL, "Ada Lovelace")),
        case(
            "login",
            "known_device",
            &json!({ "email": EMAIL, "password": PASSWORD, "device_token": device_token(fixture) }),
            signed_in(200, EMAIL, "Ada Lovelace"),
        ),
        case("login", "too_many_attempts", &login(GUESSED_AT, PASSWORD), blocked()),
        case("login", "wrong_password", &login(EMAIL, "nanoseconds of wire"), wrong()),
        case("login", "unknown_email", &login("nobody@example.com", PASSWORD), wrong()),
    ]
}
