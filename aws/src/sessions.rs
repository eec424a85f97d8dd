//! The refresh tokens table: one row per session (partition key `user_id`, sort key `session_id`).
//!
//! The table contains nonces, never tokens. `expires_at` is the TTL attribute, in epoch seconds; all other times are in
//! milliseconds.

mod batch;
mod own;
mod rotation;
mod row;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::builders::DeleteBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use shared::Timestamp;
use shared::conditional_write::ConditionalWrite;
use shared::ids::{SessionId, UserId};
use shared::session::{LateReplay, ProfileUpdate, ProvenReplay, Rotation, Session};
use tokio::task::JoinSet;

use crate::attributes::{Item, claims, millis, number, roles, seconds, text};
use crate::{TableError, conflict};

/// The number of profiles that are written concurrently.
const UPDATED_AT_ONCE: usize = 25;

const PROFILE: &str = "SET email = :email, #name = :name, #roles = :roles, account_version = :version";

/// The table of refresh tokens.
#[derive(Clone, Debug)]
pub struct Sessions {
    client: Client,
    table: String,
}

type WriteResult = ConditionalWrite<Session>;

impl Sessions {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Moves a session forward if the presented token is its current one. Otherwise returns the row, which shows the reason.
    /// Either way this takes one request: the row comes with the answer or with the failed condition.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the session may then have moved or not.
    pub async fn rotate(&self, rotation: &Rotation) -> Result<WriteResult, TableError> {
        outcome(|| {
            rotation::update(rotation, self.update(rotation.presented.user_id, rotation.presented.session_id))
        })
        .await
    }

    /// Takes a late replay from the budget of a session if the row has not changed since it was read.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn count_late_replay(&self, write: &LateReplay) -> Result<WriteResult, TableError> {
        let LateReplay { read: row, late_replays, now } = write;
        let update = || {
            self.update(row.user_id, row.session_id)
                .condition_expression("generation = :generation AND late_at = :read_late_at")
                .update_expression("SET late_replays = :late_replays, late_at = :now")
                .expression_attribute_values(":generation", number(row.generation.number()))
                .expression_attribute_values(":read_late_at", millis(row.late_at))
                .expression_attribute_values(":late_replays", number(*late_replays))
                .expression_attribute_values(":now", millis(*now))
        };
        outcome(update).await
    }

    /// Counts a proven replay of a session if the row has not changed since it was read.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn count_proven_replay(&self, write: &ProvenReplay) -> Result<WriteResult, TableError> {
        let ProvenReplay { read: row, proven_replays, now } = write;
        let update = || {
            let request = self
                .update(row.user_id, row.session_id)
                .update_expression("SET proven_replays = :proven_replays, proven_at = :now")
                .expression_attribute_values(":generation", number(row.generation.number()))
                .expression_attribute_values(":proven_replays", number(*proven_replays))
                .expression_attribute_values(":now", millis(*now));
            if row.proven_replays == 0 {
                request.condition_expression("generation = :generation AND attribute_not_exists(proven_at)")
            } else {
                request
                    .condition_expression("generation = :generation AND proven_at = :read_proven_at")
                    .expression_attribute_values(":read_proven_at", millis(row.proven_at))
            }
        };
        outcome(update).await
    }

    /// Writes newer profiles to sessions, several at a time. A session that is gone, or has a profile as new, is not an error.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; some may then be written.
    pub async fn update_profiles(&self, writes: &[ProfileUpdate]) -> Result<(), TableError> {
        for batch in writes.chunks(UPDATED_AT_ONCE) {
            let mut updates = JoinSet::new();
            for write in batch {
                let (sessions, write) = (self.clone(), write.clone());
                updates.spawn(async move { sessions.update_profile(&write).await.map(drop) });
            }
            // A failure leaves nothing half done: each write is a request of its own, and all have been sent.
            updates.join_all().await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    /// Writes a newer profile to a session. A session that is gone, or has a profile as new, is not an error.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn update_profile(&self, write: &ProfileUpdate) -> Result<WriteResult, TableError> {
        let ProfileUpdate { user_id, session_id, profile } = write;
        let version = profile.account_version.ok_or(TableError::Row("account_version"))?;
        // Absent values take no room in the row.
        let verified = profile.email_verified.then_some(AttributeValue::Bool(true));
        let optional = [("email_verified", verified), ("claims", claims(&profile.claims))];
        let update = || {
            let mut request = self
                .update(*user_id, *session_id)
                .condition_expression("attribute_exists(generation) AND account_version < :version")
                .expression_attribute_names("#name", "name")
                .expression_attribute_names("#roles", "roles")
                .expression_attribute_values(":email", text(&profile.email))
                .expression_attribute_values(":name", text(&profile.name))
                .expression_attribute_values(":roles", roles(&profile.roles))
                .expression_attribute_values(":version", number(version));
            let (mut set, mut removed) = (PROFILE.to_owned(), Vec::new());
            for (name, value) in &optional {
                match value {
                    Some(value) => {
                        set += &format!(", {name} = :{name}");
                        request = request.expression_attribute_values(format!(":{name}"), value.clone());
                    }
                    None => removed.push(*name),
                }
            }
            if !removed.is_empty() {
                set += &format!(" REMOVE {}", removed.join(", "));
            }
            request.update_expression(set)
        };
        outcome(update).await
    }

    /// Ends the session. A missing session is not an error.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the session may then live on.
    pub async fn end(&self, user_id: UserId, session_id: SessionId) -> Result<(), TableError> {
        let delete = || {
            let delete = self.client.delete_item().table_name(&self.table);
            delete.set_key(Some(key(user_id, session_id)))
        };
        conflict::retried(|| deleted(delete())).await
    }

    /// Returns the part of a transaction that creates a session. The condition ensures that its id is new.
    ///
    /// # Errors
    /// Returns [`TableError`] for an incomplete request, which cannot happen.
    pub(crate) fn creation(&self, session: &Session) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(row::item(session)))
            .condition_expression("attribute_not_exists(session_id)")
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Returns the part of a transaction that ends a session, if there is one.
    pub(crate) fn ending(
        &self,
        user_id: UserId,
        session_id: SessionId,
    ) -> Result<TransactWriteItem, TableError> {
        self.deletion(Delete::builder().set_key(Some(key(user_id, session_id))))
    }

    /// Returns the part of a transaction that ends a session, and fails unless it lives.
    pub(crate) fn ending_living(
        &self,
        user_id: UserId,
        session_id: SessionId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .set_key(Some(key(user_id, session_id)))
            .condition_expression("expires_at > :now_seconds AND ends_at > :now")
            .expression_attribute_values(":now_seconds", seconds(now))
            .expression_attribute_values(":now", millis(now));
        self.deletion(delete)
    }

    fn deletion(&self, delete: DeleteBuilder) -> Result<TransactWriteItem, TableError> {
        let delete = delete.table_name(&self.table).build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn update(&self, user_id: UserId, session_id: SessionId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(user_id, session_id)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Sends the write. A password change ends sessions in a transaction, which other writes may meet.
async fn outcome(update: impl Fn() -> UpdateItemFluentBuilder) -> Result<WriteResult, TableError> {
    conflict::retried(|| tried(update())).await
}

/// Returns `None` if it met a transaction.
async fn tried(update: UpdateItemFluentBuilder) -> Result<Option<WriteResult>, TableError> {
    let error = match update.send().await {
        Ok(done) => {
            let item = done.attributes().ok_or(TableError::Row("attributes"))?;
            return row::session(item).map(WriteResult::Written).map(Some);
        }
        Err(error) => error,
    };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            failed.item().map(row::session).transpose().map(WriteResult::ConditionFailed).map(Some)
        }
        Some(UpdateItemError::TransactionConflictException(_)) => Ok(None),
        _ => Err(error.into()),
    }
}

/// Returns `None` if it met a transaction.
async fn deleted(delete: DeleteItemFluentBuilder) -> Result<Option<()>, TableError> {
    let Err(error) = delete.send().await else { return Ok(Some(())) };
    match error.as_service_error() {
        Some(DeleteItemError::TransactionConflictException(_)) => Ok(None),
        _ => Err(error.into()),
    }
}

fn key(user_id: UserId, session_id: SessionId) -> Item {
    [("user_id".to_owned(), text(user_id)), ("session_id".to_owned(), text(session_id))].into()
}
