//! The key set in memory.
//!
//! # Invariants
//! * Concurrent requests cause one read.
//! * A failed read leaves the set as it was.
//! * A set in the settings is never read again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_types::SdkConfig;
use shared::Timestamp;
use shared::config::{self, ConfigError, KeySource, Lookup};
use shared::key_set::KeySet;
use shared::log;
use tokio::sync::Mutex;

use super::freshness::{CacheState, Freshness, Need};
use super::{Secret, SecretError};

/// The timeout of a read during a request, which must leave time for DynamoDB within the function's own timeout.
const PATIENCE: Duration = Duration::from_secs(2);

/// The key set, kept up to date.
#[derive(Debug)]
pub struct KeyCache {
    set: RwLock<Arc<KeySet>>,
    source: Option<Source>,
}

#[derive(Debug)]
struct Source {
    secret: Secret,
    /// Held while the secret is read.
    freshness: Mutex<Freshness>,
}

/// The reason why there is no initial key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyCacheError {
    /// The settings do not name its source.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// A key is unknown and the secret cannot be read, so it is undecided whether the key is new or does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key set can't be read to look for an unknown key")]
pub struct KeyLookupError;

impl KeyCache {
    /// Returns a cache with this fixed set.
    #[must_use]
    pub fn inline(set: KeySet) -> Self {
        Self { set: RwLock::new(Arc::new(set)), source: None }
    }

    /// Returns the set that the settings name, `KEY_SET_SECRET` or `KEY_SET`. Logs a failure.
    ///
    /// # Errors
    /// Returns [`KeyCacheError`], which ends the cold start.
    pub async fn from_settings(
        lookup: Lookup<'_>,
        config: &SdkConfig,
        now: Timestamp,
    ) -> Result<Self, KeyCacheError> {
        match config::key_source(lookup).inspect_err(log::bad_setting)? {
            KeySource::Inline(set) => Ok(Self::inline(*set)),
            KeySource::Secret(id) => {
                let keys = Self::read(Secret::new(config, id), now).await;
                Ok(keys.inspect_err(|error| tracing::error!(event = "no_key_set", %error))?)
            }
        }
    }

    /// Returns the set in `secret`.
    ///
    /// # Errors
    /// Returns [`SecretError`] if it cannot be read or used.
    pub async fn read(secret: Secret, now: Timestamp) -> Result<Self, SecretError> {
        let set = RwLock::new(Arc::new(key_set(&secret).await?));
        let freshness = Mutex::new(Freshness { read_at: now, tried_at: now });
        Ok(Self { set, source: Some(Source { secret, freshness }) })
    }

    /// Returns the set for a request at `now`, after reading it again if it is old. If that fails, or another request is
    /// reading it, the set in memory is still valid: a rotation keeps the old keys usable.
    pub async fn current(&self, now: Timestamp) -> Arc<KeySet> {
        if let Some(source) = &self.source
            && let Ok(mut freshness) = source.freshness.try_lock()
        {
            self.refresh(source, &mut freshness, Need::Routine, now).await;
        }
        self.in_memory()
    }

    /// Returns the set for a request at `now`, after reading it again if `lacks_a_key` states that the request names a
    /// key that it lacks. If the reloaded set lacks it too, no key with this id exists.
    ///
    /// # Errors
    /// Returns [`KeyLookupError`] if the secret cannot be read: the caller should retry.
    pub async fn knowing(
        &self,
        lacks_a_key: impl Fn(&KeySet) -> bool,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, KeyLookupError> {
        let set = self.current(now).await;
        let Some(source) = self.source.as_ref().filter(|_| lacks_a_key(&set)) else {
            return Ok(set);
        };
        let mut freshness = source.freshness.lock().await;
        let verdict = self.refresh(source, &mut freshness, Need::UnknownKey, now).await;
        if verdict == CacheState::Use { Ok(self.in_memory()) } else { Err(KeyLookupError) }
    }

    /// Reads the secret if it is due, and returns the state of the set in memory.
    async fn refresh(
        &self,
        source: &Source,
        freshness: &mut Freshness,
        need: Need,
        now: Timestamp,
    ) -> CacheState {
        let verdict = freshness.verdict(need, now);
        if verdict != CacheState::Read {
            return verdict;
        }
        // This comes first, so that a request that is cut off counts as a try.
        freshness.tried_at = now;
        match tokio::time::timeout(PATIENCE, key_set(&source.secret)).await {
            Ok(Ok(set)) => {
                freshness.read_at = now;
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                tracing::info!(event = "key_set_read");
            }
            Ok(Err(error)) => tracing::error!(event = "key_set_kept", %error),
            Err(_) => {
                tracing::error!(event = "key_set_kept", error = "Secrets Manager does not answer in time")
            }
        }
        freshness.verdict(need, now)
    }

    fn in_memory(&self) -> Arc<KeySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn key_set(secret: &Secret) -> Result<KeySet, SecretError> {
    let json = secret.read().await?.ok_or(SecretError::Empty)?;
    Ok(KeySet::parse(&json)?)
}
