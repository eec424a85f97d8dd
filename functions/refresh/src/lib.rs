//! `POST /refresh`: exchanges a refresh token for the next pair. `POST /oauth2/token` does the same for OAuth clients, which
//! send a form (RFC 6749 section 6).
//!
//! # Invariants
//! Everything that can be refused without DynamoDB is refused first. A forged token, or a wrong access token
//! with a valid refresh token, therefore costs no request and consumes nothing.

mod exchange;
mod refusal;

use aws::Backend;
use aws::secret::KeyCache;
use aws::sessions::Sessions;
use http::{Response, StatusCode};
use runtime::Request;
use shared::access_token::{self, AccessTokenError};
use shared::api::{self, Fields, OAuthClient, Responder, TOKEN_PATH, TokenResponse, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::flow::refresh::{How, Refresh, Refreshed};
use shared::issue::{AccessTokens, token_response};
use shared::key_set::KeySet;
use shared::metrics::{Metric, Metrics};
use shared::refresh_token::{Nonce, RefreshToken, RefreshTokenError};
use shared::refusal::Refusal;
use shared::session::Limits;
use shared::{Invocation, Seconds, Stopwatch, Timestamp};

use exchange::exchange;
use refusal::{RefreshError, log_session_event};

/// The state that the function keeps between requests.
pub struct App {
    sessions: Sessions,
    access_tokens: AccessTokens,
    keys: KeyCache,
    idle: Seconds,
    limits: Limits,
    requires_access_token: bool,
    responder: Responder,
    metrics: Metrics,
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
            access_tokens: config::access_tokens(lookup)?,
            keys: backend.keys(lookup)?,
            idle: config::idle_lifetime(lookup)?,
            limits: config::limits(lookup)?,
            requires_access_token: config::refresh_requires_access_token(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let now = invocation.now;
    match refresh(app, &request, invocation).await {
        Ok((how, response, transport)) => {
            app.metrics.count(Metric::Refreshes, how.name(), now);
            app.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let report = app.metrics.report(now, Stopwatch::STOPPED);
            Refusal::from(&error).counted(report, Metric::Refreshes).answer("refresh", &app.responder)
        }
    }
}

async fn refresh(
    app: &App,
    request: &Request,
    Invocation { now, mut rng, .. }: Invocation,
) -> Result<(How, TokenResponse, Transport), RefreshError> {
    let is_form = request.uri().path().ends_with(TOKEN_PATH);
    let fields = if is_form { Fields::read_form(request) } else { Fields::read(request) }?;
    let body = if is_form {
        api::Refresh::read_form(&fields, OAuthClient::new(&app.access_tokens.client_id, request.headers()))
    } else {
        api::Refresh::read(&fields, app.responder.browser(request.headers()))
    }?;
    let keys = app.keys.knowing(|keys| names_unknown_key(&body, keys), now).await?;
    let presented = RefreshToken::parse(body.refresh_token, &keys.refresh)?;
    check_access_token(app, &keys, body.access_token, &presented, now)?;
    let refresh = Refresh {
        nonce: Nonce::random(&mut rng),
        key_id: keys.refresh.current(),
        idle: app.idle,
        limits: app.limits,
        presented: presented.clone(),
        retry_key: body.retry_key,
        now,
    };
    let refreshed = exchange(&app.sessions, refresh).await?;
    let refreshed = refreshed.map_err(RefreshError::from);
    let Refreshed { how, session, successor } =
        refreshed.inspect_err(|error| log_session_event(&presented, error))?;
    // The row may have been written by a function with a newer set.
    let keys = app.keys.knowing(|keys| !keys.refresh.has(successor.key_id), now).await?;
    let age = (how == How::ProvenReplay).then(|| session.newest_token_age(now));
    let response = token_response(&app.access_tokens, &keys, &session, &successor, now, &mut rng)?;
    tracing::info!(event = "session_renewed", route = "refresh", outcome = how.name(), session_id = %session.session_id,
        user_id = %session.user_id, generation = successor.generation.number(), age_seconds = age);
    Ok((how, response, body.transport))
}

/// Returns whether the set lacks a key that one of the tokens names. Nothing of the tokens is verified.
fn names_unknown_key(body: &api::Refresh<'_>, keys: &KeySet) -> bool {
    let refresh_token = RefreshToken::parse(body.refresh_token, &keys.refresh);
    refresh_token == Err(RefreshTokenError::UnknownKey)
        || body.access_token.is_some_and(|text| access_token::names_unknown_key(text, &keys.verifying))
}

/// Checks an access token in the request: it must be genuine and of the same session, but may have expired. If its key
/// has since been dropped, it counts as absent, so that dropping a key signs nobody out.
fn check_access_token(
    app: &App,
    keys: &KeySet,
    access_token: Option<&str>,
    presented: &RefreshToken,
    now: Timestamp,
) -> Result<(), RefreshError> {
    let verified = access_token.map(|text| {
        access_token::verify(text, &keys.verifying, &app.access_tokens.policy)?.even_if_expired(now)
    });
    match verified {
        None | Some(Err(AccessTokenError::UnknownKey)) if app.requires_access_token => {
            Err(RefreshError::NoAccessToken)
        }
        None | Some(Err(AccessTokenError::UnknownKey)) => Ok(()),
        Some(Err(error)) => Err(RefreshError::AccessToken(error)),
        Some(Ok(claims)) => {
            let same =
                claims.sub == presented.user_id.to_string() && claims.sid == presented.session_id.to_string();
            if same { Ok(()) } else { Err(RefreshError::OtherSession) }
        }
    }
}
