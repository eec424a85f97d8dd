//! The files of the project, and Ratchet's own part of the template.
//!
//! A template may have functions of its user too. The suite compares `openapi.yaml`, `events/`, the dashboard
//! and the docs with the functions in [`OWN`] and what belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::key_set::KeySet;
use template::{Function, Stack, Variable};

/// The binaries of Ratchet's own functions. A route of `openapi.yaml` and a folder of `events/` must be of one of these,
/// and in this project's CI `scripts/check-docs` compares the list with `template.yaml`, so that no function of our own is
/// left out of it.
pub const OWN: [&str; 15] = [
    "account",
    "admin",
    "authorizer",
    "factors",
    "keys",
    "login",
    "logout",
    "mailer",
    "metadata",
    "passkeys",
    "password",
    "refresh",
    "register",
    "sessions",
    "weather",
];

/// The template that the service is made of.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The path of a file, given from the top of the repository.
#[must_use]
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// The text of a file, given from the top of the repository.
///
/// # Panics
/// Panics if it does not exist.
#[must_use]
pub fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The parameters with which the suite reads the template: its own defaults, but with mail and a range API, where nobody listens.
#[must_use]
pub fn with_mail(setting: &str) -> Option<String> {
    match setting {
        "MAIL_FROM" => Some("noreply@example.com".to_owned()),
        "BREACHED_PASSWORDS" => Some("http://127.0.0.1:1/range".to_owned()),
        "APP_URL" => Some("https://app.example.com/account".to_owned()),
        _ => None,
    }
}

/// Returns what the template says with its own defaults and with mail and a range API, the functions of its user included.
///
/// # Panics
/// If it can't be read.
#[must_use]
pub fn whole_stack() -> Stack {
    template::read(TEMPLATE, &with_mail).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns Ratchet's own functions and routes of [`whole_stack`].
///
/// # Panics
/// If the template can't be read, or lacks a function of [`OWN`].
#[must_use]
pub fn stack() -> Stack {
    let own = own(whole_stack());
    let binaries: BTreeSet<_> = own.functions.iter().map(|function| function.binary.as_str()).collect();
    assert_eq!(binaries, OWN.into(), "Ratchet's own functions, in tests/src/project.rs and in template.yaml");
    own
}

/// Returns what is left of a stack without the functions and routes of its user.
#[must_use]
pub fn own(mut stack: Stack) -> Stack {
    stack.others.clear();
    stack.functions.retain(|function| OWN.contains(&function.binary.as_str()));
    let ids: BTreeSet<_> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    stack.routes.retain(|route| ids.contains(route.function.as_str()));
    stack
}

/// Returns the logical ids of the functions that the template's user has added.
///
/// # Panics
/// If the template can't be read.
#[must_use]
pub fn users_functions() -> BTreeSet<String> {
    let own = ids(&stack());
    ids(&whole_stack()).difference(&own).cloned().collect()
}

/// Returns the logical ids of all functions of a stack.
#[must_use]
pub fn ids(stack: &Stack) -> BTreeSet<String> {
    let functions = stack.functions.iter().map(|function| &function.id);
    functions.chain(stack.others.iter().map(|other| &other.id)).cloned().collect()
}

/// Returns the evaluated properties of the resources of a type, by logical id: of all but the functions of the template's
/// user, and what names one of those, such as an alarm.
///
/// # Panics
/// If they can't be read.
#[must_use]
pub fn resources(kind: &str) -> BTreeMap<String, Value> {
    let users = users_functions();
    let all = template::resources(TEMPLATE, &with_mail, kind).unwrap_or_else(|error| panic!("{error}"));
    let own = all.into_iter().filter(|(id, _)| !users.contains(id));
    let own = own.map(|(id, properties)| (id, properties.unwrap_or_else(|error| panic!("{error}"))));
    own.filter(|(_, properties)| !names_any(properties, &users)).collect()
}

fn names_any(value: &Value, ids: &BTreeSet<String>) -> bool {
    match value {
        Value::String(text) => ids.contains(text),
        Value::Array(items) => items.iter().any(|item| names_any(item, ids)),
        Value::Object(members) => members.values().any(|member| names_any(member, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The environment that the template gives a function, with these keys.
#[must_use]
pub fn environment(function: &Function, keys: &KeySet) -> BTreeMap<String, String> {
    let value = |variable: &Variable| match variable {
        Variable::Text(text) | Variable::Table(text) => Some(text.clone()),
        Variable::KeySet => Some(keys.to_json()),
        Variable::PublicKeys => Some(keys.public_jwk_set()),
        Variable::Unset { .. } => None,
    };
    let variables = function.environment.iter();
    variables.filter_map(|(name, variable)| Some((name.clone(), value(variable)?))).collect()
}
