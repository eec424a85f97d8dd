//! The connections and keys of a function with tables.

use aws_sdk_dynamodb::Client;
use shared::Timestamp;
use shared::config::{self, ConfigError, Lookup};
use shared::log;

use crate::secret::{KeyCache, KeyCacheError};
use crate::{client, config};

/// The client of DynamoDB, and the keys if they come from a secret.
#[derive(Debug)]
pub struct Backend {
    /// The client.
    pub dynamodb: Client,
    keys: Option<KeyCache>,
}

impl Backend {
    /// Returns the backend of a function on Lambda, with the key set if its settings name one. Logs a failure.
    /// it fails.
    ///
    /// # Errors
    /// Returns [`KeyCacheError`], which ends the cold start.
    pub async fn open(lookup: Lookup<'_>, now: Timestamp) -> Result<Self, KeyCacheError> {
        let config = config(lookup).inspect_err(log::bad_setting)?;
        let dynamodb = client(&config, lookup).inspect_err(log::bad_setting)?;
        let keys = match config::names_key_set(lookup) {
            true => Some(KeyCache::from_settings(lookup, &config, now).await?),
            false => None,
        };
        Ok(Self { dynamodb, keys })
    }

    /// Returns a backend with these keys.
    #[must_use]
    pub fn with_keys(dynamodb: Client, keys: KeyCache) -> Self {
        Self { dynamodb, keys: Some(keys) }
    }

    /// Returns the keys, if there are any: see [`Backend::keys`].
    ///
    /// # Errors
    /// Returns [`ConfigError`] if the setting is invalid.
    pub fn optional_keys(self, lookup: Lookup<'_>) -> Result<Option<KeyCache>, ConfigError> {
        match self.keys {
            Some(keys) => Ok(Some(keys)),
            None => Ok(config::optional_key_set(lookup)?.map(KeyCache::inline)),
        }
    }

    /// Returns the keys of the secret, or else the set in the setting `KEY_SET`.
    ///
    /// # Errors
    /// Returns [`ConfigError`] if there is neither, or the setting is invalid.
    pub fn keys(self, lookup: Lookup<'_>) -> Result<KeyCache, ConfigError> {
        self.keys.map_or_else(|| config::key_set(lookup).map(KeyCache::inline), Ok)
    }
}

/// Returns a backend that takes keys, if the function needs them, from its settings.
impl From<Client> for Backend {
    fn from(dynamodb: Client) -> Self {
        Self { dynamodb, keys: None }
    }
}
