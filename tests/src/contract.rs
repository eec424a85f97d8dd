//! Checks every answer that a test gets against `openapi.yaml`.
//!
//! An answer of a documented route must have a documented status, the documented headers, and a body of
//! the documented schema. Only the keywords of JSON Schema that the file uses are implemented; another one is an error here,
//! so that none is ignored.

use std::sync::LazyLock;

use http::HeaderMap;
use serde_json::Value;

use crate::project;

/// The document.
pub static OPENAPI: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(&project::read("openapi.yaml")).expect("openapi.yaml is YAML"));

/// Keywords that no value can violate, or that are not checked here.
const ANNOTATIONS: [&str; 7] =
    ["default", "description", "example", "examples", "format", "pattern", "title"];

/// Checks an answer of a documented route; others are ignored.
///
/// # Panics
/// Panics if the document does not describe it.
#[track_caller]
pub fn assert_documented(method: &str, path: &str, status: u16, headers: &HeaderMap, text: &str) {
    let operation = &operations(path)[method.to_ascii_lowercase()];
    if operation.is_null() {
        return;
    }
    let place = format!("{method} {path} {status}");
    let response = resolve(&operation["responses"][status.to_string()]);
    assert!(response.is_object(), "{place} is not in openapi.yaml: {text}");
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        let header = resolve(header);
        let Some(value) = value else {
            assert_eq!(header["required"], Value::Bool(false), "{place} lacks the header {name}");
            continue;
        };
        let schema = &header["schema"];
        let parsed = match schema["type"].as_str() {
            Some("integer") => serde_json::from_str(value).unwrap_or_default(),
            _ => Value::from(value),
        };
        assert_matches(&parsed, schema, &format!("{place}, header {name}"));
    }
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        return assert_eq!(text, "", "{place} has no body");
    }
    let body = serde_json::from_str(text).unwrap_or_else(|error| panic!("{place}: {error}: {text}"));
    assert_matches(&body, schema, &place);
}

/// Returns the document's entry for a path, or for the path with parameters that matches it.
fn operations(path: &str) -> &'static Value {
    let paths = &OPENAPI["paths"];
    let fitting = || paths.as_object().into_iter().flatten().find(|(documented, _)| fits(documented, path));
    paths.get(path).or_else(|| fitting().map(|(_, operations)| operations)).unwrap_or(&Value::Null)
}

/// Returns whether a path matches a documented one, which may have parameters.
pub(crate) fn fits(documented: &str, path: &str) -> bool {
    let mut pairs = documented.split('/').zip(path.split('/'));
    documented.split('/').count() == path.split('/').count()
        && pairs.all(|(part, actual)| part == actual || (part.starts_with('{') && !actual.is_empty()))
}

/// Returns the target of a `$ref`, or the value itself.
fn resolve(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.trim_start_matches('#');
            OPENAPI.pointer(pointer).unwrap_or_else(|| panic!("{reference} is not in openapi.yaml"))
        }
        None => value,
    }
}

#[track_caller]
fn assert_matches(value: &Value, schema: &Value, place: &str) {
    for (keyword, expected) in resolve(schema).as_object().into_iter().flatten() {
        let holds = match keyword.as_str() {
            "type" => types(expected).any(|name| is_of_type(value, name)),
            "const" => value == expected,
            "enum" => expected.as_array().is_some_and(|values| values.contains(value)),
            "minimum" => value.as_i64() >= expected.as_i64(),
            "minLength" => length(value) >= expected.as_u64(),
            "maxLength" => length(value) <= expected.as_u64(),
            "minItems" => count(value) >= expected.as_u64(),
            "maxItems" => count(value) <= expected.as_u64(),
            "required" => types(expected).all(|name| value.get(name).is_some()),
            "items" => {
                value.as_array().into_iter().flatten().for_each(|item| assert_matches(item, expected, place));
                true
            }
            "properties" => {
                for (name, schema) in expected.as_object().into_iter().flatten() {
                    if let Some(member) = value.get(name) {
                        assert_matches(member, schema, &format!("{place}, {name}"));
                    }
                }
                true
            }
            "allOf" => {
                let all = expected.as_array().into_iter().flatten();
                all.for_each(|schema| assert_matches(value, schema, place));
                true
            }
            annotation if ANNOTATIONS.contains(&annotation) => true,
            other => panic!("the harness does not know the keyword {other}"),
        };
        assert!(holds, "{place}: {keyword} must be {expected}: {value}");
    }
}

/// One text, or each text of a list.
fn types(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the harness does not know the type {other}"),
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn count(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}
