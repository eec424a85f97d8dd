//! `POST /register`: creates an account and signs its user in.

use aws::TableError;
use aws::accounts::{Accounts, AddressTaken};
use aws::secret::Keys;
use aws_sdk_dynamodb::Client;
use http::{Response, StatusCode};
use lambda_http::Request;
use shared::Invocation;
use shared::account::Account;
use shared::api::{ApiError, Fields, Register, Responder, TokenResponse, Transport};
use shared::config::{self, ConfigError, Lookup};
use shared::flow::sign_in::{Fresh, Opening};
use shared::ids::UserId;
use shared::issue::{AccessTokens, IssueError, Opened, first_tokens};
use shared::metrics::{FAILED, INVALID_REQUEST, Metric, Metrics, Report};
use shared::password::{HashFailed, Hasher, Rules};
use shared::session::Lifetimes;

/// The outcomes of this function alone, in logs and metrics.
const REGISTERED: &str = "registered";
const EMAIL_TAKEN: &str = "email_taken";

/// What the function keeps between requests.
pub struct App {
    tables: Accounts,
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

impl RegisterError {
    /// Its name in metrics.
    fn outcome(&self) -> &'static str {
        match self {
            Self::Request(_) => INVALID_REQUEST,
            Self::EmailTaken => EMAIL_TAKEN,
            Self::Table(_) | Self::Hash(_) | Self::Issue(_) => FAILED,
        }
    }
}

impl App {
    /// Reads the settings of this function, `KEY_SET` among them.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, dynamodb: Client) -> Result<Self, ConfigError> {
        Self::with_keys(lookup, dynamodb, Keys::inline(config::key_set(lookup)?))
    }

    /// Reads the settings of this function but the keys, which come from elsewhere.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn with_keys(lookup: Lookup<'_>, dynamodb: Client, keys: Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            tables: Accounts::from_settings(lookup, dynamodb)?,
            access_tokens: config::access_tokens(lookup)?,
            keys,
            lifetimes: config::lifetimes(lookup)?,
            hasher: config::hasher(lookup)?,
            password_rules: config::password_rules(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }

    /// Opens the connection to DynamoDB before the first request needs it.
    pub async fn open_connection(&self) {
        self.tables.users().open_connection().await;
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
            report.write(Metric::Registrations, error.outcome());
            app.responder.error(&answer(error))
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
    let (key_id, lifetimes) = (keys.refresh.current(), app.lifetimes);
    let opening = Opening { key_id, lifetimes, device: aws::event::device(request), now };
    let session = opening.open(account.user_id, account.profile(), Fresh::random(&mut rng));
    app.tables.register(&account, &session).await?.map_err(|AddressTaken| RegisterError::EmailTaken)?;
    let opened = Opened {
        session: &session,
        email: &account.email,
        account_version: account.version,
        known_device: None,
    };
    Ok((first_tokens(&app.access_tokens, &keys, opened, now, &mut rng)?, transport))
}

/// Writes the reason to the log, once, and says what the client may know of it.
fn answer(error: RegisterError) -> ApiError {
    match error {
        RegisterError::Request(error) => {
            tracing::info!(
                event = "input_validation_fail",
                route = "register",
                outcome = "refused",
                reason = error.code()
            );
            error
        }
        RegisterError::EmailTaken => {
            tracing::info!(route = "register", outcome = "refused", reason = EMAIL_TAKEN);
            ApiError::EmailTaken
        }
        RegisterError::Table(_) | RegisterError::Hash(_) | RegisterError::Issue(_) => {
            tracing::error!(route = "register", outcome = "failed", %error);
            ApiError::Unavailable
        }
    }
}
