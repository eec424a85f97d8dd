//! The table of attempts to sign in: one row per lane (partition key `lane`), counted before the password hash runs.
//!
//! The key is an HMAC, so the table holds no email. `expires_at` is the TTL attribute, in epoch seconds; `blocked_until`
//! is in milliseconds.
//!
//! What always holds: an attempt is granted only by a write of this attempt that DynamoDB has confirmed, by its answer
//! or by a row that bears the attempt's id.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use shared::ids::AttemptId;
use shared::sign_in::{Attempts as Counted, Decision, Lane, Limits, decide};
use shared::{Seconds, Timestamp};

use crate::attributes::{Item, Row, millis, number, seconds, text};
use crate::{TableError, conflict};

/// The table of attempts.
#[derive(Clone, Debug)]
pub struct Attempts {
    client: Client,
    table: String,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// It is counted, and one password may be compared.
    Granted,
    /// It is not, and none may.
    Blocked {
        /// How long to wait, at least a second.
        retry_after: Seconds,
    },
}

/// What a conditional write did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The condition held.
    Written,
    /// It did not, and this is the row that says why; none if there is no row.
    Unchanged(Option<Counted>),
}

impl Attempts {
    /// The table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts the attempt `by`, which must be a new one, if the lane is open: one request as long as there are free
    /// attempts and while it is blocked, two for the one attempt per delay after that.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer; the attempt may then be counted or not, and must not go on.
    pub async fn reserve(
        &self,
        lane: &Lane,
        by: AttemptId,
        now: Timestamp,
        limits: &Limits,
    ) -> Result<Reservation, TableError> {
        let row = match self.count_free(lane, by, now, limits).await? {
            Outcome::Written => return Ok(Reservation::Granted),
            Outcome::Unchanged(row) => row,
        };
        let (next, row) = match (decide(row.as_ref(), by, now, limits), row) {
            (Decision::Reserved, _) => return Ok(Reservation::Granted),
            (Decision::Blocked { retry_after }, _) => return Ok(Reservation::Blocked { retry_after }),
            // A condition that failed without a row to fail on: no engine that keeps its promises does that.
            (open @ Decision::Reserve(_), None) => return Ok(lost(open, limits)),
            (Decision::Reserve(next), Some(row)) => (next, row),
        };
        Ok(match self.replace(lane, &row, &next).await? {
            Outcome::Written => Reservation::Granted,
            Outcome::Unchanged(row) => lost(decide(row.as_ref(), by, now, limits), limits),
        })
    }

    /// Counts an attempt if there are free ones left. One that DynamoDB has counted already, before its answer was lost
    /// and the SDK sent it again, is not counted twice: its own id is in the row then. Only if another attempt has come
    /// between the two is it, which costs one free attempt and blocks nobody earlier than a guess would.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer.
    pub async fn count_free(
        &self,
        lane: &Lane,
        by: AttemptId,
        now: Timestamp,
        limits: &Limits,
    ) -> Result<Outcome, TableError> {
        let first = Counted::counting(0, by, now, limits);
        let update = self
            .update(lane)
            .condition_expression(
                "attribute_not_exists(failures) \
                 OR (failures < :free AND expires_at > :now_seconds AND reserved_by <> :by)",
            )
            .update_expression(
                "SET failures = if_not_exists(failures, :none) + :one, blocked_until = :blocked_until, \
                 reserved_by = :by, expires_at = :expires_at",
            )
            .expression_attribute_values(":free", number(limits.free_attempts))
            .expression_attribute_values(":now_seconds", seconds(now))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":by", text(by))
            .expression_attribute_values(":blocked_until", millis(first.blocked_until))
            .expression_attribute_values(":expires_at", seconds(first.expires_at));
        outcome(update).await
    }

    /// Puts `next` in place of `row`, if the row is still as it was read.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer.
    pub async fn replace(&self, lane: &Lane, row: &Counted, next: &Counted) -> Result<Outcome, TableError> {
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

    /// The part of a transaction that forgets the attempts of a lane. That there are none is no error.
    pub(crate) fn forgetting(&self, lane: &Lane) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("lane", text(lane.as_str()))
            .build()
            .map_err(|error| TableError::Request(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn update(&self, lane: &Lane) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("lane", text(lane.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// After a lost race another attempt has just been let through, so this one waits, unless the race was against itself.
fn lost(decision: Decision, limits: &Limits) -> Reservation {
    match decision {
        Decision::Reserved => Reservation::Granted,
        Decision::Blocked { retry_after } => Reservation::Blocked { retry_after },
        Decision::Reserve(_) => Reservation::Blocked { retry_after: limits.first_delay },
    }
}

/// A sign-in that succeeds deletes the row in a transaction, which another one's count may meet.
async fn outcome(update: UpdateItemFluentBuilder) -> Result<Outcome, TableError> {
    conflict::retried(|| written(update.clone())).await
}

async fn written(update: UpdateItemFluentBuilder) -> Result<Option<Outcome>, TableError> {
    let Err(error) = update.send().await else { return Ok(Some(Outcome::Written)) };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            failed.item().map(read).transpose().map(|row| Some(Outcome::Unchanged(row)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_race_that_was_lost_is_a_wait_of_at_least_the_first_delay() {
        let limits = Limits {
            free_attempts: 5,
            first_delay: Seconds(7),
            longest_delay: Seconds(900),
            remember: Seconds(86_400),
        };
        let next = Counted::counting(0, AttemptId::from_bytes([1; 16]), Timestamp::default(), &limits);
        let blocked = |seconds| Reservation::Blocked { retry_after: Seconds(seconds) };
        assert_eq!(lost(Decision::Reserve(next), &limits), blocked(7));
        assert_eq!(lost(Decision::Blocked { retry_after: Seconds(30) }, &limits), blocked(30));
        assert_eq!(lost(Decision::Reserved, &limits), Reservation::Granted);
    }
}
