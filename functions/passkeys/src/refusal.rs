//! Why a request gets nothing: what the log, the metrics and the client are told.

use aws::ServiceError;
use shared::api::ApiError;
use shared::caller::CallerError;
use shared::flow::passkey_creation::PasskeyCreationError;
use shared::flow::passkey_options::PasskeyOptionsError;
use shared::flow::passkey_removal::PasskeyRemovalError;
use shared::flow::passkey_sign_in::PasskeySignInError;
use shared::flow::proof::ProvenChangeError;
use shared::refusal::Refusal;

use crate::relying_party::MakingError;

/// Why a request gets nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasskeysError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error(transparent)]
    Options(#[from] PasskeyOptionsError),
    #[error(transparent)]
    Creation(#[from] PasskeyCreationError),
    #[error(transparent)]
    Removal(#[from] PasskeyRemovalError),
    #[error(transparent)]
    SignIn(#[from] PasskeySignInError),
    #[error(transparent)]
    Making(#[from] MakingError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

aws::service_errors!(PasskeysError: aws::TableError, shared::issue::IssueError);

impl PasskeysError {
    pub(crate) fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => {
                Refusal::new(reason.into(), "session_over").security_event("authz_fail").because(&reason)
            }
            Self::Options(PasskeyOptionsError::Proof(error))
            | Self::Removal(PasskeyRemovalError::Proof(ProvenChangeError::Proof(error))) => {
                Refusal::proof(error, source_ip)
            }
            Self::Options(PasskeyOptionsError::TooMany) | Self::Creation(PasskeyCreationError::TooMany) => {
                ApiError::TooManyPasskeys.into()
            }
            Self::Creation(PasskeyCreationError::Exists) => ApiError::PasskeyExists.into(),
            Self::Creation(PasskeyCreationError::SessionOver) => ApiError::SessionOver.into(),
            Self::Creation(
                error @ (PasskeyCreationError::Challenge | PasskeyCreationError::Verification(_)),
            ) => Refusal::new(ApiError::InvalidPasskey, "invalid_passkey")
                .security_event("authz_fail")
                .because(&error)
                .from_address(source_ip),
            Self::Removal(PasskeyRemovalError::NoPasskey) => ApiError::NotFound("passkey").into(),
            Self::Removal(PasskeyRemovalError::Last) => ApiError::LastFactor.into(),
            Self::SignIn(PasskeySignInError::Cloned) => {
                sign_in("passkey_cloned", source_ip).because(&PasskeySignInError::Cloned)
            }
            Self::SignIn(
                error @ (PasskeySignInError::Challenge
                | PasskeySignInError::NoPasskey
                | PasskeySignInError::Verification(_)),
            ) => sign_in("passkey_refused", source_ip).because(&error),
            Self::Creation(PasskeyCreationError::AccountChanging)
            | Self::Removal(PasskeyRemovalError::Proof(ProvenChangeError::AccountChanging))
            | Self::SignIn(PasskeySignInError::AccountChanging)
            | Self::Making(_)
            | Self::Service(_) => Refusal::failure(&self),
        }
    }
}

fn sign_in(outcome: &'static str, source_ip: &str) -> Refusal {
    Refusal::new(ApiError::PasskeyRefused, outcome).security_event("authn_login_fail").from_address(source_ip)
}
