//! The second factors of a user: an authenticator app and its recovery codes.
//!
//! # Invariants
//! * If a factor is set, adding, replacing or removing one asks for one.
//! * No code is compared before its attempt is counted.
//! * A secret and recovery codes are shown once, in the answer that makes them, and are in no log.

mod change;
mod confirmation;
mod enrolment;
mod list;
mod refusal;
mod route;

use aws::Backend;
use http::Response;
use rand::rngs::StdRng;
use runtime::{Base, Done, Request};
use shared::api::ProofFields;
use shared::caller::Caller;
use shared::code::Purpose;
use shared::config::{self, ConfigError, Lookup};
use shared::flow::admission::Attempt;
use shared::flow::mailing::Mailing;
use shared::flow::proof::Proof;
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};
use shared::{Invocation, Timestamp};

use refusal::FactorsError;
use route::{ROUTES, Route};

/// What the function keeps between requests.
pub struct App {
    /// What it has in common with other functions.
    pub base: Base,
    /// What authenticator apps call the service.
    service_name: String,
    /// Whether changes are told by mail.
    has_mail: bool,
}

/// One request, with what all of its routes need.
struct Asked<'a> {
    app: &'a App,
    request: &'a Request,
    caller: &'a Caller,
    now: Timestamp,
    rng: StdRng,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Base::new(lookup, backend)?,
            service_name: config::service_name(lookup)?,
            has_mail: config::is_mail_on(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let caller = runtime::caller(&request, invocation.now);
    let mut report = app.base.metrics.report(invocation.now, invocation.stopwatch);
    let done = match &caller {
        Ok(caller) => {
            let asked = Asked { app, request: &request, caller, now: invocation.now, rng: invocation.rng };
            answer(asked, &mut report).await
        }
        Err(reason) => Err((*reason).into()),
    };
    let refusal =
        |error: FactorsError| error.refusal(runtime::source_ip(&request)).of_caller(caller.as_ref().ok());
    Done::answer(done.map_err(refusal), report, Metric::AccountChanges, ("factors", &app.base.responder))
}

async fn answer(asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, FactorsError> {
    match ROUTES.of(asked.request)? {
        Route::List => list::list(asked).await,
        Route::Enrol => enrolment::enrol(asked, report).await,
        Route::Confirm => confirmation::confirm(asked, report).await,
        Route::Remove => change::remove(asked, report).await,
        Route::Replace => change::replace_recovery_codes(asked, report).await,
    }
}

impl Asked<'_> {
    /// Prepares the proof of who asks.
    fn proof(&mut self, fields: &ProofFields<'_>, keys: &KeySet) -> Proof {
        let attempt = self.attempt(fields.device_token, keys);
        runtime::proof(self.caller, fields, attempt, self.notice(Purpose::RecoveryCodesUsedUp, keys))
    }

    fn attempt(&self, device_token: Option<&str>, keys: &KeySet) -> Attempt {
        runtime::attempt(self.caller, device_token, &keys.refresh, self.app.base.attempt_limits, self.now)
    }

    /// Prepares a mail that tells of a change. None if mail is off.
    fn notice(&mut self, purpose: Purpose, keys: &KeySet) -> Option<Mailing> {
        let locale = runtime::locale(self.request);
        let mail = |rng| Mailing::new(purpose, keys.refresh.current(), locale, self.now, rng);
        self.app.has_mail.then(|| mail(&mut self.rng))
    }
}
