//! The common parts of all cold starts, and the start of a function without a route.

use std::fmt::Display;

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use shared::config::{ConfigError, Lookup};
use shared::log;

use crate::world::{Moment, environment};

/// Runs a function without a route. It is called with the event as JSON and a [`Moment`] of its choice.
///
/// # Errors
/// Returns the error that prevents the start. It is logged too.
pub fn run_on_events<A, M: Moment, R: Serialize, S: Into<Error>, E: Display>(
    new: impl FnOnce(Lookup<'_>) -> Result<A, S>,
    handle: impl AsyncFn(&A, &Value, M) -> Result<R, E>,
) -> Result<(), Error> {
    block_on(async {
        log::init(&environment)?;
        let app = new(&environment).map_err(|error| logged(error.into()))?;
        let (app, handle) = (&app, &handle);
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
            handle(app, &event.payload, M::read()).await.map_err(diagnostic)
        }))
        .await
    })
}

/// Runs a function without a route that has the keys, which are loaded before the first event. Every answer of `handle`
/// counts as a success for the caller.
///
/// # Errors
/// Returns the error that prevents the start. It is logged too.
#[cfg(feature = "keys")]
pub fn run_on_events_with_keys<A, M: Moment, R: Serialize>(
    new: impl FnOnce(Lookup<'_>, &aws_types::SdkConfig, aws::secret::KeyCache) -> Result<A, ConfigError>,
    handle: impl AsyncFn(&A, &Value, M) -> R,
) -> Result<(), Error> {
    block_on(async {
        log::init(&environment)?;
        let config = aws::config(&environment).inspect_err(log::bad_setting)?;
        let keys = aws::secret::KeyCache::from_settings(&environment, &config, Moment::read()).await?;
        let app = new(&environment, &config, keys).inspect_err(log::bad_setting)?;
        let (app, handle) = (&app, &handle);
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
            Ok::<_, Error>(handle(app, &event.payload, M::read()).await)
        }))
        .await
    })
}

/// The caller of a function without a route, as far as Lambda knows.
#[derive(Clone, Debug, Default)]
pub struct Invoker {
    /// The id of the invocation. If data events are on, CloudTrail's record of it names the caller.
    pub request_id: String,
    /// The identity of Amazon Cognito, if the caller has one.
    pub identity_id: Option<String>,
}

#[cfg(feature = "keys")]
impl Invoker {
    fn of(context: &lambda_runtime::Context) -> Self {
        let identity_id = context.identity.as_ref().map(|identity| identity.identity_id.clone());
        Self { request_id: context.request_id.clone(), identity_id }
    }
}

/// Runs a function without a route that has tables: loads the keys, and opens the connection to DynamoDB, before the
/// first event needs them.
///
/// # Errors
/// Returns the error that prevents the start. It is logged too.
#[cfg(feature = "keys")]
pub fn run_on_events_with_backend<A, M: Moment, R: Serialize, E: Display>(
    new: impl FnOnce(Lookup<'_>, aws::Backend) -> Result<A, ConfigError>,
    handle: impl AsyncFn(&A, &Value, Invoker, M) -> Result<R, E>,
) -> Result<(), Error> {
    block_on(async {
        let app = with_backend(new).await?;
        let (app, handle) = (&app, &handle);
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
            let invoker = Invoker::of(&event.context);
            handle(app, &event.payload, invoker, M::read()).await.map_err(diagnostic)
        }))
        .await
    })
}

/// Starts the log, loads the keys, and opens the connection to DynamoDB.
#[cfg(any(feature = "backend", feature = "keys"))]
pub(crate) async fn with_backend<A>(
    new: impl FnOnce(Lookup<'_>, aws::Backend) -> Result<A, ConfigError>,
) -> Result<A, Error> {
    log::init(&environment)?;
    let backend = aws::Backend::open(&environment, Moment::read()).await?;
    let dynamodb = backend.dynamodb.clone();
    let app = new(&environment, backend).inspect_err(log::bad_setting)?;
    aws::open_connection(&dynamodb, &environment).await;
    Ok(app)
}

/// A single thread: a function answers one event at a time.
pub(crate) fn block_on(start: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(start)
}

fn logged(error: Error) -> Error {
    if let Some(bad_setting) = error.downcast_ref::<ConfigError>() {
        log::bad_setting(bad_setting);
    }
    error
}

/// The error as Lambda reports it: the name of the error's type, and its message.
fn diagnostic<E: Display>(error: E) -> Diagnostic {
    let path = std::any::type_name::<E>();
    let error_type = path.rsplit("::").next().unwrap_or(path).to_owned();
    Diagnostic { error_type, error_message: error.to_string() }
}
