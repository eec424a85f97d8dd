//! `GET /weather`: five days of forecast, the example of a protected route.
//!
//! The gateway's authorizer has verified the access token before this runs; what the token says comes in the request
//! context. An API of your own would read the same fields.

mod forecast;

use http::{Response, StatusCode};
use lambda_http::{Request, RequestExt};
use shared::Invocation;
use shared::api::{ApiError, Responder};
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
pub fn handle(app: &App, request: &Request, Invocation { now, mut rng }: Invocation) -> Response<String> {
    let Some(user_id) = user_id(request) else {
        // Only a route that was deployed without its authorizer gets here: better refused than open.
        tracing::error!(route = "weather", outcome = "refused", reason = "no authorizer ran for this route");
        return app.responder.error(&ApiError::InvalidToken { expired: false });
    };
    tracing::info!(route = "weather", outcome = "answered", user_id);
    app.responder.json(StatusCode::OK, &forecast(now, &mut rng))
}

fn user_id(request: &Request) -> Option<String> {
    let context = request.request_context_ref()?;
    let sub = context.authorizer()?.fields.get("sub")?;
    sub.as_str().filter(|sub| !sub.is_empty()).map(ToOwned::to_owned)
}
