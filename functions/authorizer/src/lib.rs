//! The Lambda authorizer: allows requests with a valid access token, and passes the token's claims to what is behind it.
//!
//! # Invariants
//! * It verifies with public keys only and needs no network.
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

/// The state that the function keeps between requests.
pub struct App {
    keys: VerifyingKeys,
    policy: Policy,
    simple_responses: bool,
    route_roles: Option<RouteRoles>,
    context_claims: Vec<String>,
    metrics: Metrics,
}

/// The reason for a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum DenialError {
    /// The request has no token.
    #[error("missing")]
    Missing,
    /// The token is not valid.
    #[error(transparent)]
    Token(AccessTokenError),
    /// The token is valid, but the route requires a role that the user lacks.
    #[error(transparent)]
    Route(AuthorizationError),
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
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
/// Returns [`EventError`] if it is not an authorizer event of a known format. The service then answers 500 or the like and denies
/// the request, because the deployment is wrong.
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
        // If roles decide about a route, the answer applies to this route only.
        (Some(arn), _) if let Some((_, Ok(Route::Http { .. }))) = route => {
            AuthorizerResponse::policy(&decision, arn.text().to_owned())
        }
        (Some(arn), _) if let Some((_, Err(_))) = route => {
            AuthorizerResponse::policy(&decision, arn.denied_resource())
        }
        // The policy covers the stage, so that a cached answer is right for the next route too.
        (Some(arn), _) => AuthorizerResponse::policy(&decision, arn.whole_stage()),
        (None, _) => AuthorizerResponse::app_sync(&decision, now),
    })
}

/// Logs the decision. A missing role is reported only to a verified user. Allowed requests are logged at DEBUG only,
/// because a line would add to the price of every call: the template's access logs contain them, with the ids of user
/// and session.
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
    /// Returns its name in metrics. Everything that only forged or foreign tokens cause has one name.
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
