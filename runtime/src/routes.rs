//! The cold start of a function behind a route of API Gateway, and then one request at a time.

use http::Response;
use lambda_http::{Request, RequestExt};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::config::{ConfigError, Lookup};
use shared::{Invocation, log};

use crate::answer::LambdaResponse;
use crate::event::{self, EventError};
use crate::start::block_on;
#[cfg(feature = "backend")]
use crate::start::with_backend;
use crate::world::{Moment, environment};

/// Runs a function behind a route.
///
/// # Errors
/// Returns the error that prevents the start. It is logged too.
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

/// Runs a function behind a route that has tables: loads the keys and opens the connection to DynamoDB before the first
/// request needs them.
///
/// # Errors
/// Returns the error that prevents the start. It is logged too.
#[cfg(feature = "backend")]
pub fn run_with_backend<A>(
    new: impl FnOnce(Lookup<'_>, aws::Backend) -> Result<A, ConfigError>,
    handle: impl AsyncFn(&A, Request, Invocation) -> Response<String>,
) -> Result<(), Error> {
    block_on(async {
        let app = with_backend(new).await?;
        serve(&app, &handle).await
    })
}

async fn serve<A>(
    app: &A,
    handle: &impl AsyncFn(&A, Request, Invocation) -> Response<String>,
) -> Result<(), Error> {
    // Raw, because only the event itself shows its format.
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let (request, format) = event::read(event.payload.get())?;
        let request = request.with_lambda_context(event.context);
        Ok::<_, EventError>(LambdaResponse::new(handle(app, request, Moment::read()).await, format))
    }))
    .await
}
