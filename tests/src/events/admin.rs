//! The cases of `admin`, which is invoked by its name.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, Fixture, PAST};

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let case = |name, event, expected| Case { function: "admin", name, event, expected };
    let user = |roles: Value| {
        json!({
            "claims": {},
            "created_at": PAST,
            "disabled": false,
            "email": EMAIL,
            "email_verified": false,
            "factors": { "totp": null, "recovery_codes_left": 0, "passkeys": 0 },
            "has_password": true,
            "name": "Ada Lovelace",
            "roles": roles,
            "user_id": fixture.user_id,
        })
    };
    let added = json!({ "changed": true, "sessions_ended": 0, "user": user(json!(["admin"])) });
    vec![
        case("add_role", json!({ "command": "add-role", "email": EMAIL, "role": "admin" }), added),
        case(
            "show_user",
            json!({ "command": "show-user", "user_id": fixture.user_id }),
            json!({ "sessions": "<number>", "user": user(json!([])) }),
        ),
        case(
            "list_users",
            json!({ "command": "list-users", "limit": 10 }),
            json!({ "users": [user(json!([]))] }),
        ),
        case(
            "import_users",
            json!({
                "command": "import-users",
                "lines": [
                    { "email": "grace@example.com", "name": "Grace Hopper", "roles": ["editor"] },
                    { "email": EMAIL, "name": "Ada Lovelace" },
                    { "name": "Nobody" },
                ],
            }),
            json!({
                "lines": [
                    { "outcome": "created", "user_id": "<uuid>" },
                    { "outcome": "exists" },
                    { "outcome": "refused", "reasons": ["email is missing"] },
                ],
            }),
        ),
        case(
            "unknown_member",
            json!({ "command": "add-role", "email": EMAIL, "role": "admin", "until": "tomorrow" }),
            json!({
                "error": "invalid_request",
                "error_description": "until: unknown field `until`, expected `role`",
            }),
        ),
    ]
}
