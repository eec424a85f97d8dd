//! A value of the template together with its place, evaluated one level at a time.

use serde_json::Value;

use crate::error::{Problem, TemplateError};
use crate::scope::Scope;
use crate::value::spell;

/// A value that is not a function call any more; its content may still contain calls.
pub(crate) struct Node<'a> {
    scope: &'a Scope,
    place: String,
    value: Value,
}

/// Returns the resources of a type with their properties.
pub(crate) fn resources<'a>(
    scope: &'a Scope,
    kind: &'a str,
) -> impl Iterator<Item = Result<(&'a str, Node<'a>), TemplateError>> {
    scope.properties(kind).map(|(id, properties)| {
        let place = format!("Resources.{id}.Properties");
        Ok((id, Node::required(scope, place, &properties)?))
    })
}

/// Returns the `Metadata` of a resource.
pub(crate) fn metadata<'a>(scope: &'a Scope, id: &str) -> Result<Option<Node<'a>>, TemplateError> {
    match scope.metadata(id) {
        Some(value) => Node::new(scope, format!("Resources.{id}.Metadata"), value),
        None => Ok(None),
    }
}

impl<'a> Node<'a> {
    /// Evaluates `value`. Returns `None` for `AWS::NoValue`.
    fn new(scope: &'a Scope, place: String, value: &Value) -> Result<Option<Self>, TemplateError> {
        match scope.evaluate(value) {
            Ok(Value::Null) => Ok(None),
            Ok(value) => Ok(Some(Self { scope, place, value })),
            Err(problem) => Err(TemplateError::new(place, problem)),
        }
    }

    fn required(scope: &'a Scope, place: String, value: &Value) -> Result<Self, TemplateError> {
        let missing = Problem::Missing("the value".to_owned());
        Self::new(scope, place.clone(), value)?.ok_or_else(|| TemplateError::new(place, missing))
    }

    pub(crate) fn error(&self, problem: Problem) -> TemplateError {
        TemplateError::new(&self.place, problem)
    }

    pub(crate) fn error_at(&self, key: &str, problem: Problem) -> TemplateError {
        TemplateError::new(self.below(key), problem)
    }

    /// Returns the value of a key, if there is one.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Node<'a>>, TemplateError> {
        let Value::Object(entries) = &self.value else {
            return Err(self.error(Problem::Expected("a map")));
        };
        match entries.get(key) {
            Some(value) => Node::new(self.scope, self.below(key), value),
            None => Ok(None),
        }
    }

    /// Returns the value of a required key.
    pub(crate) fn need(&self, key: &str) -> Result<Node<'a>, TemplateError> {
        self.get(key)?.ok_or_else(|| self.error(Problem::Missing(key.to_owned())))
    }

    /// Returns the text of a key, if there is one.
    pub(crate) fn text_at(&self, key: &str) -> Result<Option<String>, TemplateError> {
        self.get(key)?.map(|node| node.text()).transpose()
    }

    /// Returns the flag of a key, or the default.
    pub(crate) fn flag_at(&self, key: &str, default: bool) -> Result<bool, TemplateError> {
        let Some(node) = self.get(key)? else {
            return Ok(default);
        };
        match node.text()?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(node.error(Problem::Expected("true or false"))),
        }
    }

    /// Returns the keys of a map with their values, without those that are `AWS::NoValue`.
    pub(crate) fn entries(&self) -> Result<Vec<(String, Node<'a>)>, TemplateError> {
        let entries = self.raw_entries()?.into_iter();
        let nodes = entries.map(|(key, value)| {
            let node = Node::new(self.scope, self.below(&key), &value)?;
            Ok(node.map(|node| (key, node)))
        });
        nodes.filter_map(Result::transpose).collect()
    }

    /// Returns the keys of a map with their values as written.
    pub(crate) fn raw_entries(&self) -> Result<Vec<(String, Value)>, TemplateError> {
        let entries = self.value.as_object().ok_or_else(|| self.error(Problem::Expected("a map")))?;
        Ok(entries.clone().into_iter().collect())
    }

    /// Returns the items of a list.
    pub(crate) fn items(&self) -> Result<Vec<Node<'a>>, TemplateError> {
        let Value::Array(items) = &self.value else {
            return Err(self.error(Problem::Expected("a list")));
        };
        let nodes = items.iter().enumerate();
        let nodes = nodes.map(|(index, item)| Node::new(self.scope, self.below(&index.to_string()), item));
        nodes.filter_map(Result::transpose).collect()
    }

    /// Returns the value as text: CloudFormation writes numbers and booleans as they are spelled.
    pub(crate) fn text(&self) -> Result<String, TemplateError> {
        spell(&self.value).map_err(|problem| self.error(problem))
    }

    /// Returns whether the value is a map, where text is allowed too.
    pub(crate) fn is_map(&self) -> bool {
        self.value.is_object()
    }

    /// Returns the value with everything in it evaluated.
    pub(crate) fn value(&self) -> Result<Value, TemplateError> {
        match &self.value {
            Value::Object(_) => {
                let entries = self.entries()?.into_iter();
                entries
                    .map(|(key, node)| Ok((key, node.value()?)))
                    .collect::<Result<_, _>>()
                    .map(Value::Object)
            }
            Value::Array(_) => {
                self.items()?.iter().map(Node::value).collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(self.value.clone()),
        }
    }

    /// Fails on any other key: an unread key would change the behaviour on AWS.
    pub(crate) fn allow(&self, keys: &[&str]) -> Result<(), TemplateError> {
        let unknown = self.raw_entries()?.into_iter().find(|(key, _)| !keys.contains(&key.as_str()));
        match unknown {
            Some((key, _)) => Err(self.error(Problem::Unsupported(key))),
            None => Ok(()),
        }
    }

    fn below(&self, key: &str) -> String {
        format!("{}.{key}", self.place)
    }
}
