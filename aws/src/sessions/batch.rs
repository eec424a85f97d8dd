//! Many deletes with few requests.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use rand::{Rng, RngExt};

use crate::TableError;
use crate::attributes::Item;

/// The maximum for `BatchWriteItem`.
const BATCH: usize = 25;

/// The maximum of the first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The maximum of any pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// The maximum of all pauses together. A client that retries later completes the rest.
const PATIENCE: Duration = Duration::from_secs(3);

/// Deletes the items with these keys, 25 at a time. DynamoDB may leave some of a batch unprocessed when a table or a
/// partition is overloaded; those are sent again after a pause.
pub(super) async fn delete(
    client: &Client,
    table: &str,
    keys: Vec<Item>,
    rng: &mut impl Rng,
) -> Result<(), TableError> {
    let mut left = keys.into_iter().map(request).collect::<Result<Vec<_>, _>>()?;
    let mut backoff = Backoff::default();
    while !left.is_empty() {
        let batch = left.drain(..left.len().min(BATCH)).collect();
        let unprocessed = send(client, table, batch).await?;
        if !unprocessed.is_empty() {
            left.splice(..0, unprocessed);
            let pause = backoff.next(rng).ok_or(TableError::Unprocessed(left.len()))?;
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}

fn request(key: Item) -> Result<WriteRequest, TableError> {
    let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

/// Sends one batch, and returns the unprocessed items.
async fn send(
    client: &Client,
    table: &str,
    batch: Vec<WriteRequest>,
) -> Result<Vec<WriteRequest>, TableError> {
    let answer = client.batch_write_item().request_items(table, batch).send().await?;
    Ok(answer.unprocessed_items.and_then(|mut tables| tables.remove(table)).unwrap_or_default())
}

/// Pauses that double, half of each random, so that colliding requests do not collide again.
struct Backoff {
    longest: Duration,
    left: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { longest: FIRST_PAUSE, left: PATIENCE }
    }
}

impl Backoff {
    /// Returns the next pause, or `None` when the total is used up.
    fn next(&mut self, rng: &mut impl Rng) -> Option<Duration> {
        let pause = rng.random_range(self.longest / 2..=self.longest);
        self.left = self.left.checked_sub(pause)?;
        self.longest = (self.longest * 2).min(LONGEST_PAUSE);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn pauses_double_vary_and_end() {
        for seed in 0..100 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut backoff = Backoff::default();
            let pauses: Vec<_> = std::iter::from_fn(|| backoff.next(&mut rng)).collect();
            for (pause, longest) in pauses.iter().zip([50, 100, 200, 400, 800, 800, 800]) {
                let longest = Duration::from_millis(longest);
                assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
            }
            let all: Duration = pauses.iter().sum();
            assert!(all <= PATIENCE && all > PATIENCE - LONGEST_PAUSE, "{pauses:?}");
        }
        let first = |seed| Backoff::default().next(&mut StdRng::seed_from_u64(seed));
        assert_ne!(first(1), first(2));
    }
}
