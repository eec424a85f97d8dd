//! The `AWS::Serverless::Function`s: their handlers, their environments and their routes.
//!
//! Of a function that cargo-lambda does not build only the routes are read. Nothing here can run it, so its environment
//! and its other events may use features that this reader does not know.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{Problem, TemplateError};
use crate::model::{Api, Function, OtherFunction, Route, Stack, StreamReader, Table, Variable};
use crate::node::{self, Node};
use crate::scope::Scope;
use crate::value::spell;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The functions of a template and their routes.
#[derive(Default)]
pub(crate) struct Functions {
    functions: Vec<Function>,
    others: Vec<OtherFunction>,
    stream_readers: Vec<StreamReader>,
    /// By path and method.
    routes: BTreeMap<(String, String), Route>,
}

pub(crate) fn read(scope: &Scope, api: &Api) -> Result<Functions, TemplateError> {
    let mut all = Functions::default();
    for resource in node::resources(scope, "AWS::Serverless::Function") {
        let (id, properties) = resource?;
        let binary = read_binary(scope, id)?;
        let is_built_by_cargo = binary.is_some();
        match binary {
            Some(binary) => {
                let environment = read_environment(scope, &properties)?;
                all.functions.push(Function { id: id.to_owned(), binary, environment });
            }
            None => all.others.push(OtherFunction { id: id.to_owned(), runtime: read_runtime(&properties) }),
        }
        let Some(events) = properties.get("Events")? else {
            continue;
        };
        for (_, event) in events.entries()? {
            if is_built_by_cargo && event.need("Type")?.text()? == "DynamoDB" {
                all.stream_readers
                    .push(StreamReader { function: id.to_owned(), table: read_stream(&event)? });
            } else if is_built_by_cargo || is_route(&event)? {
                all.add_route(&event, read_event(&event, id, api)?)?;
            }
        }
    }
    Ok(all)
}

impl Functions {
    fn add_route(&mut self, event: &Node, route: Route) -> Result<(), TemplateError> {
        let place = (route.path.clone(), route.method.clone());
        match self.routes.insert(place, route) {
            None => Ok(()),
            Some(taken) => {
                let twice = format!("a second function for {} {}", taken.method, taken.path);
                Err(event.error(Problem::Unsupported(twice)))
            }
        }
    }

    /// Completes the stack.
    pub(crate) fn into_stack(self, api: Api, tables: Vec<Table>) -> Stack {
        let routes = self.routes.into_values().collect();
        let Self { functions, others, stream_readers, .. } = self;
        Stack { api, routes, functions, others, tables, stream_readers }
    }
}

/// Returns the binary that cargo-lambda builds for a function; `None` if something else builds it.
fn read_binary(scope: &Scope, id: &str) -> Result<Option<String>, TemplateError> {
    let Some(metadata) = node::metadata(scope, id)?.filter(Node::is_map) else {
        return Ok(None);
    };
    match metadata.text_at("BuildMethod")?.as_deref() {
        Some("rust-cargolambda") => metadata.need("BuildProperties")?.need("Binary")?.text().map(Some),
        _ => Ok(None),
    }
}

/// Returns the runtime if this reader can determine it: a container image has none, and an expression may be unknown here.
fn read_runtime(properties: &Node) -> Option<String> {
    properties.text_at("Runtime").ok().flatten()
}

fn read_environment(scope: &Scope, properties: &Node) -> Result<BTreeMap<String, Variable>, TemplateError> {
    let mut environment = BTreeMap::new();
    let Some(section) = properties.get("Environment")? else {
        return Ok(environment);
    };
    let variables = section.need("Variables")?;
    for (name, value) in variables.raw_entries()? {
        let variable = read_variable(scope, &name, &value);
        let variable = variable.map_err(|problem| variables.error_at(&name, problem))?;
        if let Some(variable) = variable {
            // There is no Secrets Manager here: the content of the secret replaces its name.
            let name = if variable == Variable::KeySet { "KEY_SET".to_owned() } else { name };
            environment.insert(name, variable);
        }
    }
    Ok(environment)
}

/// Returns the sources of the keys. They are never evaluated: on AWS they come from a secret and a custom resource, here
/// from the data directory.
fn read_variable(scope: &Scope, name: &str, value: &Value) -> Result<Option<Variable>, Problem> {
    match name {
        "KEY_SET" | "KEY_SET_SECRET" => return Ok(Some(Variable::KeySet)),
        "PUBLIC_KEYS" => return Ok(Some(Variable::PublicKeys)),
        _ => {}
    }
    if let Some(table) = table_name(scope, value) {
        return Ok(Some(Variable::Table(table)));
    }
    match scope.evaluate(value) {
        Ok(Value::Null) => Ok(None),
        Ok(value) => spell(&value).map(|text| Some(Variable::Text(text))),
        Err(Problem::NoDefault(parameter)) => Ok(Some(Variable::Unset { parameter })),
        Err(problem) => Err(problem),
    }
}

fn table_name(scope: &Scope, value: &Value) -> Option<String> {
    let name = value.as_object().filter(|map| map.len() == 1)?.get("Ref")?.as_str()?;
    (scope.kind(name) == Some("AWS::DynamoDB::Table")).then(|| name.to_owned())
}

fn is_route(event: &Node) -> Result<bool, TemplateError> {
    Ok(event.need("Type")?.text()? == "Api")
}

/// Returns the table of a stream. How Lambda reads the stream, in batches and with retries, does not matter here.
fn read_stream(event: &Node) -> Result<String, TemplateError> {
    let properties = event.need("Properties")?;
    let raw = properties.raw_entries()?.into_iter().find(|(name, _)| name == "Stream");
    let stream = raw.as_ref().and_then(|(_, value)| value.get("Fn::GetAtt")).and_then(Value::as_array);
    match stream.map(Vec::as_slice) {
        Some([Value::String(table), Value::String(attribute)]) if attribute == "StreamArn" => {
            Ok(table.clone())
        }
        Some(_) | None => Err(event.error(Problem::Expected("Stream as a GetAtt of a table's StreamArn"))),
    }
}

fn read_event(event: &Node, function: &str, api: &Api) -> Result<Route, TemplateError> {
    let kind = event.need("Type")?.text()?;
    if kind != "Api" {
        return Err(event.error(Problem::Unsupported(format!("an event of type {kind}"))));
    }
    let properties = event.need("Properties")?;
    properties.allow(&["Path", "Method", "RestApiId", "Auth"])?;
    // Without it SAM puts the route on an API of its own, which has no authorizer.
    let rest_api = properties.need("RestApiId")?;
    if rest_api.text()? != api.id {
        return Err(rest_api.error(Problem::Expected("a Ref to the one API of the template")));
    }
    Ok(Route {
        path: read_path(&properties.need("Path")?)?,
        method: read_method(&properties.need("Method")?)?,
        function: function.to_owned(),
        authorizer: read_authorizer(&properties, api)?,
    })
}

fn read_authorizer(properties: &Node, api: &Api) -> Result<Option<String>, TemplateError> {
    let Some(auth) = properties.get("Auth")? else {
        return Ok(api.default_authorizer.clone());
    };
    auth.allow(&["Authorizer"])?;
    match auth.text_at("Authorizer")? {
        None => Ok(api.default_authorizer.clone()),
        Some(name) if name == "NONE" => Ok(None),
        Some(name) if api.authorizers.contains_key(&name) => Ok(Some(name)),
        Some(name) => Err(auth.error(Problem::UnknownName(format!("the authorizer {name}")))),
    }
}

fn read_method(node: &Node) -> Result<String, TemplateError> {
    let method = node.text()?.to_ascii_uppercase();
    if METHODS.contains(&method.as_str()) {
        return Ok(method);
    }
    Err(node.error(Problem::Invalid { value: method, expected: "a method of API Gateway" }))
}

fn read_path(node: &Node) -> Result<String, TemplateError> {
    let path = node.text()?;
    match path.strip_prefix('/') {
        Some("") => Ok(path),
        Some(rest) if are_segments(rest) => Ok(path),
        _ => Err(node.error(Problem::Invalid { value: path, expected: "a path of API Gateway" })),
    }
}

/// Checks a path: API Gateway allows text, `{name}` for a whole segment, and `{name+}` for the last one.
fn are_segments(path: &str) -> bool {
    let mut segments = path.split('/').rev();
    let last = segments.next().is_some_and(|last| is_segment(&last.replace("+}", "}")));
    last && segments.all(is_segment)
}

fn is_segment(segment: &str) -> bool {
    let inner = segment.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let text = inner.unwrap_or(segment);
    !text.is_empty() && !text.contains(['{', '}', '+', '?', '#'])
}
