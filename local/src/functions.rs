//! The handlers in this process, by the name of the binary that runs the same code on Lambda.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use http::Response;
use runtime::Request;
use serde_json::Value;
use shared::config::{ConfigError, Lookup};
use shared::{Invocation, Timestamp};

use crate::error::StartError;
use template::{Function, OtherFunction, Stack};

/// A function behind a route.
pub(crate) type HttpFunction =
    Arc<dyn Fn(Request, Invocation) -> Pin<Box<dyn Future<Output = Response<String>> + Send>> + Send + Sync>;
/// An authorizer: its answer, or the message of its error.
pub(crate) type AuthorizerFunction = Arc<dyn Fn(&Value, Timestamp) -> Result<Value, String> + Send + Sync>;

/// A function that has read its settings and waits for requests.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Answers requests.
    Http(HttpFunction),
    /// Decides about requests.
    Authorizer(AuthorizerFunction),
    /// CloudFormation would call it while it deploys. What it does is done here in another way, so it never runs.
    StoodInFor,
    /// It is not built by cargo-lambda, so it does not run in this process; why, for whoever calls it.
    NotRunHere(String),
}

type Build = fn(Lookup<'_>, Client) -> Result<Handler, ConfigError>;

/// Builds a function behind a route from the crate of that name. The arguments are those of its `App::new`.
macro_rules! http {
    ($function:ident($($argument:expr),*)) => {{
        let app = Arc::new($function::App::new($($argument),*)?);
        Ok(http(move |request, invocation| {
            let app = Arc::clone(&app);
            async move { $function::handle(&app, request, invocation).await }
        }))
    }};
}

/// The one list of functions in this process. Its names are those of `BuildProperties.Binary` in the template.
const HANDLERS: &[(&str, Build)] = &[
    ("authorizer", build_authorizer),
    // The keys come from the data directory: `keys.rs`.
    ("keys", |_, _| Ok(Handler::StoodInFor)),
    ("login", |lookup, dynamodb| http!(login(lookup, dynamodb.into()))),
    ("logout", |lookup, dynamodb| http!(logout(lookup, dynamodb.into()))),
    ("metadata", |lookup, _| http!(metadata(lookup))),
    ("password", |lookup, dynamodb| http!(password(lookup, dynamodb.into()))),
    ("refresh", |lookup, dynamodb| http!(refresh(lookup, dynamodb.into()))),
    ("register", |lookup, dynamodb| http!(register(lookup, dynamodb.into()))),
    ("sessions", |lookup, dynamodb| http!(sessions(lookup, dynamodb.into()))),
    ("weather", |lookup, _| http!(weather(lookup))),
];

fn build_authorizer(lookup: Lookup<'_>, _: Client) -> Result<Handler, ConfigError> {
    let app = authorizer::App::new(lookup)?;
    Ok(Handler::Authorizer(Arc::new(move |event, now| {
        let answer = authorizer::handle(&app, event, now).map_err(|error| error.to_string())?;
        serde_json::to_value(answer).map_err(|error| error.to_string())
    })))
}

fn http<F, R>(function: F) -> Handler
where
    F: Fn(Request, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Response<String>> + Send + 'static,
{
    Handler::Http(Arc::new(move |request, invocation| Box::pin(function(request, invocation))))
}

/// Fails on a function of the template that nothing here runs.
pub(crate) fn check(stack: &Stack) -> Result<(), StartError> {
    for function in &stack.functions {
        build_of(function)?;
    }
    Ok(())
}

/// Starts the functions of the template, each with its own environment, by logical id.
pub(crate) fn build(
    stack: &Stack,
    environments: &BTreeMap<String, BTreeMap<String, String>>,
    client: &Client,
) -> Result<BTreeMap<String, Handler>, StartError> {
    let nothing = BTreeMap::new();
    let mut handlers = BTreeMap::new();
    for function in &stack.functions {
        let environment = environments.get(&function.id).unwrap_or(&nothing);
        let lookup = |name: &str| environment.get(name).cloned();
        let handler = build_of(function)?(&lookup, client.clone());
        let handler =
            handler.map_err(|problem| StartError::Setting { function: function.id.clone(), problem })?;
        let is_authorizer =
            stack.api.authorizers.values().any(|authorizer| authorizer.function == function.id);
        let has_route = stack.routes.iter().any(|route| route.function == function.id);
        let fits = match &handler {
            Handler::Http(_) => !is_authorizer,
            Handler::Authorizer(_) => is_authorizer,
            Handler::StoodInFor => !is_authorizer && !has_route,
            Handler::NotRunHere(_) => true,
        };
        if !fits {
            return Err(wrong_handler(function));
        }
        handlers.insert(function.id.clone(), handler);
    }
    handlers.extend(stack.others.iter().map(|other| (other.id.clone(), not_run_here(other))));
    Ok(handlers)
}

fn not_run_here(function: &OtherFunction) -> Handler {
    let runtime = function.runtime.as_deref().unwrap_or("a container image");
    Handler::NotRunHere(format!(
        "{} ({runtime}) does not run here: cargo run runs the functions that cargo-lambda builds.",
        function.id
    ))
}

fn build_of(function: &Function) -> Result<Build, StartError> {
    let found = HANDLERS.iter().find(|(name, _)| *name == function.binary);
    found.map(|(_, build)| *build).ok_or_else(|| StartError::NoHandler {
        function: function.id.clone(),
        binary: function.binary.clone(),
    })
}

fn wrong_handler(function: &Function) -> StartError {
    StartError::WrongHandler { function: function.id.clone(), binary: function.binary.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(binary: &str) -> Stack {
        template::read(
            &format!(
                "Resources:
               Api: {{Type: 'AWS::Serverless::Api', Properties: {{StageName: s}}}}
               F:
                 Type: AWS::Serverless::Function
                 Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: {binary}}}}}
                 Properties: {{}}"
            ),
            &|_| None,
        )
        .expect("the template is read")
    }

    #[test]
    fn a_function_without_a_handler_stops_the_start_and_is_named() {
        let error = check(&stack("telephone")).expect_err("no such handler");
        assert_eq!(
            error.to_string(),
            "template.yaml: Resources.F: nothing here runs the binary \"telephone\": \
             add a line for it to HANDLERS in local/src/functions.rs, and its crate to local/Cargo.toml"
        );
        check(&stack("weather")).expect("a handler");
    }

    #[test]
    fn a_function_that_cargo_lambda_does_not_build_does_not_stop_the_start() {
        let client = aws::client_for("http://127.0.0.1:1");
        let mut stack = stack("weather");
        stack.functions.clear();
        for (id, runtime) in [("N", Some("nodejs22.x".to_owned())), ("I", None)] {
            stack.others.push(OtherFunction { id: id.to_owned(), runtime });
        }
        check(&stack).expect("nothing is missing");
        let handlers = build(&stack, &BTreeMap::new(), &client).expect("nothing to build");
        for (id, expected) in [("N", "N (nodejs22.x) does not run here"), ("I", "I (a container image)")] {
            let Handler::NotRunHere(reason) = &handlers[id] else { panic!("{id} would be run") };
            assert!(reason.starts_with(expected), "{reason}");
        }
    }

    #[test]
    fn the_function_that_makes_keys_on_aws_is_known_and_can_have_no_route() {
        let client = aws::client_for("http://127.0.0.1:1");
        let mut stack = stack("keys");
        let handlers = build(&stack, &BTreeMap::new(), &client).expect("no settings needed");
        assert!(matches!(handlers["F"], Handler::StoodInFor));
        stack.routes.push(template::Route {
            path: "/keys".to_owned(),
            method: "GET".to_owned(),
            function: "F".to_owned(),
            authorizer: None,
        });
        let error = build(&stack, &BTreeMap::new(), &client).err().expect("nothing answers");
        assert!(matches!(error, StartError::WrongHandler { .. }), "{error}");
    }

    #[test]
    fn a_setting_that_is_missing_in_the_template_is_missing_here() {
        let client = aws::client_for("http://127.0.0.1:1");
        let error = build(&stack("authorizer"), &BTreeMap::new(), &client).err().expect("no settings");
        assert!(matches!(&error, StartError::Setting { function, .. } if function == "F"), "{error}");
    }
}
