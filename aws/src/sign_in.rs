//! Creating sessions: one transaction over the table of users and the table of refresh tokens; at a sign-in also over the
//! table of attempts.
//!
//! What always holds: a session comes into being only while the account is as the sign-in read it. A stalled sign-in
//! can't outlive a password change, and two registrations of one address can't both win.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use shared::session::Session;
use shared::sign_in::Lane;

use crate::attempts::Attempts;
use crate::sessions::Sessions;
use crate::users::{User, Users};
use crate::{TableError, conflict};

/// Both tables, for those who create sessions.
#[derive(Clone, Debug)]
pub struct SignIn {
    client: Client,
    users: Users,
    sessions: Sessions,
}

/// What became of a transaction that creates a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The session exists.
    Yes,
    /// The account was not as expected: its address is taken, or it has changed since it was read.
    AccountDiffers,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// All of it is written.
    Yes,
    /// Nothing of it: the condition of this write, counted from 0, did not hold. The first one, if there are more.
    Refused {
        /// Which.
        write: usize,
    },
}

impl From<Committed> for Created {
    fn from(committed: Committed) -> Self {
        match committed {
            Committed::Yes => Self::Yes,
            Committed::Refused { .. } => Self::AccountDiffers,
        }
    }
}

impl SignIn {
    /// Over the tables with these names.
    #[must_use]
    pub fn new(client: Client, users_table: String, sessions_table: String) -> Self {
        Self {
            users: Users::new(client.clone(), users_table),
            sessions: Sessions::new(client.clone(), sessions_table),
            client,
        }
    }

    /// The table of users.
    #[must_use]
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// The table of refresh tokens.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Creates the account and its first session, if the address is free.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer; the account may then exist or not.
    pub async fn register(&self, user: &User, session: &Session) -> Result<Created, TableError> {
        let writes = [self.users.creation(user)?, self.sessions.creation(session)?];
        self.commit(writes, session).await.map(Created::from)
    }

    /// Creates a session, if the account is still as `user` was read, and forgets the attempts of the lane that it came
    /// by; `rehashed` is stored with it if given.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer; the session may then exist, unknown to anybody, until it expires.
    pub async fn log_in(
        &self,
        user: &User,
        rehashed: Option<&str>,
        session: &Session,
        (attempts, lane): (&Attempts, &Lane),
    ) -> Result<Created, TableError> {
        let account = match rehashed {
            Some(hash) => self.users.rehashed(user, hash)?,
            None => self.users.unchanged(user)?,
        };
        let writes = [account, self.sessions.creation(session)?, attempts.forgetting(lane)?];
        self.commit(writes, session).await.map(Created::from)
    }

    /// Writes all or nothing, and with it the new session `session`.
    pub(crate) async fn commit(
        &self,
        writes: impl Into<Vec<TransactWriteItem>>,
        session: &Session,
    ) -> Result<Committed, TableError> {
        let request = self
            .client
            .transact_write_items()
            // Makes the SDK's resend after a lost answer the same transaction, not a second one that fails its condition.
            .client_request_token(session.session_id.to_string())
            .set_transact_items(Some(writes.into()));
        // Two sign-ins of one user at once check the same row.
        conflict::retried(|| committed(request.clone())).await
    }
}

/// None if it met another transaction on the same rows.
async fn committed(request: TransactWriteItemsFluentBuilder) -> Result<Option<Committed>, TableError> {
    let Err(error) = request.send().await else { return Ok(Some(Committed::Yes)) };
    let reasons = cancellation(&error);
    if let Some(write) = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed")) {
        return Ok(Some(Committed::Refused { write }));
    }
    let met_another = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
    if met_another { Ok(None) } else { Err(error.into()) }
}

/// Why a transaction was cancelled, write by write; nothing if it failed in another way.
fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        Some(_) | None => &[],
    }
}
