//! The settings of every function.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;
use shared::config::{self, ConfigError, Lookup};

use super::{Target, functions};
use crate::project;

/// A variable a line, `NAME=VALUE`.
pub const TARGET: Target = Target {
    name: "settings",
    check,
    seeds,
    words: &[
        "REFRESH_RETRY_SECONDS=",
        "REFRESH_GRACE_SECONDS=",
        "DYNAMODB_ENDPOINT=http://127.0.0.1:8000",
        "ALLOWED_ORIGIN=https://app.example.com",
        "KEY_SET_SECRET=",
        "HTTP_API_SIMPLE_RESPONSES=",
        "ROUTE_ROLES=",
        "GET /admin/** admin,owner; * /** *; $connect *",
        "LOG_LEVEL=TRACE",
        "LOG_LEVEL=DEBUG",
        "4294967296",
        "-1",
        "+1",
        "true",
        "=",
        "\n",
    ],
};

/// Every variable that the template sets, and those that stand in for one.
static VARIABLES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let functions = project::stack().functions.into_iter();
    let mut names: BTreeSet<_> = functions.flat_map(|function| function.environment.into_keys()).collect();
    names.extend(["KEY_SET", "KEY_SET_SECRET", "PUBLIC_KEYS", "DYNAMODB_ENDPOINT"].map(ToOwned::to_owned));
    names
});

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let variables: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    for error in errors(&lookup) {
        assert!(VARIABLES.contains(error.variable()), "{error}");
        assert!(error.to_string().starts_with(error.variable()), "{error}");
    }
    if let Ok(limits) = config::limits(&lookup) {
        assert!(limits.retry.0 <= limits.grace.0 && limits.grace.0 <= 86_400, "{text}");
    }
    if let Ok(policy) = config::policy(&lookup) {
        assert_eq!(lookup("ISSUER"), Some(policy.issuer));
        assert_eq!(lookup("AUDIENCE"), Some(policy.audience));
    }
    if lookup("LOG_LEVEL").is_some_and(|level| level.eq_ignore_ascii_case("trace")) {
        assert!(config::log_level(&lookup).is_err(), "TRACE is refused");
    }
}

/// Returns the errors of the settings, from each function that reads one.
fn errors(lookup: Lookup<'_>) -> Vec<ConfigError> {
    [
        config::access_tokens(lookup).err(),
        config::key_source(lookup).err(),
        config::public_keys(lookup).err(),
        config::lifetimes(lookup).err(),
        config::limits(lookup).err(),
        config::refresh_requires_access_token(lookup).err(),
        config::sessions_per_user(lookup).err(),
        config::http_api_simple_responses(lookup).err(),
        config::route_roles(lookup).err(),
        config::hasher(lookup).err(),
        config::password_rules(lookup).err(),
        config::sign_in_limits(lookup).err(),
        config::responder(lookup).err(),
        config::table(lookup, "USERS_TABLE").err(),
        config::dynamodb_endpoint(lookup).err(),
        config::log_level(lookup).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The environments that the template makes, keys on one line.
fn seeds() -> Vec<Vec<u8>> {
    let on_one_line = |text: String| serde_json::from_str(&text).map_or(text, |json: Value| json.to_string());
    let of = |binary: &str| {
        let variables = functions::environment(binary).into_iter();
        variables
            .map(|(name, value)| format!("{name}={}\n", on_one_line(value)))
            .collect::<String>()
            .into_bytes()
    };
    ["authorizer", "login", "refresh", "register"].map(of).into()
}
