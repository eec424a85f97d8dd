//! `POST /register` and `POST /register/confirm`: an account and its first session, at once or after verification of the address.
//!
//! # Invariants
//! If an address must be verified first, taken and free ones get the same answer after the same requests.

mod confirm;
mod open;
mod pending;
mod refusal;

use aws::Backend;
use aws::account_tables::AccountTables;
use aws::secret::KeyCache;
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::{BreachedPasswords, Request};
use shared::api::{ApiError, Fields, Register, Responder, Transport};
use shared::attempts::Limits;
use shared::authentication::AuthenticationMethods;
use shared::code::{Pending, Purpose};
use shared::config::{self, ConfigError, Lookup, MailLimits, Registration};
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::flow::mailing::Mailing;
use shared::flow::registration::{Beginning, NewAccount};
use shared::flow::sign_in::Fresh;
use shared::ids::UserId;
use shared::issue::{Opened, SessionOpener};
use shared::key_set::KeySet;
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{Hasher, Rules};
use shared::{Invocation, Timestamp};

use refusal::RegisterError;

/// The outcome of an account that was opened, in logs and metrics.
const REGISTERED: &str = "registered";

/// The state that the function keeps between requests.
pub struct App {
    tables: AccountTables,
    registration: Registration,
    /// `None` if mail is off.
    mail: Option<MailLimits>,
    keys: KeyCache,
    opener: SessionOpener,
    attempt_limits: Limits,
    /// Hashes passwords, and counts how often.
    pub hasher: Hasher,
    password_rules: Rules,
    breached_passwords: BreachedPasswords,
    responder: Responder,
    metrics: Metrics,
}

/// One request, with the values that all routes need.
struct Asked<'a> {
    app: &'a App,
    request: &'a Request,
    now: Timestamp,
    rng: StdRng,
}

/// A completed request: the answer, and its outcome for metrics.
struct Done {
    response: Response<String>,
    outcome: &'static str,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            tables: AccountTables::from_settings(lookup, backend.dynamodb.clone())?,
            registration: config::registration(lookup)?,
            mail: config::mail_limits(lookup)?,
            keys: backend.keys(lookup)?,
            opener: config::session_opener(lookup)?,
            attempt_limits: config::sign_in_limits(lookup)?,
            password_rules: config::password_rules(lookup)?,
            breached_passwords: BreachedPasswords::from_settings(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
            hasher: config::hasher(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let Invocation { now, rng, stopwatch } = invocation;
    let mut report = app.metrics.report(now, stopwatch);
    let asked = Asked { app, request: &request, now, rng };
    match answer(asked, &mut report).await {
        Ok(Done { response, outcome }) => {
            report.write(Metric::Registrations, outcome);
            response
        }
        Err(error) => {
            let refusal = error.refusal(runtime::source_ip(&request));
            refusal.counted(report, Metric::Registrations).answer("register", &app.responder)
        }
    }
}

async fn answer(asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, RegisterError> {
    let App { registration, mail, .. } = asked.app;
    match (registration, mail) {
        // These routes do not exist then.
        (Registration::Closed, _) | (Registration::Verified, None) => Err(ApiError::NotFound("route").into()),
        // Codes that were mailed before `REGISTRATION` was changed to `open` still work.
        (Registration::Open | Registration::Verified, _) if is_confirmation(asked.request) => {
            confirm::confirm(asked, report).await
        }
        (Registration::Open, mail) => open::register(asked, *mail, report).await,
        (Registration::Verified, Some(mail)) => pending::register(asked, *mail, report).await,
    }
}

fn is_confirmation(request: &Request) -> bool {
    request.uri().path().ends_with("/register/confirm")
}

impl Asked<'_> {
    /// Reads the body of a registration, and hashes its password while the query about it is pending.
    async fn registrant(
        &mut self,
        report: &mut Report<'_>,
    ) -> Result<(Email, Pending, Transport), RegisterError> {
        let Self { app, request, rng, .. } = self;
        let browser = app.responder.browser(request.headers());
        let Register { email, password, name, transport } =
            Register::read(&Fields::read(request)?, browser, app.password_rules)?;
        let question = app.breached_passwords.ask(&password).await;
        let hash = || app.hasher.hash(&password, rng);
        let password_hash = report.time(Metric::PasswordHashTime, hash)?;
        question.refuse_breached(Register::PASSWORD, report).await?;
        Ok((email, Pending { name, password_hash }, transport))
    }

    fn beginning(&mut self, keys: &KeySet) -> Beginning {
        let opening = self.app.opener.opening(
            keys,
            AuthenticationMethods::PASSWORD,
            runtime::device(self.request),
            self.now,
        );
        Beginning { user_id: UserId::random(&mut self.rng), opening, fresh: Fresh::random(&mut self.rng) }
    }

    fn mailing(&mut self, purpose: Purpose, keys: &KeySet) -> Mailing {
        let locale = runtime::locale(self.request);
        Mailing::new(purpose, keys.refresh.current(), locale, self.now, &mut self.rng)
    }

    /// Answers with the first tokens of a new account.
    fn opened(
        &mut self,
        keys: &KeySet,
        NewAccount { account, session, .. }: &NewAccount,
        known_device: Option<DeviceToken>,
        transport: Transport,
    ) -> Result<Done, RegisterError> {
        let Self { app, rng, .. } = self;
        let ended_version = account.ended_version;
        let opened = Opened { session, email: &account.email, ended_version, known_device };
        let tokens = app.opener.tokens(keys, opened, rng)?;
        let (session_id, user_id) = (tokens.session_id, tokens.user.id);
        tracing::info!(event = "user_created", route = "register", outcome = REGISTERED, %session_id, %user_id);
        tracing::info!(event = "session_created", %session_id, %user_id);
        let response = app.responder.tokens(StatusCode::CREATED, tokens, transport);
        Ok(Done { response, outcome: REGISTERED })
    }
}
