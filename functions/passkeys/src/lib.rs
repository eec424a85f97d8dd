//! Passkeys: a sign-in without a password and without a user name, and a user's own passkeys, to add, see, name and remove.
//!
//! # Invariants
//! * Without a relying party (`RP_ID`) every route is one that does not exist.
//! * A challenge is taken from its table before its answer is verified.
//! * Every refused sign-in gets the same answer, whether the passkey, its account or the signature is wrong.
//! * A passkey is added or removed only with a password, or by a session that a passkey began a moment ago.

mod adding;
mod own;
mod refusal;
mod relying_party;
mod route;
mod sign_in;

use aws::Backend;
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::{Base, Done, Request};
use shared::api::{ApiError, ProofFields, TokenResponse, Transport};
use shared::caller::{Caller, CallerError};
use shared::code::Purpose;
use shared::config::{self, ConfigError, Lookup};
use shared::flow::mailing::Mailing;
use shared::flow::proof::Proof;
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};
use shared::{Invocation, Timestamp};

use refusal::PasskeysError;
use relying_party::RelyingParty;
use route::{ROUTES, Route};

/// What the function keeps between requests.
pub struct App {
    /// What it has in common with other functions.
    pub base: Base,
    /// None if passkeys are off.
    relying_party: Option<RelyingParty>,
    /// Whether changes are told by mail.
    has_mail: bool,
    /// Whether a sign-in from a device that is not known is told by mail.
    tells_of_new_devices: bool,
}

/// One request, with what all of its routes need.
struct Asked<'a> {
    app: &'a App,
    relying_party: &'a RelyingParty,
    request: &'a Request,
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
            base: Base::with_passkeys(lookup, backend)?,
            relying_party: config::relying_party(lookup)?.and_then(RelyingParty::new),
            has_mail: config::is_mail_on(lookup)?,
            tells_of_new_devices: config::new_device_mail(lookup)?,
        })
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let Invocation { now, rng, stopwatch } = invocation;
    let caller = runtime::caller(&request, now);
    let mut report = app.base.metrics.report(now, stopwatch);
    let route = ROUTES.of(&request);
    let metric = metric_of(&route);
    let done = match (route, &app.relying_party) {
        (Ok(route), Some(relying_party)) => {
            let asked = Asked { app, relying_party, request: &request, now, rng };
            answer(asked, route, caller.as_ref().map_err(|reason| *reason), &mut report).await
        }
        (Ok(_), None) => Err(ApiError::NotFound("route").into()),
        (Err(error), _) => Err(error.into()),
    };
    let refusal =
        |error: PasskeysError| error.refusal(runtime::source_ip(&request)).of_caller(caller.as_ref().ok());
    Done::answer(done.map_err(refusal), report, metric, ("passkeys", &app.base.responder))
}

async fn answer(
    asked: Asked<'_>,
    route: Route,
    caller: Result<&Caller, CallerError>,
    report: &mut Report<'_>,
) -> Result<Done, PasskeysError> {
    match route {
        Route::Options => sign_in::options(asked).await,
        Route::SignIn => sign_in::sign_in(asked, report).await,
        Route::CreationOptions => adding::options(asked, caller?, report).await,
        Route::Create => adding::create(asked, caller?, report).await,
        Route::List => own::list(asked, caller?).await,
        Route::Name => own::name(asked, caller?).await,
        Route::Remove => own::remove(asked, caller?, report).await,
    }
}

fn metric_of(route: &Result<Route, ApiError>) -> Metric {
    match route {
        Ok(route) if route.is_public() => Metric::SignIns,
        Ok(_) | Err(_) => Metric::AccountChanges,
    }
}

impl Asked<'_> {
    /// Prepares the proof of who asks.
    fn proof(&mut self, caller: &Caller, fields: &ProofFields<'_>, keys: &KeySet) -> Proof {
        let (app, token) = (self.app, fields.device_token);
        let attempt = runtime::attempt(caller, token, &keys.refresh, app.base.attempt_limits, self.now);
        runtime::proof(caller, fields, attempt, self.notice(Purpose::RecoveryCodesUsedUp, keys))
    }

    /// Prepares a mail that tells of a change. None if mail is off.
    fn notice(&mut self, purpose: Purpose, keys: &KeySet) -> Option<Mailing> {
        self.app.has_mail.then(|| self.mailing(purpose, keys))
    }

    fn mailing(&mut self, purpose: Purpose, keys: &KeySet) -> Mailing {
        let locale = runtime::locale(self.request);
        Mailing::new(purpose, keys.refresh.current(), locale, self.now, &mut self.rng)
    }

    fn tokens(&self, tokens: TokenResponse, transport: Transport) -> Response<String> {
        self.app.base.responder.tokens(StatusCode::OK, tokens, transport)
    }
}
