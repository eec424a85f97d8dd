//! The cold start of each kind of function, and then one event at a time.

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

/// A single thread: a function answers one event at a time.
fn block_on(start: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
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

#[cfg(feature = "http")]
pub use http_function::run;
#[cfg(feature = "backend")]
pub use http_function::run_with_backend;

#[cfg(feature = "http")]
mod http_function {
    use http::Response;
    use lambda_http::Request;
    use serde_json::value::RawValue;
    use shared::Invocation;

    use super::*;
    use crate::answer::Answer;
    use crate::event;

    /// Runs a function behind a route of API Gateway.
    ///
    /// # Errors
    /// What keeps the function from starting. The log has it too.
    pub fn run<A>(
        new: impl FnOnce(Lookup<'_>) -> Result<A, ConfigError>,
        handle: impl AsyncFn(&A, Request, Invocation) -> Response<String>,
    ) -> Result<(), Error> {
        block_on(async {
            log::init(&environment)?;
            let app = new(&environment).inspect_err(log::bad_setting)?;
            serve(&app, &handle).await
        })
    }

    /// Runs a function behind a route of API Gateway that has tables: loads the keys and opens the connection to DynamoDB
    /// before the first request needs them.
    ///
    /// # Errors
    /// What keeps the function from starting. The log has it too.
    #[cfg(feature = "backend")]
    pub fn run_with_backend<A>(
        new: impl FnOnce(Lookup<'_>, aws::Backend) -> Result<A, ConfigError>,
        handle: impl AsyncFn(&A, Request, Invocation) -> Response<String>,
    ) -> Result<(), Error> {
        block_on(async {
            log::init(&environment)?;
            let backend = aws::Backend::open(&environment, Moment::read()).await?;
            let dynamodb = backend.dynamodb.clone();
            let app = new(&environment, backend).inspect_err(log::bad_setting)?;
            aws::open_connection(&dynamodb, &environment).await;
            serve(&app, &handle).await
        })
    }

    async fn serve<A>(
        app: &A,
        handle: &impl AsyncFn(&A, Request, Invocation) -> Response<String>,
    ) -> Result<(), Error> {
        // Raw, so that the event is parsed once, as what it is.
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
            let LambdaEvent { payload, context } = event;
            let (request, format) = event::read(payload.get())?;
            let request = lambda_http::RequestExt::with_lambda_context(request, context);
            Ok::<_, event::BadEvent>(Answer::new(handle(app, request, Moment::read()).await, format))
        }))
        .await
    }
}
