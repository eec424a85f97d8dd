//! `POST /login`: begins a session for who knows the password.
//!
//! What always holds: an attempt is counted before the hash runs, and a blocked one runs none; an unknown email and a
//! wrong password cost the same requests and one hash, and are answered alike.

use aws::admission::{Admission, Admitted, Guess, NotAdmitted};
use aws::secret::Keys;
use aws::sign_in::{Created, SignIn};
use aws::users::User;
use aws::{Backend, TableError};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::Request;
use shared::api::{ApiError, Fields, Login, Responder, TokenResponse, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::device_token::DeviceToken;
use shared::ids::SessionId;
use shared::issue::{AccessTokens, IssueError, token_response};
use shared::log;
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{HashFailed, Hasher, Password, Verdict};
use shared::refresh_token::Nonce;
use shared::refusal::Refusal;
use shared::session::{Lifetimes, Session};
use shared::{Invocation, Seconds};

/// How often a sign-in is begun anew, password and all, because its account has changed meanwhile.
const TRIES: usize = 3;

/// The outcome of a sign-in that began a session, in logs and metrics.
const SIGNED_IN: &str = "signed_in";

/// What the function keeps between requests.
pub struct App {
    tables: SignIn,
    admission: Admission,
    access_tokens: AccessTokens,
    keys: Keys,
    lifetimes: Lifetimes,
    sessions_per_user: usize,
    hasher: Hasher,
    responder: Responder,
    metrics: Metrics,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error("unknown email or wrong password")]
    Credentials,
    #[error("too many attempts")]
    Blocked { retry_after: Seconds },
    #[error("the account kept changing")]
    AccountChanging,
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Hash(#[from] HashFailed),
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl LoginError {
    /// Who guesses has an address and nothing else that could be named: what was typed as email may be a password.
    fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::Credentials => Refusal::new(ApiError::InvalidCredentials, "invalid_credentials")
                .security_event("authn_login_fail")
                .from_address(source_ip),
            Self::Blocked { retry_after } => {
                Refusal::new(ApiError::TooManyAttempts { retry_after }, "too_many_attempts")
                    .security_event("authn_login_fail_max")
                    .from_address(source_ip)
            }
            Self::AccountChanging | Self::Table(_) | Self::Hash(_) | Self::Issue(_) => {
                Refusal::failure(&self)
            }
        }
    }
}

impl From<NotAdmitted> for LoginError {
    fn from(reason: NotAdmitted) -> Self {
        match reason {
            NotAdmitted::Blocked { retry_after } => Self::Blocked { retry_after },
            NotAdmitted::Table(error) => Self::Table(error),
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
        let users = config::table(lookup, "USERS_TABLE")?;
        let sessions = config::table(lookup, "REFRESH_TOKENS_TABLE")?;
        let tables = SignIn::new(dynamodb.clone(), users, sessions);
        Ok(Self {
            admission: Admission::from_settings(lookup, tables.users(), dynamodb)?,
            tables,
            access_tokens: config::access_tokens(lookup)?,
            keys: backend.keys(lookup)?,
            lifetimes: config::lifetimes(lookup)?,
            sessions_per_user: config::sessions_per_user(lookup)?,
            hasher: config::hasher(lookup)?,
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
    match login(app, &request, invocation, &mut report).await {
        Ok((response, transport)) => {
            tracing::info!(event = "authn_login_success", route = "login", outcome = SIGNED_IN,
                session_id = %response.session_id, user_id = %response.user.id);
            tracing::info!(event = "session_created", session_id = %response.session_id, user_id = %response.user.id);
            report.write(Metric::SignIns, SIGNED_IN);
            app.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let refusal = error.refusal(runtime::source_ip(&request));
            refusal.counted(report, Metric::SignIns).answer("login", &app.responder)
        }
    }
}

async fn login(
    app: &App,
    request: &Request,
    Invocation { now, mut rng, .. }: Invocation,
    report: &mut Report<'_>,
) -> Result<(TokenResponse, Transport), LoginError> {
    let (fields, ambient) = (Fields::read(request)?, app.responder.ambient(request.headers()));
    let Login { email, password, device_token, transport } = Login::read(&fields, ambient)?;
    let keys = app.keys.current(now).await;
    let device = device_token.and_then(|text| DeviceToken::parse(text, &email, &keys.refresh).ok());
    let guess = Guess { email: &email, device, keys: &keys.refresh };
    for _ in 0..TRIES {
        let Admitted { user, lane } = app.admission.admit(guess, now, &mut rng).await?;
        let (account, rehashed) = verify(app, user, &password, &mut rng, report)?;
        let session = Session::begin(
            (account.user_id, SessionId::random(&mut rng)),
            (keys.refresh.current(), Nonce::random(&mut rng)),
            app.lifetimes,
            (account.profile(), runtime::device(request)),
            now,
        );
        let lane = (&app.admission.attempts, &lane);
        if app.tables.log_in(&account, rehashed.as_deref(), &session, lane).await? == Created::Yes {
            let ended = app.tables.sessions().end_beyond(&session, app.sessions_per_user, &mut rng).await?;
            if !ended.is_empty() {
                report.add(Metric::SessionsEnded, ended.len());
                log::revoked("login", "newer_sign_in", account.user_id, &ended);
            }
            let first = session.newest_token();
            let tokens = token_response(&app.access_tokens, &keys, &session, &first, now, &mut rng)?;
            let device = DeviceToken::after_sign_in(device, account.version, &mut rng);
            return Ok((tokens.with_device_token(device.to_text(&email, &keys.refresh)), transport));
        }
    }
    Err(LoginError::AccountChanging)
}

/// The account, if this is its password; and the hash to store if its own was made at another cost. One hash, whether
/// there is an account or not.
fn verify(
    app: &App,
    user: Option<User>,
    password: &Password,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<(User, Option<String>), LoginError> {
    let known = user.as_ref().map(|user| user.password_hash.as_str());
    let verify = || app.hasher.verify(password, known);
    let verdict = report.time(Metric::PasswordHashTime, verify)?;
    let account = user.ok_or(LoginError::Credentials)?;
    match verdict {
        Verdict::Wrong => Err(LoginError::Credentials),
        Verdict::Right => Ok((account, None)),
        Verdict::RightButStale => {
            let rehashed = report.time(Metric::PasswordHashTime, || app.hasher.hash(password, rng))?;
            Ok((account, Some(rehashed)))
        }
    }
}
