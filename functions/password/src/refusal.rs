//! Why the password stays as it is, and what follows from it.

use aws::TableError;
use shared::Seconds;
use shared::api::ApiError;
use shared::caller::{Caller, NoCaller};
use shared::flow::password_change::PasswordChangeError;
use shared::issue::IssueError;
use shared::password::HashFailed;
use shared::refusal::Refusal;

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] NoCaller),
    #[error("wrong password, or the account is gone")]
    Credentials,
    #[error("too many attempts")]
    Blocked { retry_after: Seconds },
    #[error("the account kept changing")]
    AccountChanging,
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Hash(#[from] HashFailed),
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<PasswordChangeError> for PasswordError {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            PasswordChangeError::SessionOver => Self::Request(ApiError::SessionOver),
            PasswordChangeError::Credentials => Self::Credentials,
            PasswordChangeError::Blocked { retry_after } => Self::Blocked { retry_after },
            PasswordChangeError::AccountChanging => Self::AccountChanging,
        }
    }
}

impl PasswordError {
    pub(crate) fn refusal(self, caller: Option<&Caller>, source_ip: &str) -> Refusal {
        let refusal = match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => {
                Refusal::new(reason.into(), "session_over").security_event("authz_fail").because(&reason)
            }
            Self::Credentials => Refusal::new(ApiError::InvalidCredentials, "invalid_credentials")
                .security_event("authn_password_change_fail")
                .from_address(source_ip),
            Self::Blocked { retry_after } => {
                Refusal::new(ApiError::TooManyAttempts { retry_after }, "too_many_attempts")
                    .security_event("authn_login_fail_max")
                    .from_address(source_ip)
            }
            Self::AccountChanging | Self::Table(_) | Self::Hash(_) | Self::Issue(_) => {
                Refusal::failure(&self)
            }
        };
        refusal.of_caller(caller)
    }
}
