//! The users and the refresh tokens tables together: transactions that create sessions.
//!
//! # Invariants
//! A session is created only if the account has not changed since it was read. Of two registrations of one address only
//! one succeeds.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use rand::Rng;
use shared::config::{self, ConfigError, Lookup};
use shared::flow::sweep;
use shared::ids::SessionId;

use crate::attributes::Item;
use crate::sessions::Sessions;
use crate::users::Users;
use crate::{TableError, conflict};

/// Both tables.
#[derive(Clone, Debug)]
pub struct Accounts {
    client: Client,
    users: Users,
    sessions: Sessions,
}

/// The result of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Transaction {
    /// All of it is written.
    Committed,
    /// Nothing of it: a condition failed.
    ConditionFailed {
        /// Of which write, counted from 0. The first one, if there are more.
        write: usize,
        /// The row, where the write asks for it and there is one.
        row: Option<Item>,
    },
}

impl Accounts {
    /// Uses the tables named in the settings.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn from_settings(lookup: Lookup<'_>, client: Client) -> Result<Self, ConfigError> {
        Ok(Self {
            users: Users::new(client.clone(), config::table(lookup, "USERS_TABLE")?),
            sessions: Sessions::new(client.clone(), config::table(lookup, "REFRESH_TOKENS_TABLE")?),
            client,
        })
    }

    /// Returns the table of users.
    #[must_use]
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// Returns the table of refresh tokens.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Drives a sweep to its end. `report` receives the ended sessions, whatever fails afterwards.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the next sign-in completes the sweep.
    pub async fn sweep(
        &self,
        mut step: sweep::Step,
        rng: &mut impl Rng,
        mut report: impl FnMut(&[SessionId]),
    ) -> Result<(), TableError> {
        loop {
            step = match step {
                sweep::Step::Query(query) => {
                    let own = self.sessions.of_user(query.user_id()).await?;
                    query.then(&own)
                }
                sweep::Step::End(end) => {
                    self.sessions.end_all(end.user_id(), end.sessions(), rng).await?;
                    report(end.sessions());
                    end.then()
                }
                sweep::Step::Update(update) => {
                    self.sessions.update_profiles(&update.writes).await?;
                    update.then()
                }
                sweep::Step::Done => return Ok(()),
            }
        }
    }

    /// Writes all or nothing. With `token` the SDK's resend after a lost answer is the same transaction; another one
    /// would fail its condition.
    pub(crate) async fn transact(
        &self,
        writes: impl Into<Vec<TransactWriteItem>>,
        token: SessionId,
    ) -> Result<Transaction, TableError> {
        let request = self
            .client
            .transact_write_items()
            .client_request_token(token.to_string())
            .set_transact_items(Some(writes.into()));
        // Two sign-ins of one user at once check the same row.
        conflict::retried(|| transacted(request.clone())).await
    }
}

/// Sends the transaction. Returns `None` if it met another transaction on the same rows.
async fn transacted(request: TransactWriteItemsFluentBuilder) -> Result<Option<Transaction>, TableError> {
    let Err(error) = request.send().await else { return Ok(Some(Transaction::Committed)) };
    let reasons = cancellation(&error);
    let has_failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    if let Some((write, reason)) = reasons.iter().enumerate().find(|(_, reason)| has_failed(reason)) {
        return Ok(Some(Transaction::ConditionFailed { write, row: reason.item().cloned() }));
    }
    let met_another = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
    if met_another { Ok(None) } else { Err(error.into()) }
}

/// Returns why a transaction was cancelled, per write, or nothing if it failed in another way.
fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        Some(_) | None => &[],
    }
}
