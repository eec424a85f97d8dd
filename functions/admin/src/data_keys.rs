//! The data keys of imports and exports: what encrypts the secrets of authenticator apps.

use std::sync::Arc;

use shared::data_key::{DataKeyError, DataKeys};
use shared::key_set::KeySet;

use crate::Asked;

/// The data keys of a command. Without a key set there are none.
pub(crate) struct CommandKeys {
    set: Option<Arc<KeySet>>,
    none: DataKeys,
}

impl CommandKeys {
    pub(crate) fn data(&self) -> &DataKeys {
        self.set.as_ref().map_or(&self.none, |set| &set.data)
    }

    /// Says why nothing is encrypted.
    pub(crate) fn why(&self, error: DataKeyError) -> String {
        match self.set {
            Some(_) => error.to_string(),
            None => "there is no key set".to_owned(),
        }
    }
}

impl Asked<'_, '_> {
    pub(crate) async fn keys(&self) -> CommandKeys {
        let set = match &self.app.keys {
            Some(keys) => Some(keys.current(self.now).await),
            None => None,
        };
        CommandKeys { set, none: DataKeys::default() }
    }
}
