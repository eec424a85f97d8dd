//! `POST /logout`: ends the session of a refresh token. `POST /oauth2/revoke` does the same for OAuth clients, which send a
//! form, and may send an access token (RFC 7009 section 2.1).
//!
//! Any genuine token of the session ends it, whatever its generation. Everything else gets the same 204 without a
//! request to DynamoDB, as in RFC 7009 section 2.2: the client's goal is reached. Without a token nothing has ended, and
//! the answer is a 400. Both clear the cookie of a page of the allowed origin; a revocation ignores cookies.
//!
//! An access token ends its session as long as it is valid for `DELETE /sessions/{id}` too, that is, until it expires.

use aws::secret::{KeyCache, KeyLookupError};
use aws::sessions::Sessions;
use aws::{Backend, TableError};
use http::{Response, StatusCode};
use runtime::Request;
use serde_json::json;
use shared::access_token::{self, Policy};
use shared::api::{ApiError, Fields, Logout, LogoutKind, OAuthClient, REVOCATION_PATH, Responder};
use shared::config::{self, ConfigError, Lookup};
use shared::ids::{SessionId, UserId};
use shared::key_set::KeySet;
use shared::metrics::{Metric, Metrics};
use shared::refresh_token::{RefreshToken, RefreshTokenError};
use shared::refusal::Refusal;
use shared::{Invocation, Stopwatch, Timestamp};

/// The outcomes in logs and metrics. Their answers are the same.
const SIGNED_OUT: &str = "signed_out";
const NOT_OURS: &str = "not_ours";

/// The state that the function keeps between requests.
pub struct App {
    sessions: Sessions,
    keys: KeyCache,
    policy: Policy,
    client_id: String,
    responder: Responder,
    metrics: Metrics,
}

/// The reason why a session was not ended.
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
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        let dynamodb = backend.dynamodb.clone();
        Ok(Self {
            sessions: Sessions::new(dynamodb, config::table(lookup, "REFRESH_TOKENS_TABLE")?),
            keys: backend.keys(lookup)?,
            policy: config::policy(lookup)?,
            client_id: config::client_id(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one request. A logout needs no randomness; it has the parameter so that all functions are called alike.
pub async fn handle(app: &App, request: Request, Invocation { now, .. }: Invocation) -> Response<String> {
    let is_form = request.uri().path().ends_with(REVOCATION_PATH);
    match logout(app, &request, is_form, now).await {
        Ok((kind, outcome)) => {
            app.metrics.count(Metric::SignOuts, outcome, now);
            match kind {
                LogoutKind::Logout(transport) => app.responder.signed_out(transport),
                LogoutKind::Revocation => app.responder.json(StatusCode::OK, &json!({})),
            }
        }
        Err(error) => {
            let report = app.metrics.report(now, Stopwatch::STOPPED);
            let refusal = Refusal::from(error).counted(report, Metric::SignOuts);
            let response = refusal.answer("logout", &app.responder);
            // There may be a cookie that its page cannot see. After a failure of the service it is still needed.
            let is_page = !is_form && app.responder.browser(request.headers()).is_of_allowed_origin();
            if is_page && response.status().is_client_error() {
                app.responder.clearing_cookie(response)
            } else {
                response
            }
        }
    }
}

/// Returns the route, and the result for the token.
async fn logout(
    app: &App,
    request: &Request,
    is_form: bool,
    now: Timestamp,
) -> Result<(LogoutKind, &'static str), LogoutError> {
    let fields = if is_form { Fields::read_form(request) } else { Fields::read(request) }?;
    let body = if is_form {
        Logout::read_form(&fields, OAuthClient::new(&app.client_id, request.headers()))
    } else {
        Logout::read(&fields, app.responder.browser(request.headers()))
    }?;
    let keys = app.keys.knowing(|keys| names_unknown_key(&body, keys), now).await?;
    let Some((user_id, session_id)) = session_of(app, &body, &keys, now) else {
        tracing::info!(route = "logout", outcome = NOT_OURS);
        return Ok((body.kind, NOT_OURS));
    };
    app.sessions.end(user_id, session_id).await?;
    tracing::info!(event = "authn_token_revoked", route = "logout", outcome = SIGNED_OUT, %session_id, %user_id);
    Ok((body.kind, SIGNED_OUT))
}

/// Returns whether the set lacks the key that the token names. Nothing of the token is verified.
fn names_unknown_key(body: &Logout<'_>, keys: &KeySet) -> bool {
    RefreshToken::parse(body.token, &keys.refresh) == Err(RefreshTokenError::UnknownKey)
        || body.kind == LogoutKind::Revocation && access_token::names_unknown_key(body.token, &keys.verifying)
}

/// Returns the session of the token, if it is genuine.
fn session_of(app: &App, body: &Logout<'_>, keys: &KeySet, now: Timestamp) -> Option<(UserId, SessionId)> {
    match (RefreshToken::parse(body.token, &keys.refresh), body.kind) {
        (Ok(token), _) => Some((token.user_id, token.session_id)),
        (Err(_), LogoutKind::Logout(_)) => None,
        (Err(_), LogoutKind::Revocation) => {
            let token = access_token::verify(body.token, &keys.verifying, &app.policy).ok()?;
            let claims = token.unexpired_at(now).ok()?;
            Some((claims.sub.parse().ok()?, claims.sid.parse().ok()?))
        }
    }
}
