//! The attempts table: one row per lane (partition key `lane`), counted before the password hash runs.
//!
//! The key is an HMAC, so the table contains no email. `expires_at` is the TTL attribute, in epoch seconds; `blocked_until`
//! is in milliseconds.
//!
//! `shared::flow::reservation` interprets the answers.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use shared::attempts::{Attempts as Counted, CountFree, CountedIn, Lane, Replace, TakeBack};
use shared::conditional_write::ConditionalWrite;

use crate::attributes::{Item, Row, millis, number, seconds, text};
use crate::{TableError, conflict};

/// The table of attempts.
#[derive(Clone, Debug)]
pub struct Attempts {
    client: Client,
    table: String,
}

type WriteResult = ConditionalWrite<Counted, ()>;

impl Attempts {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts an attempt if free ones are left. An attempt that DynamoDB has counted already, before its answer was lost
    /// and the SDK sent it again, is not counted twice, because its id is in the row. Only if another attempt came
    /// in between, it is counted twice, which costs one free attempt and blocks nobody earlier than a guess would.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn count_free(&self, write: &CountFree) -> Result<WriteResult, TableError> {
        let first = write.first();
        let update = self
            .update(&write.lane)
            .condition_expression(
                "attribute_not_exists(failures) \
                 OR (failures < :free AND expires_at > :now_seconds AND reserved_by <> :by)",
            )
            .update_expression(
                "SET failures = if_not_exists(failures, :none) + :one, blocked_until = :blocked_until, \
                 reserved_by = :by, expires_at = :expires_at",
            )
            .expression_attribute_values(":free", number(write.limits.free_attempts))
            .expression_attribute_values(":now_seconds", seconds(write.now))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":by", text(write.by))
            .expression_attribute_values(":blocked_until", millis(first.blocked_until))
            .expression_attribute_values(":expires_at", seconds(first.expires_at));
        outcome(update).await
    }

    /// Replaces a row if it has not changed since it was read.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn replace(
        &self,
        Replace { lane, read: row, next }: &Replace,
    ) -> Result<WriteResult, TableError> {
        let update = self
            .update(lane)
            .condition_expression("failures = :read_failures AND blocked_until = :read_blocked_until")
            .update_expression(
                "SET failures = :failures, blocked_until = :blocked_until, reserved_by = :by, \
                 expires_at = :expires_at",
            )
            .expression_attribute_values(":read_failures", number(row.failures))
            .expression_attribute_values(":read_blocked_until", millis(row.blocked_until))
            .expression_attribute_values(":failures", number(next.failures))
            .expression_attribute_values(":blocked_until", millis(next.blocked_until))
            .expression_attribute_values(":by", text(next.reserved_by))
            .expression_attribute_values(":expires_at", seconds(next.expires_at));
        outcome(update).await
    }

    /// Subtracts a successful attempt from the count. It is sent once: a second request after a lost answer could
    /// subtract another attempt. If it fails, the attempt stays counted, which is logged.
    pub async fn take_back(&self, write: &TakeBack) {
        let update = self
            .update(&write.lane)
            .condition_expression("failures > :none")
            .update_expression("SET failures = failures - :one")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1));
        self.send_once(update, "an attempt that succeeded stays counted").await;
    }

    /// Settles the count of a successful attempt as its lane requires. If that fails, the attempt stays counted, which is
    /// logged.
    pub async fn settle(&self, counted: &CountedIn) {
        if let Some(write) = counted.taken_back() {
            self.take_back(&write).await;
        }
        if let Some(lane) = counted.forgotten() {
            let delete = self.client.delete_item().table_name(&self.table).key("lane", text(lane.as_str()));
            if let Err(error) = delete.send().await {
                tracing::warn!(error = %TableError::from(error), "an attempt that succeeded stays counted");
            }
        }
    }

    /// Sends an update that the SDK must not repeat. If it fails, `consequence` is logged; there is no other effect.
    pub(crate) async fn send_once(&self, update: UpdateItemFluentBuilder, consequence: &'static str) {
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled());
        let Err(error) = update.customize().config_override(once).send().await else { return };
        // There is nothing to subtract: the row has been deleted meanwhile.
        let is_gone =
            error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception);
        if !is_gone {
            tracing::warn!(error = %TableError::from(error), "{consequence}");
        }
    }

    /// Returns the part of a transaction that clears a lane. An empty lane is not an error.
    pub(crate) fn forgetting(&self, lane: &Lane) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder().table_name(&self.table).key("lane", text(lane.as_str())).build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Returns an update of the row of a lane. The row is returned if the condition fails.
    pub(crate) fn update(&self, lane: &Lane) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("lane", text(lane.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Sends the update. A successful sign-in on a device deletes the row in a transaction, which the count of another may meet.
async fn outcome(update: UpdateItemFluentBuilder) -> Result<WriteResult, TableError> {
    conflict::retried(|| written(update.clone())).await
}

async fn written(update: UpdateItemFluentBuilder) -> Result<Option<WriteResult>, TableError> {
    let Err(error) = update.send().await else { return Ok(Some(WriteResult::Written(()))) };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            failed.item().map(read).transpose().map(|row| Some(WriteResult::ConditionFailed(row)))
        }
        Some(error) if error.is_transaction_conflict_exception() => Ok(None),
        Some(_) | None => Err(error.into()),
    }
}

fn read(item: &Item) -> Result<Counted, TableError> {
    let row = Row(item);
    Ok(Counted {
        failures: row.number("failures")?,
        blocked_until: row.millis("blocked_until")?,
        reserved_by: row.parsed("reserved_by")?,
        expires_at: row.seconds("expires_at")?,
    })
}
