//! Why the password stays as it is: what the log, the metrics and the client are told.

use aws::TableError;
use shared::Seconds;
use shared::api::ApiError;
use shared::caller::{Caller, NoCaller};
use shared::flow::password_change::PasswordChangeError;
use shared::issue::IssueError;
use shared::metrics::{FAILED, INVALID_REQUEST};
use shared::password::HashFailed;
use tracing::field::display;

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
    /// Its name in metrics, and as the reason of a refusal in logs.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Request(ApiError::SessionOver) | Self::Caller(_) => "session_over",
            Self::Request(_) => INVALID_REQUEST,
            Self::Credentials => "invalid_credentials",
            Self::Blocked { .. } => "too_many_attempts",
            Self::AccountChanging | Self::Table(_) | Self::Hash(_) | Self::Issue(_) => FAILED,
        }
    }
}

/// Writes the reason to the log, once, and says what the client may know of it.
pub(crate) fn answer(error: PasswordError, caller: Option<&Caller>, source_ip: &str) -> ApiError {
    let reason = error.outcome();
    let session_id = caller.map(|caller| display(caller.session_id));
    let user_id = caller.map(|caller| display(caller.user_id));
    match error {
        PasswordError::Request(ApiError::SessionOver) => {
            tracing::warn!(
                event = "session_use_after_expire",
                route = "password",
                outcome = "refused",
                reason,
                session_id,
                user_id
            );
            ApiError::SessionOver
        }
        PasswordError::Request(error) => {
            tracing::info!(
                event = "input_validation_fail",
                route = "password",
                outcome = "refused",
                reason = error.code(),
                session_id,
                user_id
            );
            error
        }
        PasswordError::Caller(error) => {
            tracing::warn!(event = "authz_fail", route = "password", outcome = "refused", reason, %error);
            error.into()
        }
        PasswordError::Credentials => {
            tracing::warn!(
                event = "authn_password_change_fail",
                route = "password",
                outcome = "refused",
                reason,
                source_ip,
                session_id,
                user_id
            );
            ApiError::InvalidCredentials
        }
        PasswordError::Blocked { retry_after } => {
            tracing::warn!(
                event = "authn_login_fail_max",
                route = "password",
                outcome = "refused",
                reason,
                source_ip,
                session_id,
                user_id,
                retry_after = retry_after.0
            );
            ApiError::TooManyAttempts { retry_after }
        }
        PasswordError::AccountChanging
        | PasswordError::Table(_)
        | PasswordError::Hash(_)
        | PasswordError::Issue(_) => {
            tracing::error!(route = "password", outcome = "failed", %error, session_id, user_id);
            ApiError::Unavailable
        }
    }
}
