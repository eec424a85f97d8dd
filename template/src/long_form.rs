//! Converts YAML with CloudFormation's short tags to JSON with the long names of the same functions.

use serde_json::{Map, Number, Value};
use yaml_serde::Value as Yaml;

use crate::error::{Problem, TemplateError};

/// Converts the whole document, with `!Ref X` as `{"Ref": "X"}` and `!Sub x` as `{"Fn::Sub": "x"}`.
pub(crate) fn parse(text: &str) -> Result<Value, TemplateError> {
    let yaml: Yaml = yaml_serde::from_str(text).map_err(|error| not_yaml(error.to_string()))?;
    convert(yaml)
}

fn convert(yaml: Yaml) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::Number(number) => convert_number(&number),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(convert).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| Ok((convert_key(key)?, convert(value)?)))
                .collect::<Result<_, TemplateError>>()?,
        ),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            call(tag.trim_start_matches('!'), convert(tagged.value)?)
        }
    })
}

fn convert_number(number: &yaml_serde::Number) -> Value {
    number
        .as_i64()
        .map(Number::from)
        .or_else(|| number.as_u64().map(Number::from))
        .or_else(|| number.as_f64().and_then(Number::from_f64))
        .map_or_else(|| Value::String(number.to_string()), Value::Number)
}

fn convert_key(key: Yaml) -> Result<String, TemplateError> {
    match convert(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(not_yaml("a key that is not a text".to_owned()))
        }
    }
}

fn call(function: &str, argument: Value) -> Value {
    let (name, argument) = match (function, argument) {
        ("Ref" | "Condition", argument) => (function.to_owned(), argument),
        ("GetAtt", Value::String(text)) => ("Fn::GetAtt".to_owned(), split_attribute(&text)),
        (_, argument) => (format!("Fn::{function}"), argument),
    };
    Value::Object(Map::from_iter([(name, argument)]))
}

fn split_attribute(text: &str) -> Value {
    let (resource, attribute) = text.split_once('.').unwrap_or((text, ""));
    Value::Array(vec![resource.into(), attribute.into()])
}

fn not_yaml(message: String) -> TemplateError {
    TemplateError::new("the document", Problem::Yaml(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: &Value) {
        assert_eq!(&parse(text).expect("the YAML parses"), expected);
    }

    #[test]
    fn short_tags_become_the_long_form() {
        check("!Ref Table", &json!({"Ref": "Table"}));
        check("!Condition IsProd", &json!({"Condition": "IsProd"}));
        check("!Sub 'x-${Y}'", &json!({"Fn::Sub": "x-${Y}"}));
        check("!GetAtt F.Arn", &json!({"Fn::GetAtt": ["F", "Arn"]}));
        check("!GetAtt [F, Arn]", &json!({"Fn::GetAtt": ["F", "Arn"]}));
        check(
            "a: !If [C, !Ref X, {k: !Not [true]}]",
            &json!({"a": {"Fn::If": ["C", {"Ref": "X"}, {"k": {"Fn::Not": [true]}}]}}),
        );
    }

    #[test]
    fn scalars_keep_their_types_and_keys_become_text() {
        check("{1: 2, true: 3.5, x: '4'}", &json!({"1": 2, "true": 3.5, "x": "4"}));
    }

    #[test]
    fn a_document_that_is_not_yaml_is_an_error() {
        let error = parse("a: [").expect_err("an open bracket");
        assert_eq!(error.place, "the document");
        parse("? [a]\n: b").expect_err("a list as a key");
        parse("{a: 1, a: 2}").expect_err("a key twice");
    }
}
