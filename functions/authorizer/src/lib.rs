//! The Lambda authorizer: lets a request with a good access token pass, and tells what is behind it what the token says.
//!
//! # Invariants
//! * It verifies with public keys alone and needs no network.
//! * It accepts exactly one authorization value of all that the event contains, and never one from the query.
//! * It answers an event in the event's own format. An event with no format or with two gets no answer.
//! * A denial consists of constant texts. In a REST API it is a Deny policy, which the gateway response
//!   `ACCESS_DENIED` turns into a 401 with headers.

mod answer;
mod event;

use serde_json::Value;
use shared::Timestamp;
use shared::access_token::{self, AccessTokenError, Claims, Policy};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::VerifyingKeys;
use shared::metrics::{Metric, Metrics};
use shared::role::Role;
use shared::route_roles::{AuthorizationError, Route, RouteRoles};

use answer::{Allowed, Authorization};
pub use answer::{AuthorizerResponse, Context, PolicyDocument};
pub use event::EventError;
use event::{Bearer, Event, Format};

/// What the function keeps between requests.
pub struct App {
    keys: VerifyingKeys,
    policy: Policy,
    simple_responses: bool,
    route_roles: Option<RouteRoles>,
    context_claims: Vec<String>,
    metrics: Metrics,
}

/// Why a request may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum DenialError {
    /// There is no token.
    #[error("missing")]
    Missing,
    /// There is one, and it is not good.
    #[error(transparent)]
    Token(AccessTokenError),
    /// It is good, and the route asks for more.
    #[error(transparent)]
    Route(AuthorizationError),
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
            context_claims: config::context_claims(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one event.
///
/// # Errors
/// [`EventError`] if it is no authorizer event that we know: the service then answers 500 or the like and lets nobody
/// pass, since it is the deployment that is wrong.
pub fn handle(app: &App, event: &Value, now: Timestamp) -> Result<AuthorizerResponse, EventError> {
    answer(app, event, now).inspect_err(|error| tracing::error!(outcome = "failed", %error))
}

fn answer(app: &App, event: &Value, now: Timestamp) -> Result<AuthorizerResponse, EventError> {
    let read = Event::read(event)?;
    let route = app.route_roles.as_ref().and_then(|rules| Some((rules, read.route(event)?)));
    let decision = decide(app, &read, route.as_ref(), now)
        .inspect_err(|denied| app.metrics.count(Metric::AccessTokensRefused, denied.outcome(), now));
    Ok(match (&read.arn, read.format) {
        (Some(_), Format::HttpApi2) if app.simple_responses => AuthorizerResponse::simple(&decision),
        // Where roles decide about a route, the answer is about no other one.
        (Some(arn), _) if let Some((_, Ok(Route::Http { .. }))) = route => {
            AuthorizerResponse::policy(&decision, arn.text().to_owned())
        }
        (Some(arn), _) if let Some((_, Err(_))) = route => {
            AuthorizerResponse::policy(&decision, arn.denied_resource())
        }
        // So that an answer that the gateway remembers is right for the next route too.
        (Some(arn), _) => AuthorizerResponse::policy(&decision, arn.whole_stage()),
        (None, _) => AuthorizerResponse::app_sync(&decision, now),
    })
}

/// Only who is known is told that a role is missing. What is allowed is a line at DEBUG alone, since it would add to the price
/// of every call: the template's access logs have these requests, with the ids of user and session.
fn decide(app: &App, event: &Event<'_>, route: Option<&Judged<'_>>, now: Timestamp) -> Authorization {
    let format = event.format.name();
    let claims = authenticate(app, &event.bearer, now)
        .inspect_err(|reason| tracing::info!(event = "authz_fail", outcome = "denied", format, %reason))?;
    match route.map_or(Ok(()), |route| authorize(route, &claims.roles)) {
        Ok(()) => {
            tracing::debug!(outcome = "allowed", format, session_id = claims.sid, user_id = claims.sub);
            Ok(Allowed::new(claims, &app.context_claims))
        }
        Err(reason) => {
            let (session_id, user_id) = (claims.sid, claims.sub);
            tracing::info!(event = "authz_fail", outcome = "denied", format, %reason, session_id, user_id);
            Err(DenialError::Route(reason))
        }
    }
}

fn authenticate(app: &App, bearer: &Bearer<'_>, now: Timestamp) -> Result<Claims, DenialError> {
    match bearer {
        Bearer::Missing => Err(DenialError::Missing),
        Bearer::Unusable => Err(DenialError::Token(AccessTokenError::Malformed)),
        Bearer::Token(text) => access_token::verify(text, &app.keys, &app.policy)
            .and_then(|token| token.unexpired_at(now))
            .map_err(DenialError::Token),
    }
}

/// Rules of roles, and the route that they judge.
type Judged<'a> = (&'a RouteRoles, Result<Route<'a>, AuthorizationError>);

fn authorize((rules, route): &Judged<'_>, roles: &[Role]) -> Result<(), AuthorizationError> {
    match route {
        Ok(route) => rules.check(route, roles),
        Err(unclear) => Err(*unclear),
    }
}

impl DenialError {
    /// Its name in metrics, where what only a forger or a foreigner sends is one.
    fn outcome(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Token(AccessTokenError::Expired) => "expired",
            Self::Token(AccessTokenError::UnknownKey) => "unknown_key",
            Self::Token(
                AccessTokenError::Malformed
                | AccessTokenError::Type
                | AccessTokenError::Critical
                | AccessTokenError::Signature
                | AccessTokenError::ClaimsForm
                | AccessTokenError::Issuer
                | AccessTokenError::Audience
                | AccessTokenError::NotYet,
            ) => "not_valid",
            Self::Route(_) => "insufficient_scope",
        }
    }
}
