//! Refused registrations, and what the log, the metrics and the client learn of them.

use aws::{ServiceError, TableError};
use shared::api::ApiError;
use shared::flow::registration::{ConfirmationError, NewAccountError};
use shared::flow::reservation::BlockedError;
use shared::issue::IssueError;
use shared::password::HashError;
use shared::refusal::Refusal;

/// The reason why a registration is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegisterError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error("email taken")]
    EmailTaken,
    #[error("too many requests for mail")]
    Mails(BlockedError),
    #[error(transparent)]
    Confirmation(#[from] ConfirmationError),
    #[error("the current refresh-token key is missing")]
    NoKey,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl RegisterError {
    /// Logs only the sender's address: the text typed as email may be a password.
    pub(crate) fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::EmailTaken => Refusal::new(ApiError::EmailTaken, "email_taken"),
            Self::Mails(BlockedError { retry_after }) => Refusal::mails(retry_after, source_ip),
            Self::Confirmation(ConfirmationError::Code) => Refusal::code(source_ip),
            Self::Confirmation(ConfirmationError::Password) => {
                Refusal::credentials("authn_login_fail", source_ip)
            }
            Self::Confirmation(ConfirmationError::Blocked { retry_after }) => {
                Refusal::blocked(retry_after, source_ip)
            }
            Self::NoKey | Self::Service(_) => Refusal::failure(&self),
        }
    }
}

impl From<NewAccountError> for RegisterError {
    fn from(error: NewAccountError) -> Self {
        match error {
            NewAccountError::AddressTaken => Self::EmailTaken,
            NewAccountError::CodeUsed => Self::Confirmation(ConfirmationError::Code),
        }
    }
}

aws::service_errors!(RegisterError: TableError, HashError, IssueError);
