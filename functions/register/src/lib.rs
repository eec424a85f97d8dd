//! `POST /register`: creates an account and signs its user in.

use aws::accounts::{Accounts, AddressTaken};
use aws::secret::KeyCache;
use aws::{Backend, ServiceError};
use http::{Response, StatusCode};
use runtime::Request;
use shared::Invocation;
use shared::account::Account;
use shared::api::{ApiError, Fields, Register, Responder, TokenResponse, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::flow::sign_in::Fresh;
use shared::ids::UserId;
use shared::issue::{Opened, SessionOpener};
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{Hasher, Rules};
use shared::refusal::Refusal;

/// The outcomes of this function alone, in logs and metrics.
const REGISTERED: &str = "registered";
const EMAIL_TAKEN: &str = "email_taken";

/// What the function keeps between requests.
pub struct App {
    tables: Accounts,
    keys: KeyCache,
    opener: SessionOpener,
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
    Service(#[from] ServiceError),
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Request(error) => error.into(),
            RegisterError::EmailTaken => Self::new(ApiError::EmailTaken, EMAIL_TAKEN),
            RegisterError::Service(_) => Self::failure(&error),
        }
    }
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            tables: Accounts::from_settings(lookup, backend.dynamodb.clone())?,
            keys: backend.keys(lookup)?,
            opener: config::session_opener(lookup)?,
            password_rules: config::password_rules(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
            hasher: config::hasher(lookup)?,
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
    let browser = app.responder.browser(request.headers());
    let Register { email, password, name, transport } =
        Register::read(&Fields::read(request)?, browser, app.password_rules)?;
    let hash = || app.hasher.hash(&password, &mut rng);
    let password_hash = report.time(Metric::PasswordHashTime, hash).map_err(ServiceError::from)?;
    let account = Account {
        email,
        user_id: UserId::random(&mut rng),
        name,
        password_hash,
        roles: vec![],
        version: 1,
        ended_version: 1,
        created_at: now,
    };
    let keys = app.keys.current(now).await;
    let opening = app.opener.opening(&keys, runtime::device(request), now);
    let session = opening.open(account.user_id, account.profile(), Fresh::random(&mut rng));
    let registered = app.tables.register(&account, &session).await.map_err(ServiceError::from)?;
    registered.map_err(|AddressTaken| RegisterError::EmailTaken)?;
    let opened = Opened {
        session: &session,
        email: &account.email,
        account_version: account.version,
        known_device: None,
    };
    let tokens = app.opener.tokens(&keys, opened, &mut rng).map_err(ServiceError::from)?;
    Ok((tokens, transport))
}
