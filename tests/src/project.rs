//! The files of the project, and which part of the template is Ratchet's own.
//!
//! A template may have functions of its user too. What the suite compares with `openapi.yaml`, `events/`, the dashboard
//! and the docs are the functions in [`OWN`] and what belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::key_set::KeySet;
use template::{Function, Stack, Variable};

/// The binaries of Ratchet's own functions. A route of `openapi.yaml` and a folder of `events/` must be of one of these,
/// and in this project's CI `scripts/check-docs` compares the list with `template.yaml`, so that no function of our own is
/// left out of it.
pub const OWN: [&str; 10] = [
    "authorizer",
    "keys",
    "login",
    "logout",
    "metadata",
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
/// If there is none.
#[must_use]
pub fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns what the template says with its own defaults, the functions of its user included.
///
/// # Panics
/// If it can't be read.
#[must_use]
pub fn whole_stack() -> Stack {
    template::read(TEMPLATE, &|_| None).unwrap_or_else(|error| panic!("{error}"))
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

/// Returns the evaluated properties of Ratchet's own resources of a type, by logical id: of all but its user's functions,
/// their log groups, and what names one of them, such as an alarm.
///
/// # Panics
/// If the template can't be read.
#[must_use]
pub fn resources(kind: &str) -> BTreeMap<String, Value> {
    let users = users_resources();
    let mut resources = all_resources(kind);
    resources.retain(|id, properties| !users.contains(id) && !names_any(properties, &users));
    resources
}

/// The functions of the template's user, and their log groups.
fn users_resources() -> BTreeSet<String> {
    let own: BTreeSet<_> = stack().functions.into_iter().map(|function| function.id).collect();
    let functions = all_resources("AWS::Serverless::Function");
    let (own, users): (Vec<_>, Vec<_>) = functions.iter().partition(|(id, _)| own.contains(*id));
    let group = |function: &Value| function["LoggingConfig"]["LogGroup"].as_str().map(ToOwned::to_owned);
    let own_groups: BTreeSet<_> = own.into_iter().filter_map(|(_, function)| group(function)).collect();
    let groups = users.iter().filter_map(|(_, function)| group(function));
    let groups = groups.filter(|group| !own_groups.contains(group));
    groups.chain(users.iter().map(|(id, _)| (*id).clone())).collect()
}

fn names_any(value: &Value, ids: &BTreeSet<String>) -> bool {
    match value {
        Value::String(text) => ids.contains(text),
        Value::Array(items) => items.iter().any(|item| names_any(item, ids)),
        Value::Object(members) => members.values().any(|member| names_any(member, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Returns the evaluated properties of all resources of a type, by logical id.
///
/// # Panics
/// If the template can't be read.
#[must_use]
pub fn all_resources(kind: &str) -> BTreeMap<String, Value> {
    template::resources(TEMPLATE, &|_| None, kind).unwrap_or_else(|error| panic!("{error}"))
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
