//! `POST /logout`: ends the session of a refresh token.
//!
//! Any genuine token of the session ends it, of any generation; everything else is answered the same 204 without a
//! request to DynamoDB (RFC 7009 section 2.2 does so too: the client's aim is reached).

use aws::TableError;
use aws::sessions::Sessions;
use aws_sdk_dynamodb::Client;
use http::Response;
use lambda_http::Request;
use shared::Invocation;
use shared::api::{ApiError, Fields, Logout, Responder};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::KeySet;
use shared::refresh_token::RefreshToken;

/// What the function keeps between requests.
pub struct App {
    sessions: Sessions,
    keys: KeySet,
    responder: Responder,
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
enum LogoutError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, dynamodb: Client) -> Result<Self, ConfigError> {
        Ok(Self {
            sessions: Sessions::new(dynamodb, config::table(lookup, "REFRESH_TOKENS_TABLE")?),
            keys: config::key_set(lookup)?,
            responder: config::responder(lookup)?,
        })
    }

    /// Opens the connection to DynamoDB before the first request needs it.
    pub async fn open_connection(&self) {
        self.sessions.open_connection().await;
    }
}

/// Answers one request. A logout needs neither clock nor randomness; it takes them for being called like the others.
pub async fn handle(app: &App, request: Request, _: Invocation) -> Response<String> {
    match logout(app, &request).await {
        Ok(()) => app.responder.no_content(),
        Err(error) => app.responder.error(&answer(error)),
    }
}

async fn logout(app: &App, request: &Request) -> Result<(), LogoutError> {
    let fields = Fields::read(request)?;
    let body = Logout::read(&fields)?;
    match RefreshToken::parse(body.refresh_token, &app.keys.refresh) {
        Ok(token) => {
            app.sessions.end(token.user_id, token.session_id).await?;
            tracing::info!(route = "logout", outcome = "signed_out", session_id = %token.session_id,
                user_id = %token.user_id);
        }
        Err(_) => tracing::info!(route = "logout", outcome = "not_ours"),
    }
    Ok(())
}

/// Writes the reason to the log, once, and says what the client may know of it.
fn answer(error: LogoutError) -> ApiError {
    match error {
        LogoutError::Request(error) => {
            tracing::info!(route = "logout", outcome = "refused", reason = error.code());
            error
        }
        LogoutError::Table(_) => {
            tracing::error!(route = "logout", outcome = "failed", %error);
            ApiError::Unavailable
        }
    }
}
