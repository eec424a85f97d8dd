//! Changing a password: one transaction over all three tables.
//!
//! What always holds: the new password, the end of the sessions that were known and the new session come together or not
//! at all, and only while the account is as it was read and the session that asks lives.

use aws_sdk_dynamodb::types::TransactWriteItem;
use shared::ids::SessionId;
use shared::session::Session;
use shared::sign_in::Lane;

use crate::TableError;
use crate::attempts::Attempts;
use crate::sign_in::{Committed, SignIn};
use crate::users::User;

/// How many sessions one transaction ends beside the caller's: it takes 100 writes, and four are the account, the caller's
/// session, the new one and the attempts.
const MOST_AT_ONCE: usize = 96;

/// A change of password, for an account as it was read.
#[derive(Clone, Copy)]
pub struct PasswordChange<'a> {
    /// The account, with its present hash and version.
    pub user: &'a User,
    /// The hash of the new password.
    pub hash: &'a str,
    /// The session that asks. It must live, and ends.
    pub caller: SessionId,
    /// All other sessions of the user. They end.
    pub others: &'a [SessionId],
    /// The session that begins in their place, of the account's next version.
    pub session: &'a Session,
    /// The lane by which the attempt came. Its attempts are forgotten.
    pub lane: (&'a Attempts, &'a Lane),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The new password holds, and of the sessions that were named none is left. One that a sign-in with the old password
    /// has begun meanwhile still is: its row is of an older version of the account, and
    /// [`crate::sessions::Sessions::end_beyond`] finds it, before the answer or with the next sign-in.
    Yes,
    /// Nothing has changed: the account is not as it was read.
    AccountDiffers,
    /// Nothing has changed: the session that asks has ended.
    CallerSignedOut,
}

impl PasswordChange<'_> {
    /// Those of the others for which the transaction has no room. They must have ended before it.
    #[must_use]
    pub fn surplus(&self) -> &[SessionId] {
        self.others.split_at(self.surplus_len()).0
    }

    /// The rest of them, which end in the transaction.
    #[must_use]
    pub fn at_once(&self) -> &[SessionId] {
        self.others.split_at(self.surplus_len()).1
    }

    fn surplus_len(&self) -> usize {
        self.others.len().saturating_sub(MOST_AT_ONCE)
    }
}

impl SignIn {
    /// Changes the password. The [surplus](PasswordChange::surplus) must have ended.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer; the password may then be changed or not.
    pub async fn change_password(&self, change: &PasswordChange<'_>) -> Result<Changed, TableError> {
        Ok(match self.commit(self.writes(change)?, change.session).await? {
            Committed::Yes => Changed::Yes,
            Committed::Refused { write: 0 } => Changed::AccountDiffers,
            Committed::Refused { .. } => Changed::CallerSignedOut,
        })
    }

    fn writes(&self, change: &PasswordChange<'_>) -> Result<Vec<TransactWriteItem>, TableError> {
        let PasswordChange { user, hash, caller, session, lane: (attempts, lane), .. } = *change;
        let mut writes = vec![
            self.users().with_new_password(user, hash)?,
            self.sessions().ending_living(user.user_id, caller, session.created_at)?,
            self.sessions().creation(session)?,
            attempts.forgetting(lane)?,
        ];
        for other in change.at_once() {
            writes.push(self.sessions().ending(user.user_id, *other)?);
        }
        Ok(writes)
    }
}
