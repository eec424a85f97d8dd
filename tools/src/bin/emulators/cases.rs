//! The events in `events/`, and whether an answer is the expected one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};

use http::Response;
use serde_json::Value;
use tests::{events, pattern, project};

/// One event of one function.
pub(crate) struct Case {
    /// The function, by the name of its binary.
    pub(crate) function: String,
    /// The function's logical id.
    pub(crate) id: String,
    /// The file with the event.
    pub(crate) file: PathBuf,
    /// The event.
    pub(crate) event: Value,
    /// What it needs set in place of the template.
    pub(crate) settings: BTreeMap<String, String>,
    expected: Value,
}

/// The events whose name contains one of `only`, all if that is empty.
pub(crate) fn of(only: &[&str]) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (function, id) in functions() {
        let found = in_directory(&function, &id)?;
        if found.is_empty() {
            return Err(format!("events/{function}: no events of {id}"));
        }
        cases.extend(found);
    }
    cases.retain(|case| only.is_empty() || only.iter().any(|part| case.name().contains(part)));
    Ok(cases)
}

/// One event of each function, the first by its name that a function answers without an error.
pub(crate) fn one_of_each() -> Result<Vec<Case>, String> {
    let mut cases = of(&[])?;
    cases.retain(|case| case.status().is_none_or(|status| status < 400));
    cases.dedup_by(|later, first| later.function == first.function);
    Ok(cases)
}

/// Returns logical ids by name of the binary, without `keys`: CloudFormation calls it, and it needs Secrets Manager.
fn functions() -> BTreeMap<String, String> {
    let functions = project::stack().functions.into_iter().map(|function| (function.binary, function.id));
    functions.filter(|(binary, _)| binary != "keys").collect()
}

fn in_directory(function: &str, id: &str) -> Result<Vec<Case>, String> {
    let directory = project::path("events").join(function);
    let entries = fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let names: BTreeSet<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let names = names.iter().filter_map(|name| name.strip_suffix(".json"));
    let events = names.filter(|name| !name.ends_with(".expected") && !name.ends_with(".settings"));
    events.map(|name| Case::read(function, id, &directory.join(name))).collect()
}

impl Case {
    fn read(function: &str, id: &str, stem: &Path) -> Result<Self, String> {
        let file = stem.with_extension("json");
        let (event, expected) = (read(&file)?, read(&stem.with_extension("expected.json"))?);
        let settings = stem.with_extension("settings.json");
        let settings = if settings.exists() { read(&settings)? } else { Value::Null };
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let settings = settings.as_object().into_iter().flatten().filter_map(text).collect();
        Ok(Self { function: function.to_owned(), id: id.to_owned(), file, event, settings, expected })
    }

    /// Whether its event has a mail sent.
    pub(crate) fn is_mailed(&self) -> bool {
        self.settings.values().any(|value| value == events::SES_STUB)
    }

    /// Whether so many mails are as many as it sends.
    pub(crate) fn check_mails(&self, taken: usize) -> Result<(), String> {
        let expected = usize::from(self.is_mailed());
        if taken == expected { Ok(()) } else { Err(format!("{taken} mails in place of {expected}")) }
    }

    /// Function and case.
    pub(crate) fn name(&self) -> String {
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        format!("{}/{name}", self.function)
    }

    /// The expected status code; none of what is not called by the gateway's proxy integration.
    fn status(&self) -> Option<u64> {
        self.expected.get("statusCode")?.as_u64()
    }

    /// Whether this is the expected answer; if not, where they differ.
    pub(crate) fn check(&self, answer: Value) -> Result<(), String> {
        // An authorizer's answer is compared as it is.
        let answer = if self.expected.get("statusCode").is_some() {
            as_expected_files_have_it(&answer)?
        } else {
            answer
        };
        let answer = events::with_headers_of_note(answer, &self.expected);
        caught(|| pattern::assert_matches(&self.expected, &answer, "the answer"))
    }
}

/// The answer of a proxy integration.
pub(crate) fn as_expected_files_have_it(answer: &Value) -> Result<Value, String> {
    let unlike = || format!("no answer to API Gateway: {answer}");
    let status =
        answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).ok_or_else(unlike)?;
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().ok_or_else(unlike)?);
    }
    for (name, values) in answer["multiValueHeaders"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            response = response.header(name, value.as_str().ok_or_else(unlike)?);
        }
    }
    let body = answer["body"].as_str().unwrap_or_default().to_owned();
    let response = response.body(body).map_err(|error| error.to_string())?;
    Ok(events::answer(&response))
}

/// What an assertion says when it fails.
fn caught(assertion: impl FnOnce()) -> Result<(), String> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(assertion));
    set_hook(hook);
    outcome.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => message.replace('\n', " "),
        Err(_) => "the answer is not the expected one".to_owned(),
    })
}

fn read(file: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}
