//! `GET /weather`: five days of forecast, the example of a protected route; and `GET /weather/confidential`, for who has signed in
//! with a second factor.
//!
//! The gateway's authorizer has verified the access token before this runs. [`runtime::caller`] returns its claims; use
//! it in your own functions too. `examples/with_role.rs` also requires a role.

mod forecast;

use http::{Response, StatusCode};
use runtime::Request;
use shared::Invocation;
use shared::api::Responder;
use shared::config::{self, ConfigError, Lookup};
use shared::refusal::Refusal;

pub use forecast::{Forecast, forecast};

/// The state that the function keeps between requests.
pub struct App {
    responder: Responder,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self { responder: config::responder(lookup)? })
    }
}

/// Answers one request.
#[allow(clippy::unused_async, reason = "the handler of every function is async")]
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    match five_days(&request, invocation) {
        Ok(forecast) => app.responder.json(StatusCode::OK, &forecast),
        Err(refusal) => refusal.answer("weather", &app.responder),
    }
}

fn five_days(
    request: &Request,
    Invocation { now, mut rng, .. }: Invocation,
) -> Result<Vec<Forecast>, Refusal> {
    let caller = runtime::caller(request, now)?;
    // A path may begin with the name of a stage.
    if request.uri().path().ends_with("/confidential") {
        caller.require_factor().map_err(|error| Refusal::from(error).of_caller(Some(&caller)))?;
    }
    tracing::info!(route = "weather", outcome = "answered", user_id = %caller.user_id);
    Ok(forecast(now, &mut rng))
}
