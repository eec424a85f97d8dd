//! Refused password changes, and what the log, the metrics and the client learn of them.

use aws::{ServiceError, TableError};
use shared::api::ApiError;
use shared::caller::{Caller, CallerError};
use shared::flow::proof::ProvenChangeError;
use shared::issue::IssueError;
use shared::password::HashError;
use shared::refusal::Refusal;

/// The reason why the password stays unchanged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error(transparent)]
    Flow(#[from] ProvenChangeError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

aws::service_errors!(PasswordError: TableError, HashError, IssueError);

impl PasswordError {
    pub(crate) fn refusal(self, caller: Option<&Caller>, source_ip: &str) -> Refusal {
        let refusal = match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => {
                Refusal::new(reason.into(), "session_over").security_event("authz_fail").because(&reason)
            }
            Self::Flow(ProvenChangeError::Proof(error)) => Refusal::proof(error, source_ip),
            Self::Flow(ProvenChangeError::AccountChanging) | Self::Service(_) => Refusal::failure(&self),
        };
        refusal.of_caller(caller)
    }
}
