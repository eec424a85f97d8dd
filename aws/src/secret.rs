//! The secret in Secrets Manager that contains the key set.
//!
//! [`Secret`] reads and writes it. [`KeyCache`] is the key set in memory, which functions check before each request.

mod freshness;
mod keys;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use aws_types::SdkConfig;
use shared::key_set::KeySetError;

use crate::error::messages;
pub use keys::{KeyCache, KeyCacheError, KeyLookupError};

/// One secret.
#[derive(Clone, Debug)]
pub struct Secret {
    client: Client,
    id: String,
}

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretWrite {
    /// The text is the current version now.
    Stored,
    /// The token belongs to a version with another text: another invocation has served the same request.
    OtherWithThisToken,
}

/// The secret could not be read or written. The text is for the log; messages of Secrets Manager name the secret and
/// never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No answer, or an error.
    #[error("Secrets Manager: {0}")]
    Request(String),
    /// It has no value yet, or is not text.
    #[error("the secret holds no key set yet")]
    Empty,
    /// It is not a valid key set.
    #[error("the secret {0}")]
    Content(#[from] KeySetError),
}

impl Secret {
    /// Returns the secret with this id: its name or its ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, id: String) -> Self {
        Self { client: Client::new(config), id }
    }

    /// Returns the current text, or `None` if there has never been one.
    ///
    /// # Errors
    /// Returns [`SecretError::Request`] if Secrets Manager does not answer, or refuses.
    pub async fn read(&self) -> Result<Option<String>, SecretError> {
        match self.client.get_secret_value().secret_id(&self.id).send().await {
            Ok(value) => Ok(value.secret_string),
            // The answer for a secret without a value and for a missing secret is the same; a write distinguishes them.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes `text` the current version. A repeat with the same token and text has no effect.
    ///
    /// # Errors
    /// Returns [`SecretError::Request`] if Secrets Manager does not answer, or refuses.
    pub async fn write(&self, text: &str, token: &str) -> Result<SecretWrite, SecretError> {
        let put = self.client.put_secret_value().secret_id(&self.id);
        match put.client_request_token(token).secret_string(text).send().await {
            Ok(_) => Ok(SecretWrite::Stored),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutSecretValueError::is_resource_exists_exception) =>
            {
                Ok(SecretWrite::OtherWithThisToken)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl<E, R> From<SdkError<E, R>> for SecretError
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Request(messages(&error))
    }
}
