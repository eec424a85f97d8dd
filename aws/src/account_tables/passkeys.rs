//! The transaction of a sign-in with a passkey.

use shared::flow::passkey_sign_in::{Created, Creating};

use super::AccountTables;
use crate::TableError;
use crate::accounts::Transaction;

impl AccountTables {
    /// Creates the session of a sign-in with a passkey, writes what it has told of the passkey, and has mailed what tells of it.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. The session may then exist, unknown to anybody, until it expires.
    pub async fn create_passkey_session(&self, create: &Creating) -> Result<Created, TableError> {
        let Creating { account, passkey, used, session, mail, .. } = create;
        let accounts = self.tables().accounts();
        let mut writes = vec![
            accounts.users().signed_in(account, None, None)?,
            self.passkeys()?.using(passkey, *used, session.created_at)?,
            accounts.sessions().creation(session)?,
        ];
        if let Some(mail) = mail {
            writes.push(self.codes().putting(mail)?);
        }
        Ok(match accounts.transact(writes, session.session_id).await? {
            Transaction::Committed => Created::Created,
            Transaction::ConditionFailed { write: 1, .. } => Created::PasskeyDiffers,
            Transaction::ConditionFailed { .. } => Created::AccountDiffers,
        })
    }
}
