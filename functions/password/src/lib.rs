//! `POST /password`: a new password for who knows the present one, from a session that lives.
//!
//! What always holds: the attempt is counted before the hash runs, as at a sign-in. One transaction changes the password,
//! ends the user's sessions and begins the one that the answer carries. What a sign-in with the old password begins between
//! its query and the transaction ends before the answer.

mod refusal;

use aws::Backend;
use aws::secret::Keys;
use aws::tables::{Progress, Tables};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::Request;
use shared::Invocation;
use shared::api::{ApiError, ChangePassword, Fields, Responder, TokenResponse, Transport};
use shared::attempts::{Lane, Limits};
use shared::caller::Caller;
use shared::config::{self, ConfigError, Lookup};
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::flow::account_change::{Changed, ENDED_AT_ONCE};
use shared::flow::admission::Attempt;
use shared::flow::password_change::{Changing, PasswordChange, Step};
use shared::flow::sign_in::{Fresh, Opening};
use shared::issue::{AccessTokens, Opened, first_tokens};
use shared::log;
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{Hasher, Rules, Verdict};
use shared::session::Lifetimes;

use refusal::PasswordError;

/// The outcome of a change, in logs and metrics.
const CHANGED: &str = "changed";

/// What the function keeps between requests.
pub struct App {
    tables: Tables,
    attempt_limits: Limits,
    access_tokens: AccessTokens,
    keys: Keys,
    lifetimes: Lifetimes,
    sessions_per_user: usize,
    hasher: Hasher,
    password_rules: Rules,
    responder: Responder,
    metrics: Metrics,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            tables: Tables::from_settings(lookup, backend.dynamodb.clone())?,
            attempt_limits: config::sign_in_limits(lookup)?,
            access_tokens: config::access_tokens(lookup)?,
            keys: backend.keys(lookup)?,
            lifetimes: config::lifetimes(lookup)?,
            sessions_per_user: config::sessions_per_user(lookup)?,
            hasher: config::hasher(lookup)?,
            password_rules: config::password_rules(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }

    /// How many password hashes this function has computed since its start.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hasher.computed()
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let mut report = app.metrics.report(invocation.now, invocation.stopwatch);
    let caller = runtime::caller(&request, invocation.now);
    let changed = match &caller {
        Ok(caller) => change_password(app, &request, caller, invocation, &mut report).await,
        Err(reason) => Err((*reason).into()),
    };
    match changed {
        Ok((response, transport)) => {
            report.write(Metric::PasswordChanges, CHANGED);
            app.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let refusal = error.refusal(caller.ok().as_ref(), runtime::source_ip(&request));
            refusal.counted(report, Metric::PasswordChanges).answer("password", &app.responder)
        }
    }
}

async fn change_password(
    app: &App,
    request: &Request,
    caller: &Caller,
    Invocation { now, mut rng, .. }: Invocation,
    report: &mut Report<'_>,
) -> Result<(TokenResponse, Transport), PasswordError> {
    let email = &Email::from_table(caller.email.clone());
    let (fields, ambient) = (Fields::read(request)?, app.responder.ambient(request.headers()));
    let body = &ChangePassword::read(&fields, ambient, app.password_rules, (email, &caller.name))?;
    let keys = app.keys.current(now).await;
    let device = body.device_token.and_then(|text| DeviceToken::parse(text, email, &keys.refresh).ok());
    let lane = |device: DeviceToken| (device, Lane::of_device(email, &device, &keys.refresh));
    let attempt = Attempt {
        email: email.clone(),
        common: Lane::common(email, &keys.refresh),
        device: device.map(lane),
        limits: app.attempt_limits,
        now,
    };
    let (key_id, lifetimes) = (keys.refresh.current(), app.lifetimes);
    let opening = Opening { key_id, lifetimes, device: runtime::device(request), now };
    let change = PasswordChange {
        user_id: caller.user_id,
        caller: caller.session_id,
        attempt,
        opening,
        keep: app.sessions_per_user,
        room: ENDED_AT_ONCE,
    };
    let Changed { account, begun } = run(app, change, body, &mut rng, report).await?;
    let session = &begun.ok_or(ApiError::Unavailable)?;
    let opened = Opened { session, email, account_version: account.version, known_device: device };
    Ok((first_tokens(&app.access_tokens, &keys, opened, now, &mut rng)?, body.transport))
}

/// Drives a change of the password to its end.
async fn run(
    app: &App,
    change: PasswordChange,
    body: &ChangePassword<'_>,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<Changed, PasswordError> {
    let mut step = change.start();
    loop {
        step = match step {
            Step::Query(query) => {
                let own = app.tables.accounts().sessions().of_user(query.user_id()).await?;
                query.then(&own)
            }
            Step::Admit(admit) => {
                let admitted = app.tables.admit(admit.admission(), rng).await?;
                admit.then(admitted)
            }
            Step::Verify(verify) => {
                let new_hash = hash(app, verify.password_hash(), body, rng, report)?;
                verify.then(new_hash, Fresh::random(rng))
            }
            Step::Change(change) => {
                let log = |progress: Progress<'_>| log_progress(&change, progress, report);
                let changed = app.tables.change_account(change.change(), rng, log).await?;
                change.then(changed)
            }
            Step::Done(outcome) => return Ok(outcome?),
        }
    }
}

/// Returns the hash of the new password if the present one is right.
fn hash(
    app: &App,
    known: Option<&str>,
    body: &ChangePassword<'_>,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<Option<String>, PasswordError> {
    match report.time(Metric::PasswordHashTime, || app.hasher.verify(&body.current_password, known))? {
        Verdict::Right | Verdict::RightButStale => {
            let hash = || app.hasher.hash(&body.new_password, rng);
            Ok(Some(report.time(Metric::PasswordHashTime, hash)?))
        }
        Verdict::Wrong => Ok(None),
    }
}

/// Writes what has ended and changed to the log when it has, whatever fails afterwards.
fn log_progress(change: &Changing, progress: Progress<'_>, report: &mut Report<'_>) {
    let user_id = change.user_id();
    match progress {
        Progress::Ended([]) => {}
        Progress::Ended(ended) => {
            report.add(Metric::SessionsEnded, ended.len());
            log::revoked("password", "password_change", user_id, ended);
        }
        Progress::Committed => {
            let session_id = change.begun();
            tracing::info!(event = "authn_password_change", route = "password", outcome = CHANGED,
                %session_id, %user_id);
            tracing::info!(event = "session_created", %session_id, %user_id);
        }
    }
}
