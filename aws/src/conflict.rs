//! Writes that meet a transaction on the same rows. DynamoDB refuses them at once, and the SDK does not send them again.

use std::time::Duration;

use crate::TableError;

/// The number of tries of such a write.
const TRIES: u32 = 5;

/// Sends a write until it meets no transaction: `send` returns `None` if it did.
///
/// # Errors
/// Returns the error of `send`, or [`TableError::Contention`] if each try met a transaction.
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
