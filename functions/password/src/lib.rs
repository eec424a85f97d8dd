//! `POST /password`: sets a new password for a user who knows the current one and has a living session.
//!
//! # Invariants
//! * The attempt is counted before the hash runs, as at a sign-in.
//! * One transaction changes the password, ends the user's sessions and begins the one in the answer. A session that a
//!   sign-in with the old password begins between the query and the transaction ends before the answer.

mod refusal;

use aws::Backend;
use aws::account_tables::{ChangeLog, Credentials, Progress};
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::{Base, BreachedPasswords, Question, Request};
use shared::Invocation;
use shared::account::Account;
use shared::api::{ApiError, ChangePassword, Fields, TokenResponse, Transport};
use shared::attempts::CountedIn;
use shared::authentication::AuthenticationMethods;
use shared::caller::Caller;
use shared::code::Purpose;
use shared::config::{self, ConfigError, Lookup};
use shared::email::Email;
use shared::flow::account_change::{AccountChange, ENDED_AT_ONCE};
use shared::flow::admission::Attempt;
use shared::flow::mailing::Mailing;
use shared::flow::password_change::{PasswordChange, Step};
use shared::flow::sign_in::Fresh;
use shared::issue::Opened;
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};
use shared::password::Rules;
use shared::session::Session;

use refusal::PasswordError;

/// The outcome of a change, in logs and metrics.
const CHANGED: &str = "changed";

/// The state that the function keeps between requests.
pub struct App {
    /// What it has in common with other functions.
    pub base: Base,
    password_rules: Rules,
    breached_passwords: BreachedPasswords,
    /// Whether a change is reported by mail.
    has_mail: bool,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Base::new(lookup, backend)?,
            password_rules: config::password_rules(lookup)?,
            breached_passwords: BreachedPasswords::from_settings(lookup)?,
            has_mail: config::is_mail_on(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let mut report = app.base.metrics.report(invocation.now, invocation.stopwatch);
    let caller = runtime::caller(&request, invocation.now);
    let changed = match &caller {
        Ok(caller) => change_password(app, &request, caller, invocation, &mut report).await,
        Err(reason) => Err((*reason).into()),
    };
    match changed {
        Ok((response, transport)) => {
            report.write(Metric::PasswordChanges, CHANGED);
            app.base.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let refusal = error.refusal(caller.ok().as_ref(), runtime::source_ip(&request));
            refusal.counted(report, Metric::PasswordChanges).answer("password", &app.base.responder)
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
    let (fields, browser) = (Fields::read(request)?, app.base.responder.browser(request.headers()));
    let body =
        &ChangePassword::read(&fields, browser, app.password_rules, (email, &caller.name), caller.amr)?;
    let question = app.breached_passwords.ask(&body.new_password).await;
    let keys = app.base.keys.current(now).await;
    let device_token = body.proof.device_token;
    let attempt = Attempt::new(email.clone(), device_token, &keys.refresh, app.base.attempt_limits, now);
    let known_device = attempt.known_device();
    let mut mail = |purpose| {
        let locale = runtime::locale(request);
        app.has_mail.then(|| Mailing::new(purpose, keys.refresh.current(), locale, now, &mut rng))
    };
    let (notice, used_up) = (mail(Purpose::PasswordChanged), mail(Purpose::RecoveryCodesUsedUp));
    let change = PasswordChange {
        proof: runtime::proof(caller, &body.proof, attempt, used_up),
        opening: app.base.opener.opening(
            &keys,
            AuthenticationMethods::PASSWORD,
            runtime::device(request),
            now,
        ),
        keep: app.base.sessions_per_user,
        room: ENDED_AT_ONCE,
        notice,
    };
    let (account, session) = run(app, change, (body, &keys, question), &mut rng, report).await?;
    let opened = Opened { session: &session, email, ended_version: account.ended_version, known_device };
    let tokens = app.base.opener.tokens(&keys, opened, &mut rng)?;
    Ok((tokens, body.transport))
}

/// Drives a change of the password to its end. `question` is the query about the new one.
async fn run(
    app: &App,
    change: PasswordChange,
    (body, keys, question): (&ChangePassword<'_>, &KeySet, Question),
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<(Account, Session), PasswordError> {
    let mut question = Some(question);
    let mut step = change.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let credentials = Credentials::of(&body.proof, keys);
                let proven = app.base.prove(&prove.proof, credentials, rng, report).await?;
                prove.then(proven)
            }
            Step::Hash(hash) => {
                if let Some(question) = question.take() {
                    not_breached(app, question, hash.counted(), report).await?;
                }
                let new_hash = || app.base.hasher.hash(&body.new_password, rng);
                let new_hash = report.time(Metric::PasswordHashTime, new_hash)?;
                hash.then(new_hash, Fresh::random(rng))
            }
            Step::Change(change) => {
                let log = change_log(&change.change);
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.base.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(outcome) => return Ok(*outcome?),
        }
    }
}

/// Refuses a breached password. The current one was right, so its attempt does not stay counted.
async fn not_breached(
    app: &App,
    question: Question,
    counted: Option<&CountedIn>,
    report: &mut Report<'_>,
) -> Result<(), ApiError> {
    let answer = question.refuse_breached(ChangePassword::NEW_PASSWORD, report).await;
    if let (Err(_), Some(counted)) = (&answer, counted) {
        app.base.tables.settle(counted).await;
    }
    answer
}

fn change_log(change: &AccountChange) -> ChangeLog {
    let log = ChangeLog::of(change, "password", ("authn_password_change", CHANGED));
    ChangeLog { reason: "password_change", ..log }
}
