//! Formats answers for people.

use std::io::Write;

use admin::command::Command;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;
use shared::Timestamp;

use crate::error::CliError;

/// Returns the output for the answer to one event.
pub(crate) fn answer(command: &Command, answer: &Value) -> String {
    if matches!(command, Command::ListSessions {}) {
        return sessions(answer);
    }
    if matches!(command, Command::ResetLink {}) {
        return at(answer, "link").as_str().map_or_else(
            || "A link would be made.".to_owned(),
            |link| format!("{link}\nWhoever opens it sets the password. It works once, for 30 minutes."),
        );
    }
    user(answer)
}

/// Returns a table of accounts.
pub(crate) fn users(users: &[Value]) -> String {
    let mut table = table(["email", "name", "roles", "state", "user id"]);
    for user in users {
        table.add_row([
            text(at(user, "email")),
            text(at(user, "name")),
            roles(user),
            state(user),
            text(at(user, "user_id")),
        ]);
    }
    table.to_string()
}

fn user(answer: &Value) -> String {
    let user = at(answer, "user");
    let mut table = table(["", ""]);
    for (name, value) in [
        ("email", text(at(user, "email"))),
        ("name", text(at(user, "name"))),
        ("roles", roles(user)),
        ("claims", at(user, "claims").to_string()),
        ("state", state(user)),
        ("user id", text(at(user, "user_id"))),
    ] {
        table.add_row([name.to_owned(), value]);
    }
    for name in ["sessions", "sessions_ended"] {
        if let Some(number) = at(answer, name).as_u64() {
            table.add_row([name.replace('_', " "), number.to_string()]);
        }
    }
    let is = |mark: &str| *at(answer, mark) == true;
    let remark = match () {
        () if is("dry_run") => "\nSo it would be: nothing was changed.",
        () if is("deleted") => "\nIt is deleted.",
        () if *at(answer, "changed") == false => "\nIt was so before.",
        () if is("invited") => "\nAn invitation is mailed.",
        () => "",
    };
    format!("{table}{remark}")
}

fn sessions(answer: &Value) -> String {
    let mut table = table(["session id", "signed in", "last used", "ends", "address", "user agent"]);
    for session in at(answer, "sessions").as_array().into_iter().flatten() {
        let time = |name: &str| time(at(session, name)).unwrap_or_default();
        table.add_row([
            text(at(session, "session_id")),
            time("created_at"),
            time("last_used_at"),
            time("expires_at"),
            text(at(session, "source_ip")),
            text(at(session, "user_agent")),
        ]);
    }
    table.to_string()
}

/// Returns seconds since the Unix epoch as a date and time.
fn time(seconds: &Value) -> Option<String> {
    import::rfc3339(Timestamp::from_seconds(seconds.as_i64()?))
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if header.iter().any(|name| !name.is_empty()) {
        table.set_header(header);
    }
    table
}

/// Escapes characters of a stranger's text that a terminal would interpret.
pub(crate) fn text(value: &Value) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    value.as_str().unwrap_or_default().chars().map(shown).collect()
}

fn roles(user: &Value) -> String {
    let roles = at(user, "roles").as_array().into_iter().flatten().map(text);
    roles.collect::<Vec<_>>().join(" ")
}

fn state(user: &Value) -> String {
    let is = |name: &str| *at(user, name) == true;
    let words = [
        (is("disabled"), "disabled"),
        (!is("email_verified"), "address unproven"),
        (!is("has_password"), "no password"),
        (!at(at(user, "factors"), "totp").is_null(), "second factor"),
    ];
    words.into_iter().filter_map(|(is_so, word)| is_so.then_some(word)).collect::<Vec<_>>().join(", ")
}

/// Returns a member of an answer, or null if it is missing.
pub(crate) fn at<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

/// Prints a line on standard output.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
