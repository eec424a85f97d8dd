//! `POST /logout`: ends the session of a refresh token.
//!
//! Any genuine token of the session ends it, of any generation; everything else is answered the same 204 without a
//! request to DynamoDB (RFC 7009 section 2.2 does so too: the client's aim is reached). Without a token nothing has ended, and
//! the answer is a 400. A page of the allowed origin has its cookie cleared by either.

use aws::secret::{KeyCache, KeyLookupError};
use aws::sessions::Sessions;
use aws::{Backend, TableError};
use http::Response;
use runtime::Request;
use shared::api::{ApiError, Fields, Logout, Responder, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::KeySet;
use shared::metrics::{Metric, Metrics};
use shared::refresh_token::{RefreshToken, RefreshTokenError};
use shared::refusal::Refusal;
use shared::{Invocation, Stopwatch, Timestamp};

/// The outcomes that are answered alike, in logs and metrics.
const SIGNED_OUT: &str = "signed_out";
const NOT_OURS: &str = "not_ours";

/// What the function keeps between requests.
pub struct App {
    sessions: Sessions,
    keys: KeyCache,
    responder: Responder,
    metrics: Metrics,
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
enum LogoutError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    KeyCache(#[from] KeyLookupError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<LogoutError> for Refusal {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Request(error) => error.into(),
            LogoutError::KeyCache(_) | LogoutError::Table(_) => Self::failure(&error),
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
            let report = app.metrics.report(now, Stopwatch::STOPPED);
            let refusal = Refusal::from(error).counted(report, Metric::SignOuts);
            let response = refusal.answer("logout", &app.responder);
            // There may be a cookie that its page can't see. After a failure of the service it is still needed.
            let is_page = app.responder.browser(request.headers()).is_of_allowed_origin();
            if is_page && response.status().is_client_error() {
                app.responder.clearing_cookie(response)
            } else {
                response
            }
        }
    }
}

/// Returns the token that is presented, if it is genuine.
async fn presented(
    app: &App,
    body: &Logout<'_>,
    now: Timestamp,
) -> Result<Option<RefreshToken>, LogoutError> {
    let token = |keys: &KeySet| RefreshToken::parse(body.refresh_token, &keys.refresh);
    let keys = app.keys.knowing(|keys| token(keys) == Err(RefreshTokenError::UnknownKey), now).await?;
    Ok(token(&keys).ok())
}

/// How the token came, and what became of it.
async fn logout(
    app: &App,
    request: &Request,
    now: Timestamp,
) -> Result<(Transport, &'static str), LogoutError> {
    let fields = Fields::read(request)?;
    let body = Logout::read(&fields, app.responder.browser(request.headers()))?;
    let Some(token) = presented(app, &body, now).await? else {
        tracing::info!(route = "logout", outcome = NOT_OURS);
        return Ok((body.transport, NOT_OURS));
    };
    app.sessions.end(token.user_id, token.session_id).await?;
    tracing::info!(event = "authn_token_revoked", route = "logout", outcome = SIGNED_OUT,
        session_id = %token.session_id, user_id = %token.user_id);
    Ok((body.transport, SIGNED_OUT))
}
