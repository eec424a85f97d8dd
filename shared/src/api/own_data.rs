//! All data that is stored about a user, without secrets.

use serde::Serialize;

use super::{FactorList, ListedPasskey, ListedSession, PasskeyList, SessionList, User};
use crate::Timestamp;
use crate::account::Account;
use crate::ids::SessionId;
use crate::passkey::Passkey;
use crate::session::OwnSessions;

/// The answer to `GET /me/data`. Times are in seconds since the Unix epoch.
///
/// It leaves out the password hash, the inputs of refresh tokens, and rows whose keys identify nobody: counts of
/// attempts and mails, and the rows of mails, which expire with their codes, in seven days at most.
#[derive(Serialize)]
pub struct OwnData<'a> {
    /// The server's clock.
    pub server_time: i64,
    /// The account.
    pub account: AccountData,
    /// The living sessions, the newest first.
    pub sessions: Vec<ListedSession<'a>>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<ListedPasskey<'a>>,
}

/// An account in [`OwnData`].
#[derive(Serialize)]
pub struct AccountData {
    /// The user's profile, as in access tokens.
    #[serde(flatten)]
    pub user: User,
    /// When it was registered.
    pub created_at: i64,
    /// When the address was verified. None if it is not.
    pub email_verified_at: Option<i64>,
    /// When the address was changed, for the changes that can still be undone.
    pub email_changed_at: Vec<i64>,
    /// The addresses before these changes, each once. They are reserved for the user.
    pub former_emails: Vec<String>,
    /// The second factors.
    pub factors: FactorList,
}

impl User {
    /// Returns the profile that access tokens will state for an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.user_id,
            name: account.name.clone(),
            email: account.email.as_str().to_owned(),
            email_verified: account.email_verified_at.is_some(),
            roles: account.roles.clone(),
            claims: account.claims.clone(),
        }
    }
}

impl<'a> OwnData<'a> {
    /// Returns the data of an account, requested from the session `current`.
    #[must_use]
    pub fn of(
        account: &Account,
        own: &'a OwnSessions,
        passkeys: &'a [Passkey],
        current: SessionId,
        now: Timestamp,
    ) -> Self {
        let SessionList { server_time, sessions } = SessionList::of(own, current, now);
        let account = AccountData {
            user: User::of(account),
            created_at: account.created_at.seconds(),
            email_verified_at: account.email_verified_at.map(Timestamp::seconds),
            email_changed_at: account.moves.recent(now).map(|change| change.at.seconds()).collect(),
            former_emails: account.moves.left(now).into_iter().map(|left| left.as_str().to_owned()).collect(),
            factors: FactorList::from(account),
        };
        Self { server_time, account, sessions, passkeys: PasskeyList::of(passkeys).passkeys }
    }
}
