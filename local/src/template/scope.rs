//! What names in a template stand for: parameters, conditions and the resources that exist.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::conditions::Decisions;
use super::error::{Problem, TemplateError};
use super::node::Node;
use super::parameters::{self, Parameters};
use super::{ACCOUNT_ID, REGION, Settings};

/// The sections of a template that its other sections refer to.
pub(super) struct Scope {
    parameters: Parameters,
    pub(super) conditions: Map<String, Value>,
    pub(super) decisions: RefCell<Decisions>,
    globals: Map<String, Value>,
    resources: BTreeMap<String, Resource>,
}

/// One resource whose condition holds, its properties not yet evaluated.
struct Resource {
    kind: String,
    body: Value,
}

impl Scope {
    pub(super) fn new(document: &Value, settings: Settings<'_>) -> Result<Self, TemplateError> {
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

    /// The resources of a type with their properties, those of `Globals` merged in as SAM merges them.
    pub(super) fn resources<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = Result<(&'a str, Node<'a>), TemplateError>> {
        self.resources.iter().filter(move |(_, resource)| resource.kind == kind).map(|(id, resource)| {
            let own = resource.body.get("Properties").cloned();
            let own = own.unwrap_or_else(|| Value::Object(Map::new()));
            let place = format!("Resources.{id}.Properties");
            let properties = match self.globals_of(kind) {
                Some(globals) => merge(globals.clone(), own),
                None => own,
            };
            Ok((id.as_str(), Node::required(self, place, &properties)?))
        })
    }

    /// The `Metadata` of a resource.
    pub(super) fn metadata(&self, id: &str) -> Result<Option<Node<'_>>, TemplateError> {
        match self.resources.get(id).and_then(|r| r.body.get("Metadata")) {
            Some(value) => Node::new(self, format!("Resources.{id}.Metadata"), value),
            None => Ok(None),
        }
    }

    fn globals_of(&self, kind: &str) -> Option<&Value> {
        self.globals.get(kind.strip_prefix("AWS::Serverless::")?)
    }

    pub(super) fn kind(&self, id: &str) -> Option<&str> {
        self.resources.get(id).map(|resource| resource.kind.as_str())
    }

    /// What `Ref` gives: a pseudo parameter, a parameter's value or the logical id of a resource.
    pub(super) fn reference(&self, name: &str) -> Result<Value, Problem> {
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

    /// What `Fn::GetAtt` gives: only ARNs are known before anything is deployed. What a custom resource answers is not,
    /// and is not needed here either: the keys, which are the one thing that ours answers, are never evaluated. So any
    /// text will do.
    pub(super) fn attribute(&self, id: &str, attribute: &str) -> Result<Value, Problem> {
        let kind = self.kind(id).ok_or_else(|| Problem::UnknownName(id.to_owned()))?;
        match (kind, attribute) {
            ("AWS::Serverless::Function", "Arn") => Ok(function_arn(id).into()),
            ("AWS::DynamoDB::Table", "Arn") => {
                Ok(format!("arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{id}").into())
            }
            ("AWS::CloudFormation::CustomResource", _) => Ok(format!("{id}.{attribute}").into()),
            _ => Err(Problem::Unsupported(format!("the attribute {id}.{attribute}"))),
        }
    }
}

/// The ARN of a function, which is how an authorizer names its own.
pub(super) fn function_arn(id: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{id}")
}

fn section(document: &Value, name: &str) -> Result<Map<String, Value>, TemplateError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(entries)) => Ok(entries.clone()),
        Some(_) => Err(TemplateError::new(name, Problem::Expected("a map"))),
    }
}

/// Maps are merged key by key, lists joined, and anything else is replaced by the resource's own value.
fn merge(globals: Value, own: Value) -> Value {
    match (globals, own) {
        (Value::Object(mut globals), Value::Object(own)) if !is_call(&globals) && !is_call(&own) => {
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

fn is_call(map: &Map<String, Value>) -> bool {
    super::intrinsics::call_of(map).is_some()
}
