//! The cases of `refresh` and `logout`.

use serde_json::{Value, json};

use super::Case;
use super::fixture::{EMAIL, FUTURE, Fixture, PAST, RETRY_KEY, Seeded};
use super::http::{answer, error, post, post_form, request};
use super::sign_in::tokens;

pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let mut cases = refreshed(fixture);
    cases.extend(refused(fixture));
    cases.extend(repeated_headers(fixture));
    cases.extend(logouts(fixture));
    cases.extend(forms(fixture));
    cases.extend(revocations(fixture));
    cases
}

fn refresh(name: &'static str, body: &Value, expected: Value) -> Case {
    Case { function: "refresh", name, event: post("/refresh", &body.to_string()), expected }
}

fn refreshed(fixture: &Fixture) -> Vec<Case> {
    let ok = |refresh_token: &str| tokens(200, refresh_token, EMAIL, "Ada Lovelace");
    let successor = fixture.refresh_token(Seeded::RefreshedJustNow, 0);
    vec![
        refresh(
            "alone",
            &json!({ "refresh_token": fixture.refresh_token(Seeded::New, 0) }),
            ok("<refresh_token>"),
        ),
        refresh(
            "with_expired_access_token",
            &json!({
                "refresh_token": fixture.refresh_token(Seeded::Refreshed, 0),
                "access_token": fixture.access_token(Seeded::Refreshed, PAST + 60),
            }),
            ok("<refresh_token>"),
        ),
        refresh(
            "replay",
            &json!({ "refresh_token": fixture.refresh_token(Seeded::RefreshedJustNow, 1) }),
            ok(&successor),
        ),
        refresh(
            "with_retry_key",
            &json!({
                "refresh_token": fixture.refresh_token(Seeded::New, 0),
                "retry_key": "Zq4hT1uYb9XcKe6fPw2sMa",
            }),
            ok("<refresh_token>"),
        ),
        refresh(
            "proven_replay",
            &json!({
                "refresh_token": fixture.refresh_token(Seeded::RefreshedWithKey, 1),
                "retry_key": RETRY_KEY,
            }),
            ok(&fixture.refresh_token(Seeded::RefreshedWithKey, 0)),
        ),
    ]
}

fn refused(fixture: &Fixture) -> Vec<Case> {
    let invalid_grant = || error(400, "invalid_grant", "The refresh token is not valid.");
    let refused = |name, refresh_token: String| {
        refresh(name, &json!({ "refresh_token": refresh_token }), invalid_grant())
    };
    let mut forged = fixture.refresh_token(Seeded::New, 0);
    forged.replace_range(60..61, if forged.as_bytes()[60] == b'A' { "B" } else { "A" });
    let malformed = error(400, "invalid_request", "The body is not valid JSON (line 1, column 19).");
    vec![
        refused("reuse", fixture.refresh_token(Seeded::RefreshedLongAgo, 4)),
        refused("late_duplicate", fixture.refresh_token(Seeded::RefreshedTwiceJustNow, 2)),
        refused("expired", fixture.refresh_token(Seeded::Over, 0)),
        refused("forged", forged),
        refresh(
            "access_token_of_another_session",
            &json!({
                "refresh_token": fixture.refresh_token(Seeded::New, 0),
                "access_token": fixture.access_token(Seeded::Refreshed, FUTURE),
            }),
            invalid_grant(),
        ),
        refresh(
            "replay_with_another_retry_key",
            &json!({
                "refresh_token": fixture.refresh_token(Seeded::RefreshedWithKey, 1),
                "retry_key": "Zq4hT1uYb9XcKe6fPw2sMa",
            }),
            invalid_grant(),
        ),
        refresh(
            "malformed_retry_key",
            &json!({ "refresh_token": fixture.refresh_token(Seeded::New, 0), "retry_key": "too_short" }),
            error(400, "invalid_request", "retry_key must be 22 to 128 visible ASCII characters."),
        ),
        refresh("missing_field", &json!({}), error(400, "invalid_request", "refresh_token is missing.")),
        Case {
            function: "refresh",
            name: "malformed_json",
            event: post("/refresh", "{\"refresh_token\": }"),
            expected: malformed,
        },
    ]
}

/// Only `multiValueHeaders` have what these requests say. The template's own setting trusts no origin with a cookie, which
/// is said of a cookie that was found.
fn repeated_headers(fixture: &Fixture) -> Vec<Case> {
    let ours = format!("__Host-refresh_token={}", fixture.refresh_token(Seeded::New, 0));
    let json_type = "application/json";
    let case = |name, headers: &Value, expected| Case {
        function: "refresh",
        name,
        event: request("POST", "/refresh", headers, Some("{}")),
        expected,
    };
    vec![
        case(
            "cookie_in_the_first_of_two_lines",
            &json!({ "Content-Type": json_type, "Cookie": [ours, "theme=dark"] }),
            error(400, "invalid_request", "Origin can't be trusted with a cookie while ALLOWED_ORIGIN is *."),
        ),
        case(
            "cookie_in_both_of_two_lines",
            &json!({ "Content-Type": json_type, "Cookie": [ours, ours] }),
            error(400, "invalid_request", "Cookie must have the refresh token once, not twice."),
        ),
        case(
            "content_type_twice",
            &json!({ "Content-Type": ["text/plain", json_type] }),
            error(415, "unsupported_media_type", "The Content-Type must be application/json."),
        ),
    ]
}

fn logouts(fixture: &Fixture) -> Vec<Case> {
    let logout = |name, refresh_token: String| {
        let body = json!({ "refresh_token": refresh_token }).to_string();
        Case { function: "logout", name, event: post("/logout", &body), expected: answer(204, Value::Null) }
    };
    vec![
        logout("ok", fixture.refresh_token(Seeded::ToLeave, 0)),
        logout("superseded_token", fixture.refresh_token(Seeded::RefreshedLongAgo, 5)),
        logout("unknown_token", "A".repeat(86)),
    ]
}

/// The routes of OAuth clients.
fn forms(fixture: &Fixture) -> Vec<Case> {
    let token = fixture.refresh_token(Seeded::New, 0);
    let case = |name, parameters: &[(&str, &str)], expected| Case {
        function: "refresh",
        name,
        event: post_form("/oauth2/token", parameters),
        expected,
    };
    let (grant, refresh_token) = (("grant_type", "refresh_token"), ("refresh_token", token.as_str()));
    vec![
        case(
            "form",
            &[grant, refresh_token, ("client_id", "ratchet")],
            tokens(200, "<refresh_token>", EMAIL, "Ada Lovelace"),
        ),
        case(
            "form_with_another_grant",
            &[("grant_type", "password"), ("username", EMAIL), ("password", "x")],
            error(400, "unsupported_grant_type", "The grant_type must be refresh_token."),
        ),
        case(
            "form_of_another_client",
            &[grant, refresh_token, ("client_id", "other")],
            error(401, "invalid_client", "There is no such client."),
        ),
        case(
            "form_with_a_repeated_parameter",
            &[grant, refresh_token, refresh_token],
            error(400, "invalid_request", "refresh_token must be there once only."),
        ),
    ]
}

fn revocations(fixture: &Fixture) -> Vec<Case> {
    let case = |name, parameters: &[(&str, &str)], expected| Case {
        function: "logout",
        name,
        event: post_form("/oauth2/revoke", parameters),
        expected,
    };
    let refresh_token = fixture.refresh_token(Seeded::ToLeave, 0);
    let [access_token, expired] = [FUTURE, PAST + 60].map(|exp| fixture.access_token(Seeded::ToLeave, exp));
    let ok = || answer(200, json!({}));
    vec![
        case("revocation", &[("token", &refresh_token), ("token_type_hint", "refresh_token")], ok()),
        case("revocation_of_an_access_token", &[("token", &access_token)], ok()),
        case("revocation_of_an_expired_access_token", &[("token", &expired)], ok()),
        case("revocation_of_an_unknown_token", &[("token", "x")], ok()),
        case(
            "revocation_without_a_token",
            &[("token_type_hint", "refresh_token")],
            error(400, "invalid_request", "token is missing."),
        ),
    ]
}
