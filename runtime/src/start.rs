//! What the cold starts of all kinds of functions have in common, and that of a function that is not behind a route.

use std::fmt::Display;

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use shared::config::{ConfigError, Lookup};
use shared::log;

use crate::world::{Moment, environment};

/// Runs a function that is not behind a route. It is called with the event as JSON and a [`Moment`] of its choice.
///
/// # Errors
/// What keeps the function from starting. The log has it too.
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

/// Runs a function that is not behind a route and has the keys: loads them before the first event needs them. What `handle`
/// answers is told to the caller as success, whatever it says.
///
/// # Errors
/// What keeps the function from starting. The log has it too.
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

/// What Lambda tells the caller: the name of the error's type, and its message.
fn diagnostic<E: Display>(error: E) -> Diagnostic {
    let path = std::any::type_name::<E>();
    let error_type = path.rsplit("::").next().unwrap_or(path).to_owned();
    Diagnostic { error_type, error_message: error.to_string() }
}
