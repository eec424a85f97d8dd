//! Changes of an account except the password by a user who knows it: mailed codes, the name, and deletion.
//!
//! # Invariants
//! * A GET changes nothing, and only the body and the access token of a request count: no link is built here.
//! * A known and an unknown address get the same answer after the same requests.
//! * A code signs nobody in. The code for a new address replaces a session, which must live.

mod address;
mod data;
mod deletion;
mod mail;
mod name;
mod refusal;
mod route;
mod used_code;

use aws::Backend;
use aws::account_tables::ChangeLog;
use http::Response;
use rand::rngs::StdRng;
use runtime::{Base, BreachedPasswords, Done, Request};
use shared::api::{ApiError, ProofFields};
use shared::caller::Caller;
use shared::code::Purpose;
use shared::config::{self, ConfigError, Lookup, MailLimits};
use shared::flow::Asking;
use shared::flow::mailing::Mailing;
use shared::flow::proof::Proof;
use shared::ids::UserId;
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};
use shared::password::Rules;
use shared::{Invocation, Timestamp};

use refusal::AccountError;
use route::{ROUTES, Route};

/// The state that the function keeps between requests.
pub struct App {
    /// What it has in common with other functions.
    pub base: Base,
    password_rules: Rules,
    breached_passwords: BreachedPasswords,
    /// `None` if mail is off.
    mail: Option<MailLimits>,
}

/// One request, with the values that all routes need.
struct Asked<'a> {
    app: &'a App,
    request: &'a Request,
    now: Timestamp,
    rng: StdRng,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Base::with_passkeys(lookup, backend)?,
            password_rules: config::password_rules(lookup)?,
            breached_passwords: BreachedPasswords::from_settings(lookup)?,
            mail: config::mail_limits(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let route = ROUTES.of(&request);
    let caller = runtime::caller(&request, invocation.now);
    let mut report = app.base.metrics.report(invocation.now, invocation.stopwatch);
    let asked = Asked { app, request: &request, now: invocation.now, rng: invocation.rng };
    let done = match route {
        Ok(route) => answer(asked, route, caller.as_ref().map_err(|error| *error), &mut report).await,
        Err(ref error) => Err(error.clone().into()),
    };
    let refusal =
        |error: AccountError| error.refusal(runtime::source_ip(&request)).of_caller(caller.as_ref().ok());
    Done::answer(done.map_err(refusal), report, metric_of(route.ok()), ("account", &app.base.responder))
}

async fn answer(
    asked: Asked<'_>,
    route: Route,
    caller: Result<&Caller, shared::caller::CallerError>,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    match (route, asked.app.mail) {
        (Route::RequestReset, Some(mail)) => mail::request_reset(asked, mail).await,
        (Route::ResetPassword, Some(_)) => used_code::reset_password(asked, report).await,
        (Route::RequestVerification, Some(mail)) => mail::request_verification(asked, mail, caller?).await,
        (Route::VerifyEmail, Some(_)) => used_code::verify_email(asked, caller?, report).await,
        (Route::ChangeAddress, Some(mail)) => address::request(asked, mail, caller?, report).await,
        (Route::ConfirmAddress, Some(_)) => used_code::confirm_address(asked, caller?, report).await,
        (Route::UndoAddress, Some(mail)) => used_code::undo_address(asked, mail, report).await,
        (Route::ChangeName, _) => name::change(asked, caller?, report).await,
        (Route::DeleteAccount, _) => deletion::delete(asked, caller?, report).await,
        (Route::OwnData, _) => data::own(asked, caller?).await,
        // The other routes need mail. Without it they do not exist.
        (_, None) => Err(ApiError::NotFound("route").into()),
    }
}

fn metric_of(route: Option<Route>) -> Metric {
    match route {
        Some(Route::RequestReset | Route::RequestVerification | Route::ChangeAddress) => Metric::MailRequests,
        Some(
            Route::ResetPassword
            | Route::VerifyEmail
            | Route::ConfirmAddress
            | Route::UndoAddress
            | Route::ChangeName
            | Route::DeleteAccount
            | Route::OwnData,
        )
        | None => Metric::AccountChanges,
    }
}

/// The caller's user and session.
fn asking(caller: &Caller) -> Asking {
    Asking { user_id: caller.user_id, session_id: caller.session_id }
}

impl Asked<'_> {
    /// Prepares a mail about a change. `None` if mail is off.
    fn notice(&mut self, purpose: Purpose, keys: &KeySet) -> Option<Mailing> {
        self.app.mail?;
        Some(self.mailing(purpose, keys))
    }

    /// Prepares the proof of who asks.
    fn proof(&mut self, caller: &Caller, fields: &ProofFields<'_>, keys: &KeySet) -> Proof {
        let (app, token) = (self.app, fields.device_token);
        let attempt = runtime::attempt(caller, token, &keys.refresh, app.base.attempt_limits, self.now);
        runtime::proof(caller, fields, attempt, self.notice(Purpose::RecoveryCodesUsedUp, keys))
    }

    fn mailing(&mut self, purpose: Purpose, keys: &KeySet) -> Mailing {
        let locale = runtime::locale(self.request);
        Mailing::new(purpose, keys.refresh.current(), locale, self.now, &mut self.rng)
    }
}

/// The name of a change in the log: `event` and `outcome`.
fn change_log((event, outcome): (&'static str, &'static str), user_id: UserId) -> ChangeLog {
    ChangeLog { route: "account", event, outcome, reason: outcome, user_id, begun: None }
}
