//! The meaning of names in a template: parameters, conditions and existing resources.

mod evaluation;
mod parameters;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::{Problem, TemplateError};
use crate::value;
use evaluation::Decisions;
use parameters::Parameters;

pub use parameters::Settings;

/// The account id in ARNs.
pub const ACCOUNT_ID: &str = "000000000000";
/// The Region in ARNs, and the value of `AWS::Region`.
pub const REGION: &str = "us-east-1";

/// The sections of a template to which its other sections refer.
///
/// `evaluation` adds the results of calls and conditions.
pub(crate) struct Scope {
    parameters: Parameters,
    conditions: Map<String, Value>,
    decisions: RefCell<Decisions>,
    globals: Map<String, Value>,
    resources: BTreeMap<String, Resource>,
}

/// A resource whose condition is true, its properties not yet evaluated.
struct Resource {
    kind: String,
    body: Value,
}

impl Scope {
    pub(crate) fn new(document: &Value, settings: Settings<'_>) -> Result<Self, TemplateError> {
        let mut scope = Self {
            parameters: parameters::read(document, settings),
            conditions: section(document, "Conditions")?,
            decisions: RefCell::default(),
            globals: section(document, "Globals")?,
            resources: BTreeMap::new(),
        };
        for (id, body) in section(document, "Resources")? {
            if let Some(resource) = scope.resource(&id, body)? {
                scope.resources.insert(id, resource);
            }
        }
        Ok(scope)
    }

    fn resource(&self, id: &str, body: Value) -> Result<Option<Resource>, TemplateError> {
        let place = format!("Resources.{id}");
        let fail = |problem| TemplateError::new(&place, problem);
        if let Some(condition) = body.get("Condition") {
            let name =
                condition.as_str().ok_or_else(|| fail(Problem::Expected("the name of a condition")))?;
            if !self.holds(name).map_err(fail)? {
                return Ok(None);
            }
        }
        let Some(kind) = body.get("Type").and_then(Value::as_str) else {
            return Err(fail(Problem::Missing("Type".to_owned())));
        };
        Ok(Some(Resource { kind: kind.to_owned(), body }))
    }

    /// Returns the resources of a type with their properties as written, those of `Globals` merged in as SAM does it.
    pub(crate) fn properties<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, Value)> {
        self.resources.iter().filter(move |(_, resource)| resource.kind == kind).map(|(id, resource)| {
            let own = resource.body.get("Properties").cloned();
            let own = own.unwrap_or_else(|| Value::Object(Map::new()));
            let properties = match self.globals_of(kind) {
                Some(globals) => merge(globals.clone(), own),
                None => own,
            };
            (id.as_str(), properties)
        })
    }

    /// Returns the `Metadata` of a resource as written.
    pub(crate) fn metadata(&self, id: &str) -> Option<&Value> {
        self.resources.get(id)?.body.get("Metadata")
    }

    fn globals_of(&self, kind: &str) -> Option<&Value> {
        self.globals.get(kind.strip_prefix("AWS::Serverless::")?)
    }

    pub(crate) fn kind(&self, id: &str) -> Option<&str> {
        self.resources.get(id).map(|resource| resource.kind.as_str())
    }

    /// Returns the value of `Ref`: a pseudo parameter, a parameter's value or the logical id of a resource.
    pub(crate) fn reference(&self, name: &str) -> Result<Value, Problem> {
        let text = match name {
            "AWS::NoValue" => return Ok(Value::Null),
            "AWS::StackName" => "local",
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT_ID,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackId" => {
                return Ok(format!("arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/local/local").into());
            }
            _ => return self.parameter_or_resource(name),
        };
        Ok(text.into())
    }

    fn parameter_or_resource(&self, name: &str) -> Result<Value, Problem> {
        if let Some(value) = self.parameters.get(name) {
            return value.clone().ok_or_else(|| Problem::NoDefault(name.to_owned()));
        }
        match self.resources.contains_key(name) {
            true => Ok(name.into()),
            false => Err(Problem::UnknownName(name.to_owned())),
        }
    }

    /// Returns the value of `Fn::GetAtt`. Only ARNs are known before a deployment. The attributes of a custom resource
    /// and the name of a queue are not, and are not needed here: the keys, the only attributes of ours, are never
    /// evaluated, and only an alarm names a queue. Any text will do.
    pub(crate) fn attribute(&self, id: &str, attribute: &str) -> Result<Value, Problem> {
        let kind = self.kind(id).ok_or_else(|| Problem::UnknownName(id.to_owned()))?;
        match (kind, attribute) {
            ("AWS::Serverless::Function", "Arn") => Ok(function_arn(id).into()),
            ("AWS::DynamoDB::Table", "Arn") => {
                Ok(format!("arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{id}").into())
            }
            ("AWS::DynamoDB::Table", "StreamArn") => {
                Ok(format!("arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{id}/stream/0").into())
            }
            ("AWS::CloudFormation::CustomResource", _) | ("AWS::SQS::Queue", "Arn" | "QueueName") => {
                Ok(format!("{id}.{attribute}").into())
            }
            _ => Err(Problem::Unsupported(format!("the attribute {id}.{attribute}"))),
        }
    }
}

/// Returns the ARN of a function, by which an authorizer names its own.
pub(crate) fn function_arn(id: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{id}")
}

fn section(document: &Value, name: &str) -> Result<Map<String, Value>, TemplateError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(entries)) => Ok(entries.clone()),
        Some(_) => Err(TemplateError::new(name, Problem::Expected("a map"))),
    }
}

/// Merges values: maps key by key, lists by joining; any other value of the resource replaces the default.
fn merge(globals: Value, own: Value) -> Value {
    match (globals, own) {
        (Value::Object(mut globals), Value::Object(own))
            if !value::is_call(&globals) && !value::is_call(&own) =>
        {
            for (key, value) in own {
                let merged = match globals.remove(&key) {
                    Some(global) => merge(global, value),
                    None => value,
                };
                globals.insert(key, merged);
            }
            Value::Object(globals)
        }
        (Value::Array(globals), Value::Array(own)) => globals.into_iter().chain(own).collect(),
        (_, own) => own,
    }
}
