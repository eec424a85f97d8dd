//! The Lambda authorizer: lets a request with a good access token pass, and tells what is behind it what the token says.
//!
//! What always holds: it verifies with public keys alone and needs no network; exactly one value is accepted as
//! authorization, of all that the event shows, and never one from the query; an event is answered as its own format alone,
//! and one of no format or of two not at all; a refusal consists of constant texts. In a REST API it is a Deny policy, which
//! the gateway response `ACCESS_DENIED` turns into a 401 with headers.

mod answer;
mod event;

use serde_json::Value;
use shared::Timestamp;
use shared::access_token::{self, InvalidToken, Policy};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::VerifyingKeys;
use shared::metrics::{Metric, Metrics};
use shared::route_roles::{Refused, Route, RouteRoles};

use answer::Decision;
pub use answer::{Answer, Context, PolicyDocument};
pub use event::UnknownEvent;
use event::{Bearer, Event, Format};

/// What the function keeps between requests.
pub struct App {
    keys: VerifyingKeys,
    policy: Policy,
    simple_responses: bool,
    route_roles: Option<RouteRoles>,
    metrics: Metrics,
}

/// Why a request may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Denied {
    /// There is no token.
    #[error("missing")]
    Missing,
    /// There is one, and it is not good.
    #[error(transparent)]
    Token(InvalidToken),
    /// It is good, and the route asks for more.
    #[error(transparent)]
    Route(Refused),
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            keys: config::public_keys(lookup)?.0,
            policy: config::policy(lookup)?,
            simple_responses: config::http_api_simple_responses(lookup)?,
            route_roles: config::route_roles(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one event.
///
/// # Errors
/// [`UnknownEvent`] if it is no authorizer event that we know: the service then answers 500 or the like and lets nobody
/// pass, since it is the deployment that is wrong.
pub fn handle(app: &App, event: &Value, now: Timestamp) -> Result<Answer, UnknownEvent> {
    answer(app, event, now).inspect_err(|error| tracing::error!(outcome = "failed", %error))
}

fn answer(app: &App, event: &Value, now: Timestamp) -> Result<Answer, UnknownEvent> {
    let read = Event::read(event)?;
    let route = app.route_roles.as_ref().and_then(|rules| Some((rules, read.route(event)?)));
    let decision = decide(app, &read, route.as_ref(), now)
        .inspect_err(|denied| app.metrics.count(Metric::AccessTokensRefused, denied.outcome(), now));
    Ok(match (&read.arn, read.format) {
        (Some(_), Format::HttpApi2) if app.simple_responses => Answer::simple(&decision),
        // Where roles decide about a route, the answer is about no other one.
        (Some(arn), _) if let Some((_, Ok(Route::Http { .. }))) = route => {
            Answer::policy(&decision, arn.text().to_owned())
        }
        (Some(arn), _) if let Some((_, Err(_))) = route => Answer::policy(&decision, arn.denied_resource()),
        // So that an answer that the gateway remembers is right for the next route too.
        (Some(arn), _) => Answer::policy(&decision, arn.whole_stage()),
        (None, _) => Answer::app_sync(&decision, now),
    })
}

/// Only who is known is told that a role is missing. What is allowed is a line at DEBUG alone, since it would add to the price
/// of every call: the template's access logs have these requests, with the ids of user and session.
fn decide(app: &App, event: &Event<'_>, route: Option<&Judged<'_>>, now: Timestamp) -> Decision {
    let format = event.format.name();
    let claims = authenticate(app, &event.bearer, now)
        .inspect_err(|reason| tracing::info!(event = "authz_fail", outcome = "denied", format, %reason))?;
    match route.map_or(Ok(()), |route| authorize(route, &claims.roles)) {
        Ok(()) => {
            tracing::debug!(outcome = "allowed", format, session_id = claims.sid, user_id = claims.sub);
            Ok(claims)
        }
        Err(reason) => {
            let (session_id, user_id) = (claims.sid, claims.sub);
            tracing::info!(event = "authz_fail", outcome = "denied", format, %reason, session_id, user_id);
            Err(Denied::Route(reason))
        }
    }
}

fn authenticate(app: &App, bearer: &Bearer<'_>, now: Timestamp) -> Decision {
    match bearer {
        Bearer::Missing => Err(Denied::Missing),
        Bearer::Unusable => Err(Denied::Token(InvalidToken::Malformed)),
        Bearer::Token(text) => access_token::verify(text, &app.keys, &app.policy)
            .and_then(|token| token.unexpired_at(now))
            .map_err(Denied::Token),
    }
}

/// Rules of roles, and the route that they judge.
type Judged<'a> = (&'a RouteRoles, Result<Route<'a>, Refused>);

fn authorize((rules, route): &Judged<'_>, roles: &[String]) -> Result<(), Refused> {
    match route {
        Ok(route) => rules.check(route, roles),
        Err(unclear) => Err(*unclear),
    }
}

impl Denied {
    /// Its name in metrics, where what only a forger or a foreigner sends is one.
    fn outcome(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Token(InvalidToken::Expired) => "expired",
            Self::Token(InvalidToken::UnknownKey) => "unknown_key",
            Self::Token(
                InvalidToken::Malformed
                | InvalidToken::Type
                | InvalidToken::Critical
                | InvalidToken::Signature
                | InvalidToken::ClaimsForm
                | InvalidToken::Issuer
                | InvalidToken::Audience,
            ) => "not_valid",
            Self::Route(_) => "insufficient_scope",
        }
    }
}
