//! Why the password stays as it is: what the log, the metrics and the client are told.

use aws::ServiceError;
use shared::api::ApiError;
use shared::caller::{Caller, CallerError};
use shared::flow::password_change::PasswordChangeError as FlowError;
use shared::refusal::Refusal;

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl PasswordError {
    pub(crate) fn refusal(self, caller: Option<&Caller>, source_ip: &str) -> Refusal {
        let refusal = match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => {
                Refusal::new(reason.into(), "session_over").security_event("authz_fail").because(&reason)
            }
            Self::Flow(FlowError::SessionOver) => ApiError::SessionOver.into(),
            Self::Flow(FlowError::Credentials) => Refusal::current_password(source_ip),
            Self::Flow(FlowError::Blocked { retry_after }) => Refusal::blocked(retry_after, source_ip),
            Self::Flow(FlowError::AccountChanging) | Self::Service(_) => Refusal::failure(&self),
        };
        refusal.of_caller(caller)
    }
}
