//! The target of events: a function on Lambda, or the same code in this process.

use std::time::Duration;

use admin::App;
use admin::command::Event;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use runtime::{Invoker, Moment};
use serde_json::Value;
use shared::Invocation;
use shared::config::Lookup;

use crate::arguments::{self, TargetOptions};
use crate::error::CliError;
use crate::show::at;
use crate::{aws_cli, local_stack};

/// Longer than the function's own timeout.
const PATIENCE: Duration = Duration::from_secs(90);

const UNREADABLE: &str = "an answer that can't be read";

/// The target of events.
pub(crate) enum Target {
    /// A function of Lambda.
    Lambda {
        /// The client.
        client: aws_sdk_lambda::Client,
        /// Its name or ARN.
        function: String,
    },
    /// The function in this process, on the tables of this URL.
    Here(Box<App>, String),
}

/// What an option or a variable names.
enum Place {
    Tables(String),
    Function(String),
    Stack(String),
}

impl Place {
    /// Takes what an option names, or else a variable.
    fn find(options: &TargetOptions, environment: Lookup<'_>) -> Result<Self, CliError> {
        let TargetOptions { stack, function, endpoint_url, .. } = options;
        let named = |(stack, function, tables): (Option<&String>, Option<&String>, Option<&String>)| {
            let stack = stack.cloned().map(Self::Stack);
            let function = function.cloned().map(Self::Function);
            stack.or(function).or(tables.cloned().map(Self::Tables))
        };
        if let Some(place) = named((stack.as_ref(), function.as_ref(), endpoint_url.as_ref())) {
            return Ok(place);
        }
        let variables = ["RATCHET_STACK", "RATCHET_FUNCTION", "RATCHET_ENDPOINT_URL"];
        let given = variables.map(|name| environment(name).filter(|text| !text.is_empty()));
        let mut set = variables.iter().zip(&given).filter_map(|(name, text)| text.as_ref().map(|_| *name));
        if let (Some(first), Some(second)) = (set.next(), set.next()) {
            return Err(CliError::SeveralTargets(first, second));
        }
        let [stack, function, tables] = &given;
        if let Some(text) = tables {
            arguments::endpoint(text).map_err(|why| CliError::Variable("RATCHET_ENDPOINT_URL", why))?;
        }
        named((stack.as_ref(), function.as_ref(), tables.as_ref())).ok_or(CliError::NoTarget)
    }
}

impl Target {
    pub(crate) fn find(options: &TargetOptions) -> Result<Self, CliError> {
        let function = match Place::find(options, &runtime::environment)? {
            Place::Tables(endpoint_url) => {
                let app = local_stack::app(&endpoint_url, &options.data_dir)?;
                return Ok(Self::Here(Box::new(app), endpoint_url));
            }
            Place::Function(function) => function,
            Place::Stack(stack) => aws_cli::function_of(&stack, options)?,
        };
        let variables = aws_cli::Variables::find(options)?;
        let config = aws::config(&|name| variables.get(name))?;
        let timeouts =
            TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(PATIENCE);
        let own = aws_sdk_lambda::config::Builder::from(&config)
            .timeout_config(timeouts.operation_attempt_timeout(PATIENCE).build())
            // A second try of a creation would find the address taken.
            .retry_config(RetryConfig::disabled());
        Ok(Self::Lambda { client: aws_sdk_lambda::Client::from_conf(own.build()), function })
    }

    /// Sends an event, and returns the answer.
    ///
    /// # Errors
    /// Returns [`CliError::Refused`] if the function refuses, [`CliError::Failed`] if it fails.
    pub(crate) async fn send(&self, event: &Event) -> Result<Value, CliError> {
        let event = event.to_json();
        let answer = match self {
            Self::Here(app, endpoint_url) => {
                let handled = admin::handle(app, &event, Invoker::default(), Invocation::read()).await;
                handled.map_err(|failure| CliError::FailedHere(failure.to_string(), endpoint_url.clone()))?
            }
            Self::Lambda { client, function } => invoke(client, function, &event).await?,
        };
        match answer.get("error").and_then(Value::as_str) {
            None => Ok(answer),
            Some(code) => Err(CliError::Refused {
                code: code.to_owned(),
                description: at(&answer, "error_description").as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

async fn invoke(client: &aws_sdk_lambda::Client, function: &str, event: &Value) -> Result<Value, CliError> {
    let payload = Blob::new(event.to_string());
    let sent = client.invoke().function_name(function).payload(payload).send().await;
    let answer = sent.map_err(|error| not_invoked(&error))?;
    let payload = answer.payload().map(AsRef::as_ref).unwrap_or_default();
    let value: Option<Value> = serde_json::from_slice(payload).ok();
    match answer.function_error() {
        None => value.ok_or_else(|| CliError::Failed(UNREADABLE.to_owned())),
        Some(kind) => {
            let value = value.unwrap_or_default();
            let message = at(&value, "errorMessage").as_str().unwrap_or(kind);
            Err(CliError::Failed(message.to_owned()))
        }
    }
}

/// Returns the reason for a missing answer. If Lambda itself refuses, nothing has begun; otherwise the command may be
/// partly done.
fn not_invoked(error: &SdkError<InvokeError>) -> CliError {
    let text = match error {
        SdkError::ServiceError(answer) => match (answer.err().code(), answer.err().message()) {
            (Some(code), message) if !answer.raw().status().is_server_error() => {
                return CliError::NotInvoked(format!("{code}: {}", message.unwrap_or_default()));
            }
            (Some(code), _) => code,
            (None, _) => UNREADABLE,
        },
        SdkError::TimeoutError(_) => "no answer of Lambda in time",
        SdkError::DispatchFailure(_) => "no connection to Lambda, or it broke",
        SdkError::ConstructionFailure(_) | SdkError::ResponseError(_) | _ => UNREADABLE,
    };
    CliError::Failed(text.to_owned())
}
