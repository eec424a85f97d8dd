//! The files in `events/`: one event per case and function, and the expected answer beside each.
//!
//! They are made by [`files`], which `cargo run -p tools --bin events` writes. The same files are read by the
//! tests and by `sam local invoke -e`, so their tokens and rows are valid until 2100.

mod account;
mod admin;
mod authorizer;
mod factors;
mod fixture;
mod http;
mod mailer;
mod passkeys;
mod password;
mod sessions;
mod sign_in;
mod tokens;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use fixture::Fixture;
pub(crate) use fixture::{FUTURE, PAST, Seeded};

/// One event of one function.
pub struct Case {
    /// The function, by the name of its binary.
    pub function: &'static str,
    /// The case.
    pub name: &'static str,
    /// The event.
    pub event: Value,
    /// The expected answer: an authorizer's whole answer; of others the status, the relevant headers and the body, with the
    /// placeholders of [`crate::pattern`].
    pub expected: Value,
}

/// The settings that replace the template's in a case: in `<function>/<case>.settings.json`.
const SETTINGS: [(&str, &str, (&str, &str)); 6] = [
    ("mailer", "reset", ("AWS_ENDPOINT_URL_SESV2", SES_STUB)),
    ("passkeys", "creation_options", ("RP_ID", "example.com")),
    ("passkeys", "list", ("RP_ID", "example.com")),
    ("passkeys", "options", ("RP_ID", "example.com")),
    ("passkeys", "sign_in_unknown_challenge", ("RP_ID", "example.com")),
    ("register", "pending", ("REGISTRATION", "verified")),
];

/// The placeholder in a setting for the address of a server that accepts mail as SES does.
pub const SES_STUB: &str = "<ses>";

/// All cases.
#[must_use]
pub fn cases(fixture: &Fixture) -> Vec<Case> {
    let mut cases = sign_in::cases(fixture);
    cases.extend(tokens::cases(fixture));
    cases.extend(password::cases(fixture));
    cases.extend(account::cases(fixture));
    cases.extend(passkeys::cases(fixture));
    cases.extend(factors::cases(fixture));
    cases.extend(admin::cases(fixture));
    cases.extend(mailer::cases(fixture));
    cases.extend(sessions::cases(fixture));
    cases.extend(http::metadata_cases(fixture));
    cases.extend(http::weather_cases());
    cases.extend(authorizer::cases(fixture));
    cases
}

/// Events of the mailer whose rows are not mailed: expired, refused, or to be repeated; each with whether it is the last.
#[must_use]
pub fn undeliverable(fixture: &Fixture) -> [(Value, bool); 3] {
    mailer::undeliverable(fixture)
}

/// Returns all generated files, by their paths under `events/`.
#[must_use]
pub fn files() -> BTreeMap<String, String> {
    let fixture = Fixture::new();
    let mut files = BTreeMap::from([
        ("env-vars.json".to_owned(), printed(&fixture.variables())),
        ("key-set.json".to_owned(), fixture.keys.to_json() + "\n"),
        ("public-keys.json".to_owned(), printed(&fixture.public_keys())),
        ("tables.json".to_owned(), printed(&fixture.tables())),
    ]);
    for Case { function, name, event, expected } in cases(&fixture) {
        files.insert(format!("{function}/{name}.json"), printed(&event));
        files.insert(format!("{function}/{name}.expected.json"), printed(&expected));
    }
    for (function, name, (variable, value)) in SETTINGS {
        files.insert(format!("{function}/{name}.settings.json"), printed(&json!({ variable: value })));
    }
    files
}

fn printed(value: &Value) -> String {
    format!("{value:#}\n")
}

/// An answer as the expected files have it: names of headers in lower case, and the body read as JSON.
///
/// # Panics
/// Panics if the body is neither empty nor JSON.
#[must_use]
pub fn answer(response: &::http::Response<String>) -> Value {
    let headers = response.headers().iter();
    let headers: BTreeMap<_, _> =
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect();
    let body = match response.body().as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).expect("a JSON body"),
    };
    json!({ "statusCode": response.status().as_u16(), "headers": headers, "body": body })
}

/// Leaves only those headers of `answer` that `expected` names.
#[must_use]
pub fn with_headers_of_note(mut answer: Value, expected: &Value) -> Value {
    let headers = answer.get_mut("headers").and_then(Value::as_object_mut);
    if let (Some(headers), Some(of_note)) = (headers, expected["headers"].as_object()) {
        headers.retain(|name, _| of_note.contains_key(name));
    }
    answer
}
