//! `POST /register`: creates an account and signs its user in.

use aws::secret::Keys;
use aws::sign_in::{Created, SignIn};
use aws::users::User;
use aws::{Backend, TableError};
use http::{Response, StatusCode};
use runtime::Request;
use shared::Invocation;
use shared::api::{ApiError, Fields, Register, Responder, TokenResponse, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::device_token::DeviceToken;
use shared::ids::{SessionId, UserId};
use shared::issue::{AccessTokens, IssueError, token_response};
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{HashFailed, Hasher, Rules};
use shared::refresh_token::Nonce;
use shared::refusal::Refusal;
use shared::session::{Lifetimes, Session};

/// The outcomes of this function alone, in logs and metrics.
const REGISTERED: &str = "registered";
const EMAIL_TAKEN: &str = "email_taken";

/// What the function keeps between requests.
pub struct App {
    tables: SignIn,
    access_tokens: AccessTokens,
    keys: Keys,
    lifetimes: Lifetimes,
    hasher: Hasher,
    password_rules: Rules,
    responder: Responder,
    metrics: Metrics,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
enum RegisterError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error("email taken")]
    EmailTaken,
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Hash(#[from] HashFailed),
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Request(error) => error.into(),
            RegisterError::EmailTaken => Self::new(ApiError::EmailTaken, EMAIL_TAKEN),
            RegisterError::Table(_) | RegisterError::Hash(_) | RegisterError::Issue(_) => {
                Self::failure(&error)
            }
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
        Ok(Self {
            tables: SignIn::new(dynamodb, users, sessions),
            access_tokens: config::access_tokens(lookup)?,
            keys: backend.keys(lookup)?,
            lifetimes: config::lifetimes(lookup)?,
            hasher: config::hasher(lookup)?,
            password_rules: config::password_rules(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let mut report = app.metrics.report(invocation.now, invocation.stopwatch);
    match register(app, &request, invocation, &mut report).await {
        Ok((response, transport)) => {
            tracing::info!(event = "user_created", route = "register", outcome = REGISTERED,
                session_id = %response.session_id, user_id = %response.user.id);
            tracing::info!(event = "session_created", session_id = %response.session_id, user_id = %response.user.id);
            report.write(Metric::Registrations, REGISTERED);
            app.responder.tokens(StatusCode::CREATED, response, transport)
        }
        Err(error) => {
            Refusal::from(error).counted(report, Metric::Registrations).answer("register", &app.responder)
        }
    }
}

async fn register(
    app: &App,
    request: &Request,
    Invocation { now, mut rng, .. }: Invocation,
    report: &mut Report<'_>,
) -> Result<(TokenResponse, Transport), RegisterError> {
    let ambient = app.responder.ambient(request.headers());
    let Register { email, password, name, transport } =
        Register::read(&Fields::read(request)?, ambient, app.password_rules)?;
    let hash = || app.hasher.hash(&password, &mut rng);
    let password_hash = report.time(Metric::PasswordHashTime, hash)?;
    let user = User {
        email,
        user_id: UserId::random(&mut rng),
        name,
        password_hash,
        roles: vec![],
        version: 1,
        created_at: now,
    };
    let keys = app.keys.current(now).await;
    let session = Session::begin(
        (user.user_id, SessionId::random(&mut rng)),
        (keys.refresh.current(), Nonce::random(&mut rng)),
        app.lifetimes,
        (user.profile(), runtime::device(request)),
        now,
    );
    match app.tables.register(&user, &session).await? {
        Created::Yes => {}
        Created::AccountDiffers => return Err(RegisterError::EmailTaken),
    }
    let first = session.newest_token();
    let tokens = token_response(&app.access_tokens, &keys, &session, &first, now, &mut rng)?;
    let device = DeviceToken::new(user.version, &mut rng);
    Ok((tokens.with_device_token(device.to_text(&user.email, &keys.refresh)), transport))
}
