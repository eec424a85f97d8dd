//! `POST /login`: begins a session for a user who knows the password.
//!
//! # Invariants
//! * An attempt is counted before the hash runs, and a blocked attempt runs none.
//! * An unknown email and a wrong password cause the same requests and one hash, and get the same answer. For an imported
//!   account that has not signed in yet, the other system's function is computed too.

use aws::{Backend, ServiceError};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::{Base, Request};
use shared::api::{ApiError, Fields, Login, TokenResponse, Transport};
use shared::authentication::AuthenticationMethods;
use shared::code::Purpose;
use shared::config::{self, ConfigError, Lookup};
use shared::factor::{FactorCode, Presented};
use shared::flow::admission::Attempt;
use shared::flow::mailing::Mailing;
use shared::flow::sign_in::{Compared, Fresh, SignIn, SignInError, SignedIn, Step};
use shared::ids::SessionId;
use shared::issue::Opened;
use shared::key_set::KeySet;
use shared::log;
use shared::metrics::{Metric, Report};
use shared::password::{Password, PasswordCheck};
use shared::refusal::{DATA_KEY_MISSING, Refusal, WRONG_FACTOR};
use shared::{Invocation, Timestamp};

/// The outcome of a sign-in that has begun a session, in logs and metrics.
const SIGNED_IN: &str = "signed_in";

/// The event of a sign-in that fails, in OWASP's logging vocabulary.
const LOGIN_FAIL: &str = "authn_login_fail";

/// The state that the function keeps between requests.
pub struct App {
    /// What it has in common with other functions.
    pub base: Base,
    /// Whether a sign-in from an unknown device is reported by mail.
    tells_of_new_devices: bool,
    /// Whether the use of the last recovery code is told by mail.
    has_mail: bool,
}

/// The reason why a sign-in failed.
#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Flow(#[from] SignInError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl LoginError {
    /// Logs only the sender's address: the text typed as email may be a password.
    fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::Flow(SignInError::Credentials) => Refusal::credentials(LOGIN_FAIL, source_ip),
            Self::Flow(SignInError::Factor) => {
                Refusal::credentials(LOGIN_FAIL, source_ip).named(WRONG_FACTOR)
            }
            Self::Flow(SignInError::DataKeyMissing) => {
                Refusal::credentials(LOGIN_FAIL, source_ip).named(DATA_KEY_MISSING)
            }
            Self::Flow(SignInError::FactorRequired(factors)) => {
                Refusal::factor_required(factors, LOGIN_FAIL, source_ip)
            }
            Self::Flow(SignInError::Blocked { retry_after }) => Refusal::blocked(retry_after, source_ip),
            Self::Flow(SignInError::AccountChanging) | Self::Service(_) => Refusal::failure(&self),
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
            base: Base::new(lookup, backend)?,
            has_mail: config::is_mail_on(lookup)?,
            tells_of_new_devices: config::new_device_mail(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let mut report = app.base.metrics.report(invocation.now, invocation.stopwatch);
    match login(app, &request, invocation, &mut report).await {
        Ok((response, transport)) => {
            tracing::info!(event = "authn_login_success", route = "login", outcome = SIGNED_IN,
                session_id = %response.session_id, user_id = %response.user.id);
            tracing::info!(event = "session_created", session_id = %response.session_id, user_id = %response.user.id);
            report.write(Metric::SignIns, SIGNED_IN);
            app.base.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let refusal = error.refusal(runtime::source_ip(&request));
            refusal.counted(report, Metric::SignIns).answer("login", &app.base.responder)
        }
    }
}

async fn login(
    app: &App,
    request: &Request,
    Invocation { now, mut rng, .. }: Invocation,
    report: &mut Report<'_>,
) -> Result<(TokenResponse, Transport), LoginError> {
    let (fields, browser) = (Fields::read(request)?, app.base.responder.browser(request.headers()));
    let Login { email, password, factor, device_token, transport } = Login::read(&fields, browser)?;
    let keys = app.base.keys.current(now).await;
    let attempt = Attempt::new(email.clone(), device_token, &keys.refresh, app.base.attempt_limits, now);
    let known_device = attempt.known_device();
    let opening =
        app.base.opener.opening(&keys, AuthenticationMethods::PASSWORD, runtime::device(request), now);
    let mut mail = |purpose| {
        let locale = runtime::locale(request);
        Mailing::new(purpose, keys.refresh.current(), locale, now, &mut rng)
    };
    let notice = app.tells_of_new_devices.then(|| mail(Purpose::NewDevice));
    let used_up = app.has_mail.then(|| mail(Purpose::RecoveryCodesUsedUp));
    let sign_in = SignIn { attempt, opening, keep: app.base.sessions_per_user, notice, used_up };
    let typed = Typed { password: &password, factor: factor.as_ref(), keys: &keys, now };
    let SignedIn { account, session } = run(app, sign_in, typed, &mut rng, report).await??;
    let opened =
        Opened { session: &session, email: &email, ended_version: account.ended_version, known_device };
    let tokens = app.base.opener.tokens(&keys, opened, &mut rng).map_err(ServiceError::from)?;
    Ok((tokens, transport))
}

/// What was typed, and what it is checked with.
#[derive(Clone, Copy)]
struct Typed<'a> {
    password: &'a Password,
    factor: Option<&'a FactorCode>,
    keys: &'a KeySet,
    now: Timestamp,
}

/// Drives a sign-in to its end.
async fn run(
    app: &App,
    sign_in: SignIn,
    typed: Typed<'_>,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<Result<SignedIn, SignInError>, ServiceError> {
    let mut step = sign_in.start();
    loop {
        step = match step {
            Step::Admit(admit) => {
                let admitted = app.base.tables.tables().admit(&admit.attempt, rng).await?;
                admit.then(admitted)
            }
            Step::Verify(verify) => {
                let Typed { password, factor, keys, now } = typed;
                let compared = compare(app, verify.password_hash(), password, rng, report)?;
                let presented = Presented::new(factor, &keys.data, now, rng);
                verify.then(compared, presented, Fresh::random(rng))
            }
            Step::TakeBack(take_back) => {
                app.base.tables.tables().take_back(&take_back.write).await;
                take_back.then()
            }
            Step::Create(create) => {
                let created = app.base.tables.create_session(&create).await?;
                create.then(created)
            }
            Step::Sweep(sweep) => {
                let user_id = sweep.user_id();
                let log = |ended: &[SessionId]| {
                    log::sessions_ended("login", "newer_sign_in", user_id, ended, report);
                };
                app.base.tables.tables().sweep(sweep.sweep(), sweep.taken_back(), rng, log).await?;
                sweep.then()
            }
            Step::Done(outcome) => return Ok(outcome),
        }
    }
}

/// Compares the password, and hashes it again if its hash was made at another cost or by another system.
fn compare(
    app: &App,
    known: Option<&str>,
    password: &Password,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<Compared, ServiceError> {
    let verdict = report.time(Metric::PasswordHashTime, || app.base.hasher.verify(password, known))?;
    Ok(match verdict {
        PasswordCheck::Wrong => Compared::Wrong,
        PasswordCheck::Right => Compared::Right,
        PasswordCheck::RightButStale => {
            Compared::Rehashed(report.time(Metric::PasswordHashTime, || app.base.hasher.hash(password, rng))?)
        }
    })
}
