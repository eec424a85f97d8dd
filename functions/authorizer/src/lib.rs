//! The Lambda authorizer: lets a request with a good access token pass, and tells the gateway what the token says.
//!
//! What always holds: it verifies with public keys alone and needs no network; exactly one `Authorization` value is
//! accepted, never one from the query; a refusal is a Deny policy with a context of constant texts, which the gateway
//! response `ACCESS_DENIED` turns into a 401 with headers.

mod answer;
mod event;

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use shared::Timestamp;
use shared::access_token::{self, Claims, InvalidToken, Policy};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::VerifyingKeys;
use shared::metrics::{Metric, Metrics};

pub use answer::Answer;
pub use event::UnknownEvent;
use event::{Bearer, Event};

/// What the function keeps between requests.
pub struct App {
    keys: VerifyingKeys,
    policy: Policy,
    metrics: Metrics,
}

/// Why a request may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    /// There is no token.
    Missing,
    /// There is one, and it is not good.
    Token(InvalidToken),
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
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one event.
///
/// # Errors
/// [`UnknownEvent`] if it is no authorizer event that we know: the gateway then answers 500, since it is the deployment
/// that is wrong.
pub fn handle(app: &App, event: &Value, now: Timestamp) -> Result<Answer, UnknownEvent> {
    let event = Event::read(event)?;
    Ok(match authorize(app, &event.bearer, now) {
        Ok(claims) => {
            tracing::info!(outcome = "allowed", session_id = claims.sid, user_id = claims.sub);
            Answer::allow(event.method_arn, &claims)
        }
        Err(denied) => {
            tracing::info!(event = "authz_fail", outcome = "denied", reason = %denied.reason());
            app.metrics.count(Metric::AccessTokensRefused, denied.outcome(), now);
            Answer::deny(event.method_arn, denied)
        }
    })
}

/// [`handle`] as the Lambda runtime calls it.
///
/// # Errors
/// As [`handle`].
pub fn invoke(app: &App, event: &LambdaEvent<Value>, now: Timestamp) -> Result<Answer, Diagnostic> {
    handle(app, &event.payload, now).map_err(|error| {
        tracing::error!(outcome = "failed", %error);
        Diagnostic { error_type: "UnknownEvent".to_owned(), error_message: error.to_string() }
    })
}

fn authorize(app: &App, bearer: &Bearer<'_>, now: Timestamp) -> Result<Claims, Denied> {
    match bearer {
        Bearer::Missing => Err(Denied::Missing),
        Bearer::Unusable => Err(Denied::Token(InvalidToken::Malformed)),
        Bearer::Token(text) => access_token::verify(text, &app.keys, &app.policy)
            .and_then(|token| token.unexpired_at(now))
            .map_err(Denied::Token),
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
        }
    }

    fn reason(self) -> String {
        match self {
            Self::Missing => "missing".to_owned(),
            Self::Token(error) => error.to_string(),
        }
    }
}
