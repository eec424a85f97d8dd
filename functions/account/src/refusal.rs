//! Refused requests, and what the log, the metrics and the client learn of them.

use aws::{ServiceError, TableError};
use shared::api::ApiError;
use shared::caller::CallerError;
use shared::flow::address_request::AddressRequestError;
use shared::flow::code_use::CodeUseError;
use shared::flow::operation::OperationError;
use shared::flow::proof::ProvenChangeError;
use shared::flow::reservation::BlockedError;
use shared::issue::IssueError;
use shared::password::HashError;
use shared::refusal::Refusal;

/// The reason why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error("too many requests for mail")]
    Mails(BlockedError),
    #[error(transparent)]
    Code(#[from] CodeUseError),
    #[error(transparent)]
    Proof(#[from] ProvenChangeError),
    #[error(transparent)]
    Operation(#[from] OperationError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<AddressRequestError> for AccountError {
    fn from(error: AddressRequestError) -> Self {
        match error {
            AddressRequestError::Proof(error) => Self::Proof(error.into()),
            AddressRequestError::Mails(blocked) => Self::Mails(blocked),
        }
    }
}

aws::service_errors!(AccountError: TableError, HashError, IssueError);

impl AccountError {
    pub(crate) fn refusal(self, source_ip: &str) -> Refusal {
        match self {
            Self::Request(error) => error.into(),
            Self::Caller(reason) => reason.into(),
            Self::Mails(BlockedError { retry_after }) => Refusal::mails(retry_after, source_ip),
            Self::Code(CodeUseError::Code) => Refusal::code(source_ip),
            Self::Code(CodeUseError::SessionOver) => ApiError::SessionOver.into(),
            Self::Proof(ProvenChangeError::Proof(error)) => Refusal::proof(error, source_ip),
            // The account was deleted while its session lived: the next request finds the session over too.
            Self::Operation(OperationError::NoAccount | OperationError::SessionOver) => {
                ApiError::SessionOver.into()
            }
            Self::Code(CodeUseError::AccountChanging)
            | Self::Proof(ProvenChangeError::AccountChanging)
            // A change of the name touches neither roles nor address.
            | Self::Operation(
                OperationError::AccountChanging
                | OperationError::TooManyRoles
                | OperationError::AddressTaken,
            )
            | Self::Service(_) => Refusal::failure(&self),
        }
    }
}
