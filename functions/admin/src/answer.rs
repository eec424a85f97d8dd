//! Answers to commands.

use serde::Serialize;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::account::Account;
use shared::api::FactorList;
use shared::custom_claims::CustomClaims;
use shared::flow::operation::MAX_ROLES_BYTES;
use shared::ids::UserId;
use shared::metrics::INVALID_REQUEST;
use shared::role::Role;

use crate::AdminFailure;
use crate::command::CommandError;

/// An account as operators see it. Times are in seconds since the Unix epoch.
#[derive(Serialize)]
pub(crate) struct UserView<'a> {
    user_id: UserId,
    email: &'a str,
    email_verified: bool,
    name: &'a str,
    roles: &'a [Role],
    claims: &'a CustomClaims,
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<i64>,
    has_password: bool,
    factors: FactorList,
    created_at: i64,
}

/// The reason why a command is not completed.
#[derive(Debug)]
pub(crate) enum AdminError {
    /// It is refused, and a repeat would be too.
    Refused(Refused),
    /// It failed, and may be repeated.
    Failed(AdminFailure),
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("{0}")]
    Command(CommandError),
    #[error("There is no account with this email or user_id.")]
    NoSuchUser,
    #[error("The address has an account, or is kept for one that had it.")]
    EmailTaken,
    #[error("roles: must be at most {MAX_ROLES_BYTES} bytes with spaces between them")]
    TooManyRoles,
    #[error("The account is disabled.")]
    Disabled,
    #[error("invite: mail is off: set MailFrom or MailFunctionArn")]
    NoMail,
    #[error("AppUrl is not set: it is the page that links lead to")]
    NoAppUrl,
    #[error(
        "There is no key set to make codes with. With --endpoint-url, --data-dir names the directory of the running service, or KEY_SET is its key set."
    )]
    NoKeySet,
}

impl<'a> From<&'a Account> for UserView<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            user_id: account.user_id,
            email: account.email.as_str(),
            email_verified: account.email_verified_at.is_some(),
            name: &account.name,
            roles: &account.roles,
            claims: &account.claims,
            disabled: account.is_disabled(),
            disabled_at: account.disabled_at.map(Timestamp::seconds),
            has_password: account.password_hash.is_some(),
            factors: FactorList::from(account),
            created_at: account.created_at.seconds(),
        }
    }
}

impl UserView<'_> {
    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Refused {
    /// Returns its code in answers, which is also its outcome in logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Command(_) | Self::TooManyRoles => INVALID_REQUEST,
            Self::NoSuchUser => "no_such_user",
            Self::EmailTaken => "address_taken",
            Self::Disabled => "user_disabled",
            Self::NoMail | Self::NoAppUrl | Self::NoKeySet => "not_configured",
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "error": self.code(), "error_description": self.to_string() })
    }
}

impl From<Refused> for AdminError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<E: Into<AdminFailure>> From<E> for AdminError {
    fn from(failure: E) -> Self {
        Self::Failed(failure.into())
    }
}
