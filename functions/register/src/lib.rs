//! `POST /register`: creates an account and signs its user in.

use aws::account_tables::{AccountTables, AddressTaken};
use aws::secret::KeyCache;
use aws::{Backend, ServiceError};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::Request;
use shared::account::{Account, Moves};
use shared::api::{ApiError, Fields, Register, Responder, TokenResponse, Transport};
use shared::code::{Code, Purpose};
use shared::config::{self, ConfigError, Lookup, MailLimits, Registration};
use shared::flow::mailing::Mailing;
use shared::flow::sign_in::Fresh;
use shared::ids::UserId;
use shared::issue::{Opened, SessionOpener};
use shared::key_set::KeySet;
use shared::mail_lane::CountAll;
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{Hasher, Rules};
use shared::refusal::Refusal;
use shared::{Invocation, Timestamp};

/// The outcomes of this function alone, in logs and metrics.
const REGISTERED: &str = "registered";
const EMAIL_TAKEN: &str = "email_taken";

/// What the function keeps between requests.
pub struct App {
    tables: AccountTables,
    registration: Registration,
    /// None if mail is off.
    mail: Option<MailLimits>,
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
            tables: AccountTables::from_settings(lookup, backend.dynamodb.clone())?,
            registration: config::registration(lookup)?,
            mail: config::mail_limits(lookup)?,
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
    match app.registration {
        Registration::Open => {}
        // As a route that does not exist.
        Registration::Closed => return Err(ApiError::NotFound("route").into()),
    }
    let browser = app.responder.browser(request.headers());
    let Register { email, password, name, transport } =
        Register::read(&Fields::read(request)?, browser, app.password_rules)?;
    let hash = || app.hasher.hash(&password, &mut rng);
    let password_hash = report.time(Metric::PasswordHashTime, hash).map_err(ServiceError::from)?;
    let account = Account {
        email,
        user_id: UserId::random(&mut rng),
        name,
        password_hash: Some(password_hash),
        roles: vec![],
        version: 1,
        ended_version: 1,
        created_at: now,
        email_verified_at: None,
        moves: Moves::default(),
    };
    let keys = app.keys.current(now).await;
    let opening = app.opener.opening(&keys, runtime::device(request), now);
    let session = opening.open(account.user_id, account.profile(), Fresh::random(&mut rng));
    let mail = match app.mail {
        Some(limits) => verification(app, request, &account, &keys, limits, (now, &mut rng)).await?,
        None => None,
    };
    let registered = app.tables.register(&account, &session, mail.as_ref(), now).await;
    let registered = registered.map_err(ServiceError::from)?;
    registered.map_err(|AddressTaken| RegisterError::EmailTaken)?;
    let opened = Opened {
        session: &session,
        email: &account.email,
        ended_version: account.ended_version,
        known_device: None,
    };
    let tokens = app.opener.tokens(&keys, opened, &mut rng).map_err(ServiceError::from)?;
    Ok((tokens, transport))
}

/// Returns the row of the mail that proves the address. None if too many people register in this minute: the user may ask for the
/// mail later.
async fn verification(
    app: &App,
    request: &Request,
    account: &Account,
    keys: &KeySet,
    limits: MailLimits,
    (now, rng): (Timestamp, &mut StdRng),
) -> Result<Option<Code>, RegisterError> {
    let count = CountAll::new(limits.per_minute, &keys.refresh, now);
    if !app.tables.count_mail(&count).await.map_err(ServiceError::from)? {
        return Ok(None);
    }
    let locale = runtime::locale(request);
    let mailing = Mailing::new(Purpose::Verify, keys.refresh.current(), locale, now, rng);
    Ok(Some(mailing.to(account)))
}
