//! The consequences of a refused request: an answer, a log line and a metric.
//!
//! Each function makes a [`Refusal`] of its error in one exhaustive match. The rest is the same for all functions, and is here.

use std::borrow::Cow;
use std::fmt::Display;

use http::Response;

use crate::Seconds;
use crate::api::{ApiError, Responder};
use crate::caller::{Caller, CallerError};
use crate::factor::FactorKinds;
use crate::flow::proof::ProofError;
use crate::ids::{SessionId, UserId};
use crate::metrics::{FAILED, INVALID_REQUEST, Metric, Report};

/// The outcome of a right password with a wrong second factor. The client can't tell it from a wrong password.
pub const WRONG_FACTOR: &str = "wrong_factor";

/// The outcome of a right password with a second factor that can't be checked, since its data key is missing.
pub const DATA_KEY_MISSING: &str = "data_key_missing";

const PASSWORD_CHANGE_FAIL: &str = "authn_password_change_fail";

/// A refused request, and what the client, the log and the metrics learn of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error for the client.
    pub error: ApiError,
    /// The outcome under which metrics count the request.
    pub outcome: &'static str,
    /// A security event about the presented session, if there is one. It gets a log line of its own.
    pub session_event: Option<&'static str>,
    severity: Severity,
    reason: Option<Cow<'static, str>>,
    details: Box<Details>,
}

/// Additional fields of the log line. It is boxed, so that a result that may be a refusal stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Details {
    event: Option<&'static str>,
    cause: Option<String>,
    source_ip: Option<String>,
    session_id: Option<SessionId>,
    user_id: Option<UserId>,
}

/// The severity, which is the level of the log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    /// INFO: a request that anybody may send.
    Ordinary,
    /// WARN: a possible attack.
    Suspicious,
    /// ERROR: a failure of the service.
    Failure,
}

impl Refusal {
    /// Returns a refusal with this outcome, which is also its reason in the log.
    #[must_use]
    pub fn new(error: ApiError, outcome: &'static str) -> Self {
        Self {
            error,
            outcome,
            session_event: None,
            severity: Severity::Ordinary,
            reason: Some(outcome.into()),
            details: Box::default(),
        }
    }

    /// Returns a failure of the service. The client learns that a retry may help, the log the cause.
    #[must_use]
    pub fn failure(cause: &impl Display) -> Self {
        let refusal = Self::new(ApiError::Unavailable, FAILED).because(cause);
        Self { severity: Severity::Failure, reason: None, ..refusal }
    }

    /// Returns a refusal for a wrong password or an unknown account. `event` is its name in OWASP's logging vocabulary.
    #[must_use]
    pub fn credentials(event: &'static str, source_ip: &str) -> Self {
        let refusal = Self::new(ApiError::InvalidCredentials, "invalid_credentials");
        refusal.security_event(event).from_address(source_ip)
    }

    /// Returns a refusal for a wrong current password of a known caller.
    #[must_use]
    pub fn current_password(source_ip: &str) -> Self {
        let refusal = Self::new(ApiError::WrongCurrentPassword, "invalid_credentials");
        refusal.security_event(PASSWORD_CHANGE_FAIL).from_address(source_ip)
    }

    /// The caller has not proved who they are.
    #[must_use]
    pub fn proof(error: ProofError, source_ip: &str) -> Self {
        match error {
            ProofError::SessionOver => ApiError::SessionOver.into(),
            ProofError::PasswordMissing => ApiError::NotFresh.into(),
            ProofError::Credentials => Self::current_password(source_ip),
            ProofError::Factor => Self::current_password(source_ip).named(WRONG_FACTOR),
            ProofError::DataKeyMissing => Self::current_password(source_ip).named(DATA_KEY_MISSING),
            ProofError::FactorRequired(factors) => {
                Self::factor_required(factors, PASSWORD_CHANGE_FAIL, source_ip)
            }
            ProofError::Blocked { retry_after } => Self::blocked(retry_after, source_ip),
        }
    }

    /// Returns a refusal for a right password without the second factor that the account requires. It is the first half of
    /// an ordinary sign-in, and the first sign of a stolen password: an event, and no warning.
    #[must_use]
    pub fn factor_required(factors: FactorKinds, event: &'static str, source_ip: &str) -> Self {
        let mut refusal = Self::new(ApiError::FactorRequired(factors), "mfa_required");
        refusal.details.event = Some(event);
        refusal.from_address(source_ip)
    }

    /// Returns a refusal for too many attempts.
    #[must_use]
    pub fn blocked(retry_after: Seconds, source_ip: &str) -> Self {
        let refusal = Self::new(ApiError::TooManyAttempts { retry_after }, "too_many_attempts");
        refusal.security_event("authn_login_fail_max").from_address(source_ip)
    }

    /// Returns a refusal for a mailed code that does not work.
    #[must_use]
    pub fn code(source_ip: &str) -> Self {
        let refusal = Self::new(ApiError::InvalidCode, "invalid_code");
        refusal.security_event("authz_fail").from_address(source_ip)
    }

    /// Returns a refusal for too many requests for mail.
    #[must_use]
    pub fn mails(retry_after: Seconds, source_ip: &str) -> Self {
        let refusal = Self::new(ApiError::TooManyMails { retry_after }, "too_many_mails");
        refusal.security_event("excess_rate_limit_exceeded").from_address(source_ip)
    }

    /// Gives it another outcome and reason. The client gets the same answer.
    #[must_use]
    pub fn named(self, outcome: &'static str) -> Self {
        Self { outcome, reason: Some(outcome.into()), ..self }
    }

    /// Makes the log line a warning under this name of OWASP's logging vocabulary.
    #[must_use]
    pub fn security_event(mut self, event: &'static str) -> Self {
        self.severity = Severity::Suspicious;
        self.details.event = Some(event);
        self
    }

    /// Adds a security event about the presented session.
    #[must_use]
    pub fn session_event(self, event: &'static str) -> Self {
        Self { session_event: Some(event), ..self }
    }

    /// Adds the cause to the log line. It must not contain a token, password or key.
    #[must_use]
    pub fn because(mut self, cause: &impl Display) -> Self {
        self.details.cause = Some(cause.to_string());
        self
    }

    /// Adds the sender's address to the log line.
    #[must_use]
    pub fn from_address(mut self, source_ip: &str) -> Self {
        self.details.source_ip = Some(source_ip.to_owned());
        self
    }

    /// Adds the caller to the log line, if the request has one.
    #[must_use]
    pub fn of_caller(mut self, caller: Option<&Caller>) -> Self {
        self.details.session_id = caller.map(|caller| caller.session_id);
        self.details.user_id = caller.map(|caller| caller.user_id);
        self
    }

    /// Sets the metrics that count the request.
    #[must_use]
    pub fn counted(self, report: Report<'_>, metric: Metric) -> Self {
        report.write(metric, self.outcome);
        self
    }

    /// Writes the log line and returns the answer.
    #[must_use]
    pub fn answer(&self, route: &'static str, responder: &Responder) -> Response<String> {
        self.log(route);
        responder.error(&self.error)
    }

    fn log(&self, route: &'static str) {
        let details = &self.details;
        macro_rules! line {
            ($level:ident, $outcome:literal) => {
                tracing::$level!(
                    event = details.event,
                    route,
                    outcome = $outcome,
                    reason = self.reason.as_deref(),
                    error = details.cause.as_deref(),
                    source_ip = details.source_ip.as_deref(),
                    session_id = details.session_id.map(tracing::field::display),
                    user_id = details.user_id.map(tracing::field::display),
                    retry_after = self.error.retry_after(),
                )
            };
        }
        match self.severity {
            Severity::Ordinary => line!(info, "refused"),
            Severity::Suspicious => line!(warn, "refused"),
            Severity::Failure => line!(error, "failed"),
        }
    }
}

/// Returns the refusal for an error of the request itself. Most are ordinary; an ended session and a missing role are
/// security events.
impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let reason = error.code();
        match error {
            ApiError::SessionOver => {
                Self::new(error, "session_over").security_event("session_use_after_expire")
            }
            ApiError::InsufficientUserAuthentication
            | ApiError::NotFresh
            | ApiError::InsufficientScope
            | ApiError::InvalidToken { .. } => Self::new(error, reason).security_event("authz_fail"),
            ApiError::FactorRequired(_)
            | ApiError::PasskeyExists
            | ApiError::TooManyPasskeys
            | ApiError::LastFactor => Self::new(error, reason),
            ApiError::Unavailable => Self::failure(&error),
            ApiError::InvalidRequest(_)
            | ApiError::InvalidGrant
            | ApiError::UnsupportedGrantType
            | ApiError::InvalidClient { .. }
            | ApiError::InvalidCode
            | ApiError::InvalidPasskey
            | ApiError::PasskeyRefused
            | ApiError::InvalidCredentials
            | ApiError::WrongCurrentPassword
            | ApiError::NotFound(_)
            | ApiError::EmailTaken
            | ApiError::PayloadTooLarge
            | ApiError::UnsupportedMediaType
            | ApiError::UnsupportedCharset
            | ApiError::TooManyAttempts { .. }
            | ApiError::TooManyMails { .. } => {
                let mut refusal = Self::new(error, INVALID_REQUEST);
                refusal.details.event = Some("input_validation_fail");
                Self { reason: Some(reason.into()), ..refusal }
            }
        }
    }
}

/// Returns the refusal for a missing caller. Only a route that was deployed without its authorizer, or whose gateway
/// caches the authorizer's answers, has no caller.
impl From<CallerError> for Refusal {
    fn from(reason: CallerError) -> Self {
        let refusal = Self::new(reason.into(), "session_over").security_event("authz_fail");
        Self { reason: Some(reason.to_string().into()), ..refusal }
    }
}

#[cfg(test)]
mod tests;
