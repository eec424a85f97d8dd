//! The handlers in this process, by the name of the binary that runs the same code on Lambda.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws::secret::KeyCache;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::AppName;
use http::Response;
use runtime::Request;
use serde_json::Value;
use shared::config::{self, ConfigError, Lookup};
use shared::{Invocation, Timestamp};

use crate::error::StartError;
use crate::outbox::Outbox;
use template::{Function, OtherFunction, Stack};

/// A function behind a route.
pub(crate) type HttpFunction =
    Arc<dyn Fn(Request, Invocation) -> Pin<Box<dyn Future<Output = Response<String>> + Send>> + Send + Sync>;
/// An authorizer. It returns its answer, or the message of its error.
pub(crate) type AuthorizerFunction = Arc<dyn Fn(&Value, Timestamp) -> Result<Value, String> + Send + Sync>;

/// A function for the events of a stream. It returns its answer, or the message of its error.
pub(crate) type StreamFunction = Arc<
    dyn Fn(Value, Timestamp) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync,
>;

/// The inputs of functions, in addition to their settings.
pub(crate) struct Surroundings {
    /// The DynamoDB.
    pub(crate) dynamodb: Client,
    /// The outbox for mail.
    pub(crate) outbox: Outbox,
}

/// A function that has read its settings and waits for requests.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Answers requests.
    Http(HttpFunction),
    /// Decides about requests.
    Authorizer(AuthorizerFunction),
    /// Process the changes of a table. Each reads the stream by itself, so that one that is held up holds up no other.
    Stream(Vec<StreamFunction>),
    /// It has no route and no event; it is invoked by name. Here the command `ratchet` runs it in its own process.
    ByName,
    /// CloudFormation would call it during a deployment. The local server does its work in another way, so it never runs.
    StoodInFor,
    /// cargo-lambda does not build it, so it does not run in this process. The text tells callers why.
    NotRunHere(String),
}

type Build = fn(Lookup<'_>, &Surroundings) -> Result<Handler, ConfigError>;

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

/// The only list of functions in this process. Its names are those of `BuildProperties.Binary` in the template.
const HANDLERS: &[(&str, Build)] = &[
    ("account", |lookup, around| http!(account(lookup, around.dynamodb.clone().into()))),
    ("admin", |lookup, around| {
        admin::App::new(lookup, around.dynamodb.clone().into())?;
        Ok(Handler::ByName)
    }),
    ("authorizer", build_authorizer),
    ("factors", |lookup, around| http!(factors(lookup, around.dynamodb.clone().into()))),
    // The keys come from the data directory: `keys.rs`.
    ("keys", |_, _| Ok(Handler::StoodInFor)),
    ("login", |lookup, around| http!(login(lookup, around.dynamodb.clone().into()))),
    ("logout", |lookup, around| http!(logout(lookup, around.dynamodb.clone().into()))),
    ("mailer", build_mailer),
    ("metadata", |lookup, _| http!(metadata(lookup))),
    ("passkeys", |lookup, around| http!(passkeys(lookup, around.dynamodb.clone().into()))),
    ("password", |lookup, around| http!(password(lookup, around.dynamodb.clone().into()))),
    ("refresh", |lookup, around| http!(refresh(lookup, around.dynamodb.clone().into()))),
    ("register", |lookup, around| http!(register(lookup, around.dynamodb.clone().into()))),
    ("sessions", |lookup, around| http!(sessions(lookup, around.dynamodb.clone().into()))),
    ("weather", |lookup, _| http!(weather(lookup))),
];

fn build_authorizer(lookup: Lookup<'_>, _: &Surroundings) -> Result<Handler, ConfigError> {
    let app = authorizer::App::new(lookup)?;
    Ok(Handler::Authorizer(Arc::new(move |event, now| {
        let answer = authorizer::handle(&app, event, now).map_err(|error| error.to_string())?;
        serde_json::to_value(answer).map_err(|error| error.to_string())
    })))
}

fn build_mailer(lookup: Lookup<'_>, around: &Surroundings) -> Result<Handler, ConfigError> {
    let mailer = |sink| {
        let keys = KeyCache::inline(config::key_set(lookup)?);
        Ok(mails(mailer::App::with_sink(lookup, keys, sink)?))
    };
    around.outbox.sinks(lookup)?.into_iter().map(mailer).collect::<Result<_, _>>().map(Handler::Stream)
}

fn mails(app: mailer::App) -> StreamFunction {
    let app = Arc::new(app);
    Arc::new(move |event, now| {
        let app = Arc::clone(&app);
        Box::pin(async move {
            let answer = mailer::handle(&app, &event, now).await;
            serde_json::to_value(answer).map_err(|error| error.to_string())
        })
    })
}

fn http<F, R>(function: F) -> Handler
where
    F: Fn(Request, Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Response<String>> + Send + 'static,
{
    Handler::Http(Arc::new(move |request, invocation| Box::pin(function(request, invocation))))
}

/// Fails if a function of the template has no handler.
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
    around: &Surroundings,
) -> Result<BTreeMap<String, Handler>, StartError> {
    let nothing = BTreeMap::new();
    let mut handlers = BTreeMap::new();
    for function in &stack.functions {
        let environment = environments.get(&function.id).unwrap_or(&nothing);
        let lookup = |name: &str| environment.get(name).cloned();
        let own = Surroundings {
            dynamodb: client_of(&around.dynamodb, &function.id),
            outbox: around.outbox.clone(),
        };
        let handler = build_of(function)?(&lookup, &own);
        let handler =
            handler.map_err(|problem| StartError::Setting { function: function.id.clone(), problem })?;
        if !fits(&handler, stack, &function.id) {
            return Err(wrong_handler(function));
        }
        handlers.insert(function.id.clone(), handler);
    }
    handlers.extend(stack.others.iter().map(|other| (other.id.clone(), not_run_here(other))));
    Ok(handlers)
}

/// Returns the client of a function. It names the function in each request as the application, so that what stands in front
/// of DynamoDB can compare the request with the function's policy.
#[must_use]
pub fn client_of(shared: &Client, function: &str) -> Client {
    let mut config = shared.config().to_builder();
    config.set_app_name(AppName::new(function.to_owned()).ok());
    Client::from_conf(config.build())
}

/// Returns whether the handler fits the way in which the template calls the function.
fn fits(handler: &Handler, stack: &Stack, id: &str) -> bool {
    let is_authorizer = stack.api.authorizers.values().any(|authorizer| authorizer.function == id);
    let has_route = stack.routes.iter().any(|route| route.function == id);
    let has_stream = stack.stream_readers.iter().any(|reader| reader.function == id);
    match handler {
        Handler::Http(_) => !is_authorizer && !has_stream,
        Handler::Authorizer(_) => is_authorizer && !has_stream,
        Handler::Stream(_) => !is_authorizer && !has_route,
        Handler::StoodInFor | Handler::ByName => !is_authorizer && !has_route && !has_stream,
        Handler::NotRunHere(_) => true,
    }
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

    fn surroundings() -> Surroundings {
        Surroundings { dynamodb: aws::client_for("http://127.0.0.1:1"), outbox: Outbox::nowhere() }
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
        let around = surroundings();
        let mut stack = stack("weather");
        stack.functions.clear();
        for (id, runtime) in [("N", Some("nodejs22.x".to_owned())), ("I", None)] {
            stack.others.push(OtherFunction { id: id.to_owned(), runtime });
        }
        check(&stack).expect("nothing is missing");
        let handlers = build(&stack, &BTreeMap::new(), &around).expect("nothing to build");
        for (id, expected) in [("N", "N (nodejs22.x) does not run here"), ("I", "I (a container image)")] {
            let Handler::NotRunHere(reason) = &handlers[id] else { panic!("{id} would be run") };
            assert!(reason.starts_with(expected), "{reason}");
        }
    }

    #[test]
    fn the_function_that_makes_keys_on_aws_is_known_and_can_have_no_route() {
        let around = surroundings();
        let mut stack = stack("keys");
        let handlers = build(&stack, &BTreeMap::new(), &around).expect("no settings needed");
        assert!(matches!(handlers["F"], Handler::StoodInFor));
        stack.routes.push(template::Route {
            path: "/keys".to_owned(),
            method: "GET".to_owned(),
            function: "F".to_owned(),
            authorizer: None,
        });
        let error = build(&stack, &BTreeMap::new(), &around).err().expect("nothing answers");
        assert!(matches!(error, StartError::WrongHandler { .. }), "{error}");
    }

    #[test]
    fn the_function_of_operators_can_have_no_route() {
        let around = surroundings();
        let mut stack = stack("admin");
        let mut settings = mail_settings();
        for table in
            ["CODES_TABLE", "PASSKEYS_TABLE", "REFRESH_TOKENS_TABLE", "SIGN_IN_ATTEMPTS_TABLE", "USERS_TABLE"]
        {
            settings.entry("F".to_owned()).or_default().insert(table.to_owned(), "T".to_owned());
        }
        let handlers = build(&stack, &settings, &around).expect("good settings");
        assert!(matches!(handlers["F"], Handler::ByName));
        stack.routes.push(template::Route {
            path: "/admin".to_owned(),
            method: "POST".to_owned(),
            function: "F".to_owned(),
            authorizer: None,
        });
        let error = build(&stack, &settings, &around).err().expect("nothing answers");
        assert!(matches!(error, StartError::WrongHandler { .. }), "{error}");
    }

    /// The settings and keys of the mailer.
    fn mail_settings() -> BTreeMap<String, BTreeMap<String, String>> {
        use rand::SeedableRng;
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let keys = shared::key_set::KeySet::generate(shared::key_set::Algorithm::default(), &mut rng)
            .expect("keys are made")
            .to_json();
        let settings =
            [("KEY_SET", keys.as_str()), ("APP_URL", "http://127.0.0.1:3000/"), ("STACK_NAME", "s")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        BTreeMap::from([("F".to_owned(), settings.into())])
    }

    #[test]
    fn a_function_for_streams_can_have_no_route_and_one_for_routes_no_stream() {
        let around = surroundings();
        let reader = template::StreamReader { function: "F".to_owned(), table: "T".to_owned() };
        let mut stack = stack("mailer");
        stack.stream_readers.push(reader.clone());
        let handlers = build(&stack, &mail_settings(), &around).expect("a stream calls it");
        assert!(matches!(handlers["F"], Handler::Stream(_)));
        stack.routes.push(template::Route {
            path: "/mail".to_owned(),
            method: "POST".to_owned(),
            function: "F".to_owned(),
            authorizer: None,
        });
        let error = build(&stack, &mail_settings(), &around).err().expect("it answers no request");
        assert!(matches!(error, StartError::WrongHandler { .. }), "{error}");

        stack = self::stack("keys");
        stack.stream_readers.push(reader);
        let error = build(&stack, &BTreeMap::new(), &around).err().expect("it reads no stream");
        assert!(matches!(error, StartError::WrongHandler { .. }), "{error}");
    }

    #[test]
    fn a_setting_that_is_missing_in_the_template_is_missing_here() {
        let around = surroundings();
        let error = build(&stack("authorizer"), &BTreeMap::new(), &around).err().expect("no settings");
        assert!(matches!(&error, StartError::Setting { function, .. } if function == "F"), "{error}");
    }
}
