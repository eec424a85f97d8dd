//! `GET /weather`: five days of forecast, the example of a protected route.
//!
//! The gateway's authorizer has verified the access token before this runs; what the token says comes in the request
//! context. An API of your own would read the same fields.

mod forecast;

use http::{Response, StatusCode};
use runtime::Request;
use shared::Invocation;
use shared::api::Responder;
use shared::config::{self, ConfigError, Lookup};

pub use forecast::{Forecast, forecast};

/// What the function keeps between requests.
pub struct App {
    responder: Responder,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self { responder: config::responder(lookup)? })
    }
}

/// Answers one request.
#[allow(clippy::unused_async, reason = "the handler of every function is async")]
pub async fn handle(
    app: &App,
    request: Request,
    Invocation { now, mut rng, .. }: Invocation,
) -> Response<String> {
    match runtime::caller(&request, now) {
        Ok(caller) => {
            tracing::info!(route = "weather", outcome = "answered", user_id = %caller.user_id);
            app.responder.json(StatusCode::OK, &forecast(now, &mut rng))
        }
        Err(reason) => {
            // Only a route that was deployed without its authorizer, or with a gateway that remembers the authorizer's answers,
            // gets here: better refused than open.
            tracing::warn!(event = "authz_fail", route = "weather", outcome = "refused", %reason);
            app.responder.error(&reason.into())
        }
    }
}
