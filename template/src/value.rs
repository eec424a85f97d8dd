//! The kind of a value of the template, as written: a function call, a list, a text.

use serde_json::{Map, Value};

use crate::error::Problem;

/// Returns the name and the argument of a call, if the map is one.
pub(crate) fn call_of(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

pub(crate) fn is_call(map: &Map<String, Value>) -> bool {
    call_of(map).is_some()
}

/// Returns a scalar as CloudFormation spells it.
pub(crate) fn spell(value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Problem::Expected("a text")),
    }
}

pub(crate) fn list(value: &Value) -> Result<&[Value], Problem> {
    value.as_array().map(Vec::as_slice).ok_or(Problem::Expected("a list"))
}
