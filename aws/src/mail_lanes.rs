//! Rows of the attempts table that count mails, separate from those that count sign-ins: one row per lane (partition key
//! `lane`).
//!
//! `expires_at` is the TTL attribute, in epoch seconds; `last_at` is in milliseconds.
//!
//! `shared::flow::mail_reservation` interprets the answers.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use shared::conditional_write::ConditionalWrite;
use shared::mail_lane::{CountAll, CountNext, Mails, Replace, TakeBack};

use crate::TableError;
use crate::attempts::Attempts;
use crate::attributes::{Item, Row, millis, number, seconds, text};

type WriteResult = ConditionalWrite<Mails>;

impl Attempts {
    /// Counts a mail on the day of its lane, if the lane admits one. A mail that DynamoDB has counted already, before its
    /// answer was lost and the SDK sent it again, is recognised by its id.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub(crate) async fn count_next_mail(&self, write: &CountNext) -> Result<WriteResult, TableError> {
        let first = write.first();
        let update = self
            .update(&write.lane)
            .condition_expression(
                "attribute_not_exists(mails) OR (mails < :per_day AND last_at <= :latest \
                 AND expires_at > :now_seconds AND reserved_by <> :by)",
            )
            .update_expression(
                "SET mails = if_not_exists(mails, :none) + :one, last_at = :now, reserved_by = :by, \
                 expires_at = if_not_exists(expires_at, :expires_at)",
            )
            .expression_attribute_values(":per_day", number(write.limits.per_day))
            .expression_attribute_values(":latest", millis(write.latest()))
            .expression_attribute_values(":now_seconds", seconds(write.now))
            .expression_attribute_values(":by", text(write.by))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", millis(write.now))
            .expression_attribute_values(":expires_at", seconds(first.expires_at));
        written(update).await
    }

    /// Replaces a row if it has not changed since it was read.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub(crate) async fn replace_mails(
        &self,
        Replace { lane, read, next }: &Replace,
    ) -> Result<WriteResult, TableError> {
        let update = self
            .update(lane)
            .condition_expression("mails = :read_mails AND last_at = :read_last_at")
            .update_expression(
                "SET mails = :mails, last_at = :now, reserved_by = :by, expires_at = :expires_at",
            )
            .expression_attribute_values(":read_mails", number(read.mails))
            .expression_attribute_values(":read_last_at", millis(read.last_at))
            .expression_attribute_values(":mails", number(next.mails))
            .expression_attribute_values(":now", millis(next.last_at))
            .expression_attribute_values(":by", text(next.reserved_by))
            .expression_attribute_values(":expires_at", seconds(next.expires_at));
        written(update).await
    }

    /// Counts a mail in the total of this minute. Returns whether there was room. After a lost answer it may be counted twice,
    /// which costs one mail of this minute.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub(crate) async fn count_among_all(&self, write: &CountAll) -> Result<bool, TableError> {
        let update = self
            .update(&write.lane)
            .condition_expression("attribute_not_exists(mails) OR mails < :limit")
            .update_expression("SET expires_at = :expires_at ADD mails :one")
            .expression_attribute_values(":limit", number(write.limit))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expires_at", seconds(write.expires_at()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Subtracts a mail that is not sent after all from the count. It is sent once; if it fails, the mail stays counted.
    pub(crate) async fn take_mail_back(&self, TakeBack { lane }: &TakeBack) {
        let update = self
            .update(lane)
            .condition_expression("mails > :none")
            .update_expression("SET mails = mails - :one")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1));
        self.send_once(update, "a mail that is not sent stays counted").await;
    }
}

async fn written(update: UpdateItemFluentBuilder) -> Result<WriteResult, TableError> {
    match update.return_values(ReturnValue::AllNew).send().await {
        Ok(answer) => {
            let row = answer.attributes().ok_or(TableError::Row("mails"))?;
            mails(row).map(WriteResult::Written)
        }
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                failed.item().map(mails).transpose().map(WriteResult::ConditionFailed)
            }
            Some(_) | None => Err(error.into()),
        },
    }
}

fn mails(item: &Item) -> Result<Mails, TableError> {
    let row = Row(item);
    Ok(Mails {
        mails: row.number("mails")?,
        last_at: row.millis("last_at")?,
        reserved_by: row.parsed("reserved_by")?,
        expires_at: row.seconds("expires_at")?,
    })
}
