//! Why a request got nothing: what the log, the metrics and the client are told.

use aws::{ServiceError, TableError};
use shared::api::ApiError;
use shared::caller::CallerError;
use shared::data_key::DataKeyError;
use shared::flow::factor_change::FactorChangeError;
use shared::flow::proof::ProvenChangeError;
use shared::flow::totp_confirmation::TotpConfirmationError;
use shared::issue::IssueError;
use shared::password::HashError;
use shared::refusal::{DATA_KEY_MISSING, Refusal};

/// Why a request got nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FactorsError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error(transparent)]
    Change(#[from] FactorChangeError),
    #[error(transparent)]
    Confirmation(#[from] TotpConfirmationError),
    #[error(transparent)]
    DataKey(#[from] DataKeyError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<ProvenChangeError> for FactorsError {
    fn from(error: ProvenChangeError) -> Self {
        Self::Change(error.into())
    }
}

aws::service_errors!(FactorsError: TableError, HashError, IssueError);

impl FactorsError {
    pub(crate) fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => reason.into(),
            Self::Change(FactorChangeError::NoApp) => ApiError::NotFound("factor").into(),
            Self::Change(FactorChangeError::Proof(ProvenChangeError::Proof(error))) => {
                Refusal::proof(error, source_ip)
            }
            Self::Confirmation(TotpConfirmationError::SessionOver) => ApiError::SessionOver.into(),
            Self::Confirmation(TotpConfirmationError::Code) => Refusal::code(source_ip),
            Self::Confirmation(TotpConfirmationError::DataKeyMissing) => {
                Refusal::code(source_ip).named(DATA_KEY_MISSING)
            }
            Self::Confirmation(TotpConfirmationError::Blocked { retry_after }) => {
                Refusal::blocked(retry_after, source_ip)
            }
            Self::Change(FactorChangeError::Proof(ProvenChangeError::AccountChanging))
            | Self::Confirmation(TotpConfirmationError::AccountChanging)
            | Self::DataKey(_)
            | Self::Service(_) => Refusal::failure(&self),
        }
    }
}
