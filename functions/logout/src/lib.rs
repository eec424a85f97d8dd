//! `POST /logout`: ends the session of a refresh token.
//!
//! Any genuine token of the session ends it, of any generation; everything else is answered the same 204 without a
//! request to DynamoDB (RFC 7009 section 2.2 does so too: the client's aim is reached).

use aws::secret::{Keys, Unsure};
use aws::sessions::Sessions;
use aws::{Backend, TableError};
use http::Response;
use runtime::Request;
use shared::api::{ApiError, Fields, Logout, Responder, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::KeySet;
use shared::metrics::{FAILED, INVALID_REQUEST, Metric, Metrics};
use shared::refresh_token::{NotOurs, RefreshToken};
use shared::{Invocation, Timestamp};

/// The outcomes that are answered alike, in logs and metrics.
const SIGNED_OUT: &str = "signed_out";
const NOT_OURS: &str = "not_ours";

/// What the function keeps between requests.
pub struct App {
    sessions: Sessions,
    keys: Keys,
    responder: Responder,
    metrics: Metrics,
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
enum LogoutError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Keys(#[from] Unsure),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl LogoutError {
    /// Its name in metrics.
    fn outcome(&self) -> &'static str {
        match self {
            Self::Request(_) => INVALID_REQUEST,
            Self::Keys(_) | Self::Table(_) => FAILED,
        }
    }
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        let dynamodb = backend.dynamodb.clone();
        Ok(Self {
            sessions: Sessions::new(dynamodb, config::table(lookup, "REFRESH_TOKENS_TABLE")?),
            keys: backend.keys(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one request. A logout needs no randomness; it takes it for being called like the others.
pub async fn handle(app: &App, request: Request, Invocation { now, .. }: Invocation) -> Response<String> {
    match logout(app, &request, now).await {
        Ok((transport, outcome)) => {
            app.metrics.count(Metric::SignOuts, outcome, now);
            app.responder.signed_out(transport)
        }
        Err(error) => {
            app.metrics.count(Metric::SignOuts, error.outcome(), now);
            app.responder.error(&answer(error))
        }
    }
}

/// How the token came, and what became of it.
async fn logout(
    app: &App,
    request: &Request,
    now: Timestamp,
) -> Result<(Transport, &'static str), LogoutError> {
    let fields = Fields::read(request)?;
    let body = Logout::read(&fields, app.responder.ambient(request.headers()))?;
    let token = |keys: &KeySet| RefreshToken::parse(body.refresh_token, &keys.refresh);
    let keys = app.keys.knowing(|keys| token(keys) == Err(NotOurs::UnknownKey), now).await?;
    let Ok(token) = token(&keys) else {
        tracing::info!(route = "logout", outcome = NOT_OURS);
        return Ok((body.transport, NOT_OURS));
    };
    app.sessions.end(token.user_id, token.session_id).await?;
    tracing::info!(event = "authn_token_revoked", route = "logout", outcome = SIGNED_OUT,
        session_id = %token.session_id, user_id = %token.user_id);
    Ok((body.transport, SIGNED_OUT))
}

/// Writes the reason to the log, once, and says what the client may know of it.
fn answer(error: LogoutError) -> ApiError {
    match error {
        LogoutError::Request(error) => {
            tracing::info!(
                event = "input_validation_fail",
                route = "logout",
                outcome = "refused",
                reason = error.code()
            );
            error
        }
        LogoutError::Keys(_) | LogoutError::Table(_) => {
            tracing::error!(route = "logout", outcome = "failed", %error);
            ApiError::Unavailable
        }
    }
}
