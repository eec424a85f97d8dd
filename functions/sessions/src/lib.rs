//! `GET /me`, `GET /sessions`, `DELETE /sessions` and `DELETE /sessions/{id}`: lists and ends the user's own sessions.
//!
//! # Invariants
//! * The access token alone determines whose sessions are shown or ended.
//! * Before anything is shown or ended, one consistent query checks that the session of the access token lives:
//!   an access token can outlive its session.

mod route;

use aws::sessions::Sessions;
use aws::{Backend, TableError};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::{Request, RequestExt, path_id};
use shared::api::{ApiError, EndSessions, Me, Responder, SessionList};
use shared::caller::{Caller, CallerError};
use shared::config::{self, ConfigError, Lookup};
use shared::flow::end_sessions::{EndOwn, Step};
use shared::log;
use shared::metrics::{Metric, Metrics};
use shared::refusal::Refusal;
use shared::session::OwnSessions;
use shared::{Invocation, Timestamp};

use route::{ROUTES, Route};

/// The state that the function keeps between requests.
pub struct App {
    sessions: Sessions,
    responder: Responder,
    metrics: Metrics,
}

/// The reason why a request is refused.
#[derive(Debug, thiserror::Error)]
enum SessionsError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<SessionsError> for Refusal {
    fn from(error: SessionsError) -> Self {
        match error {
            SessionsError::Request(error) => error.into(),
            SessionsError::Caller(reason) => reason.into(),
            SessionsError::Table(_) => Self::failure(&error),
        }
    }
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            sessions: Sessions::new(backend.dynamodb, config::table(lookup, "REFRESH_TOKENS_TABLE")?),
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let caller = runtime::caller(&request, invocation.now);
    match answer(app, &request, caller.clone(), invocation).await {
        Ok(response) => response,
        Err(error) => Refusal::from(error).of_caller(caller.ok().as_ref()).answer("sessions", &app.responder),
    }
}

async fn answer(
    app: &App,
    request: &Request,
    caller: Result<Caller, CallerError>,
    Invocation { now, mut rng, stopwatch }: Invocation,
) -> Result<Response<String>, SessionsError> {
    let route = ROUTES.of(request)?;
    let caller = caller?;
    if route == Route::Me {
        tracing::info!(route = "sessions", outcome = "told", user_id = %caller.user_id);
        return Ok(app.responder.json(StatusCode::OK, &Me::of(caller, now)));
    }
    let ended = match route {
        Route::EndOne => {
            let id: String = path_id(request, "session")?;
            end_one(app, &caller, &id, now, &mut rng).await?
        }
        Route::End => {
            let which = EndSessions::read(request.query_string_parameters().iter())?;
            end(app, &caller, which, now, &mut rng).await?
        }
        Route::List | Route::Me => {
            let own = own_sessions(app, &caller, now).await?;
            tracing::info!(route = "sessions", outcome = "listed", user_id = %caller.user_id);
            return Ok(app.responder.json(StatusCode::OK, &SessionList::of(&own, caller.session_id, now)));
        }
    };
    let mut report = app.metrics.report(now, stopwatch);
    report.add(Metric::SessionsEnded, ended);
    report.write_values();
    Ok(app.responder.no_content())
}

/// Ends the session with this id. Another user's session and an unknown id get the same answer: not among the user's.
async fn end_one(
    app: &App,
    caller: &Caller,
    id: &str,
    now: Timestamp,
    rng: &mut StdRng,
) -> Result<usize, SessionsError> {
    let own = own_sessions(app, caller, now).await?;
    let mut ids = own.living(now).into_iter().map(|session| session.session_id);
    let session_id = ids.find(|own| own.to_string() == id).ok_or(ApiError::NotFound("session"))?;
    app.sessions.end_all(caller.user_id, &[session_id], rng).await?;
    tracing::info!(event = "authn_token_revoked", route = "sessions", outcome = "ended_one", session_id = %session_id,
        user_id = %caller.user_id, by_session_id = %caller.session_id);
    Ok(1)
}

/// Ends all sessions, or all others. Returns their number.
async fn end(
    app: &App,
    caller: &Caller,
    which: EndSessions,
    now: Timestamp,
    rng: &mut StdRng,
) -> Result<usize, SessionsError> {
    let Caller { user_id, session_id, .. } = *caller;
    let mut step = EndOwn { user_id, caller: session_id, which, now }.start();
    let ended = loop {
        step = match step {
            Step::Query(query) => {
                let own = app.sessions.of_user(query.request.user_id).await?;
                query.then(&own)
            }
            Step::End(end) => {
                app.sessions.end_all(end.user_id, &end.sessions, rng).await?;
                end.then()
            }
            Step::Done(ended) => break ended.ok_or(ApiError::SessionOver)?,
        }
    };
    log::revoked("sessions", "ended_by_user", user_id, &ended);
    tracing::info!(route = "sessions", outcome = "ended", sessions = ended.len(), %session_id, %user_id);
    Ok(ended.len())
}

/// Returns the caller's sessions, if the caller's own session lives.
async fn own_sessions(app: &App, caller: &Caller, now: Timestamp) -> Result<OwnSessions, SessionsError> {
    let own = app.sessions.of_user(caller.user_id).await?;
    if own.has_living(caller.session_id, now) { Ok(own) } else { Err(ApiError::SessionOver.into()) }
}
