//! Why a refresh got nothing: what the log, the metrics and the client are told.

use aws::TableError;
use aws::secret::Unsure;
use shared::access_token::InvalidToken;
use shared::api::ApiError;
use shared::flow::refresh as flow;
use shared::issue::IssueError;
use shared::metrics::{FAILED, INVALID_REQUEST};
use shared::refresh_token::{NotOurs, RefreshToken};
use shared::session::{EndReason, Refusal};

/// Why a refresh got nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
    #[error("the access token is {0}")]
    AccessToken(InvalidToken),
    #[error("the access token is missing")]
    NoAccessToken,
    #[error("the access token is of another session")]
    OtherSession,
    #[error("{}", .0.name())]
    Refused(Refusal),
    #[error("{}", .0.name())]
    Ended(EndReason),
    #[error("the row kept changing")]
    RowChanging,
    #[error("the condition failed on a row that meets it")]
    ConditionBroken,
    #[error(transparent)]
    Keys(#[from] Unsure),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<flow::RefreshError> for RefreshError {
    fn from(error: flow::RefreshError) -> Self {
        match error {
            flow::RefreshError::Refused(refusal) => Self::Refused(refusal),
            flow::RefreshError::Ended(reason) => Self::Ended(reason),
            flow::RefreshError::RowChanging => Self::RowChanging,
            flow::RefreshError::ConditionBroken => Self::ConditionBroken,
        }
    }
}

impl RefreshError {
    /// Its name in metrics, and as the reason of a refusal in logs.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Request(_) => INVALID_REQUEST,
            Self::NotOurs(NotOurs::Forged) => "not_ours",
            Self::NotOurs(NotOurs::UnknownKey) => "unknown_key",
            Self::AccessToken(_) | Self::NoAccessToken | Self::OtherSession => "access_token",
            Self::Refused(refusal) => refusal.name(),
            Self::Ended(reason) => reason.name(),
            // The session's newest token is of a key that has been revoked, so nobody can refresh it any more.
            Self::Issue(IssueError::RefreshKey(_)) => "revoked_key",
            Self::RowChanging
            | Self::ConditionBroken
            | Self::Keys(_)
            | Self::Table(_)
            | Self::Issue(IssueError::Signing(_)) => FAILED,
        }
    }
}

/// What a genuine token that is refused says about its session is a security event of its own, beside the refusal.
pub(crate) fn log_event(presented: &RefreshToken, error: &RefreshError) {
    let event = match error {
        RefreshError::Ended(EndReason::Reuse) => "authn_token_reuse",
        RefreshError::Ended(EndReason::RowBehind | EndReason::LastGeneration) => "authn_token_revoked",
        RefreshError::Refused(Refusal::OtherHistory) => "authz_fail",
        RefreshError::Refused(Refusal::Expired) => "session_expired",
        RefreshError::Refused(Refusal::SignedOut) => "session_use_after_expire",
        // A late duplicate is of a request that was answered.
        RefreshError::Refused(Refusal::LateDuplicate)
        | RefreshError::Request(_)
        | RefreshError::NotOurs(_)
        | RefreshError::AccessToken(_)
        | RefreshError::NoAccessToken
        | RefreshError::OtherSession
        | RefreshError::RowChanging
        | RefreshError::ConditionBroken
        | RefreshError::Keys(_)
        | RefreshError::Table(_)
        | RefreshError::Issue(_) => return,
    };
    tracing::warn!(event, reason = error.outcome(), session_id = %presented.session_id,
        user_id = %presented.user_id, generation = presented.generation.number());
}

/// Writes the reason to the log, once, and says what the client may know of it.
pub(crate) fn answer(error: &RefreshError) -> ApiError {
    let reason = error.outcome();
    match error {
        RefreshError::Request(error) => {
            tracing::info!(
                event = "input_validation_fail",
                route = "refresh",
                outcome = "refused",
                reason = error.code()
            );
            error.clone()
        }
        RefreshError::NotOurs(_)
        | RefreshError::AccessToken(_)
        | RefreshError::NoAccessToken
        | RefreshError::OtherSession
        | RefreshError::Refused(_)
        | RefreshError::Ended(_)
        | RefreshError::Issue(IssueError::RefreshKey(_)) => {
            tracing::info!(route = "refresh", outcome = "refused", reason, %error);
            ApiError::InvalidGrant
        }
        RefreshError::RowChanging
        | RefreshError::ConditionBroken
        | RefreshError::Keys(_)
        | RefreshError::Table(_)
        | RefreshError::Issue(IssueError::Signing(_)) => {
            tracing::error!(route = "refresh", outcome = "failed", %error);
            ApiError::Unavailable
        }
    }
}
