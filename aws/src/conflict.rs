//! Writes that meet a transaction on the same rows. DynamoDB refuses them at once, and the SDK does not send them again.

use std::time::Duration;

use crate::TableError;

/// How often such a write is tried, in all.
const TRIES: u32 = 5;

/// Sends a write until it meets no other: `send` says `None` for one that did.
///
/// # Errors
/// What `send` fails with, or [`TableError::Contention`] if it met others every time.
pub(crate) async fn retried<T, Sent>(send: impl Fn() -> Sent) -> Result<T, TableError>
where
    Sent: Future<Output = Result<Option<T>, TableError>>,
{
    for attempt in 1..=TRIES {
        if let Some(done) = send().await? {
            return Ok(done);
        }
        tokio::time::sleep(Duration::from_millis(20) * attempt).await;
    }
    Err(TableError::Contention)
}
