//! Refused refreshes, and their consequences.

use aws::TableError;
use aws::secret::KeyLookupError;
use shared::access_token::AccessTokenError;
use shared::api::{ApiError, InvalidRequest};
use shared::flow::refresh as flow;
use shared::issue::IssueError;
use shared::refresh_token::{RefreshToken, RefreshTokenError};
use shared::refusal::Refusal;
use shared::session::{self, EndReason};

/// The reason why a refresh is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error(transparent)]
    Request(#[from] ApiError),
    #[error(transparent)]
    RefreshToken(#[from] RefreshTokenError),
    #[error("the access token is {0}")]
    AccessToken(AccessTokenError),
    #[error("the access token is missing")]
    NoAccessToken,
    #[error("the access token is of another session")]
    OtherSession,
    #[error(transparent)]
    Flow(#[from] flow::RefreshError),
    #[error(transparent)]
    KeyCache(#[from] KeyLookupError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<&RefreshError> for Refusal {
    fn from(error: &RefreshError) -> Self {
        let refused = |outcome| Self::new(ApiError::InvalidGrant, outcome).because(error);
        match error {
            RefreshError::Request(error) => error.clone().into(),
            RefreshError::RefreshToken(RefreshTokenError::Forged) => refused("not_ours"),
            RefreshError::RefreshToken(RefreshTokenError::UnknownKey) => refused("unknown_key"),
            RefreshError::AccessToken(_) | RefreshError::NoAccessToken | RefreshError::OtherSession => {
                refused("access_token")
            }
            RefreshError::Flow(flow::RefreshError::Refused(reason)) => match reason {
                session::RefusalReason::OtherHistory => refused(reason.name()).session_event("authz_fail"),
                session::RefusalReason::Expired => refused(reason.name()).session_event("session_expired"),
                session::RefusalReason::SignedOut => {
                    refused(reason.name()).session_event("session_use_after_expire")
                }
                // The token belongs to a request that was answered.
                session::RefusalReason::LateDuplicate => refused(reason.name()),
                session::RefusalReason::TooManyProvenReplays => {
                    refused(reason.name()).session_event("excess_rate_limit_exceeded")
                }
                // The token is valid: the client sends it again with another key.
                session::RefusalReason::RetryKeyUsed => {
                    let error = InvalidRequest::refused(
                        "retry_key",
                        "was used for the token before: each needs a new one",
                    );
                    Self::new(error, reason.name())
                }
            },
            RefreshError::Flow(flow::RefreshError::Ended(reason)) => {
                refused(reason.name()).session_event(match reason {
                    EndReason::Reuse => "authn_token_reuse",
                    EndReason::RowBehind | EndReason::LastGeneration => "authn_token_revoked",
                })
            }
            // The session's newest token has a revoked key, so nobody can refresh it any more.
            RefreshError::Issue(IssueError::RefreshKey(_)) => refused("revoked_key"),
            RefreshError::Flow(flow::RefreshError::RowChanging | flow::RefreshError::ConditionBroken)
            | RefreshError::KeyCache(_)
            | RefreshError::Table(_)
            | RefreshError::Issue(IssueError::Signing(_)) => Self::failure(error),
        }
    }
}

/// Logs the meaning of a refused token for its session, as an event in addition to the refusal. The token is genuine.
pub(crate) fn log_session_event(presented: &RefreshToken, error: &RefreshError) {
    let refusal = Refusal::from(error);
    if let Some(event) = refusal.session_event {
        tracing::warn!(event, reason = refusal.outcome, session_id = %presented.session_id,
            user_id = %presented.user_id, generation = presented.generation.number());
    }
}
