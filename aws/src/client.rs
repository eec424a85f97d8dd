//! The clients.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use shared::config::{self, ConfigError, Lookup};

/// Pinned, so that an update of the SDK can't change retries or timeouts unseen.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// The SDK itself sets a connect timeout alone. The whole stays below the functions' own timeout of 10 s, so that an
/// unreachable DynamoDB becomes a 503 that we write.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(7))
        .build()
}

/// The account, Region and role that the environment names. Clients made of one configuration share its HTTP client.
pub async fn config() -> SdkConfig {
    aws_config::defaults(behavior()).timeout_config(timeouts()).load().await
}

/// A local engine at `endpoint`, which asks for credentials and accepts any.
#[must_use]
pub fn config_for(endpoint: &str) -> SdkConfig {
    let anyone = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(behavior())
        .timeout_config(timeouts())
        .region(Region::new("local"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(anyone))
        .retry_config(aws_config::retry::RetryConfig::standard())
        .build()
}

/// The client of DynamoDB: of AWS's own, or of the one that `DYNAMODB_ENDPOINT` names.
///
/// Not `AWS_ENDPOINT_URL_DYNAMODB`, which the SDK reads itself: it takes an empty variable for an address.
///
/// # Errors
/// [`ConfigError`] names the variable.
pub fn client(config: &SdkConfig, lookup: Lookup<'_>) -> Result<Client, ConfigError> {
    let mut own = aws_sdk_dynamodb::config::Builder::from(config);
    if let Some(endpoint) = config::dynamodb_endpoint(lookup)? {
        own = own.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(own.build()))
}

/// The client for a local DynamoDB at `endpoint`.
#[must_use]
pub fn client_for(endpoint: &str) -> Client {
    Client::new(&config_for(endpoint))
}

/// How long a start waits for the connection. What remains of the functions' timeout is enough for a request to find out
/// that DynamoDB does not answer, also where a start counts as part of the first request.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens the connection during init, where Lambda gives a whole CPU: a read of a row that can't exist.
///
/// Its outcome is nobody's concern: if DynamoDB can't be reached, the first request finds out and answers 503.
pub async fn open_connection(client: &Client, table: &str, key_names: &[&str]) {
    let mut read = client.get_item().table_name(table);
    for name in key_names {
        read = read.key(*name, AttributeValue::S("-".to_owned()));
    }
    match tokio::time::timeout(PATIENCE, read.send()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = %crate::TableError::from(error), "DynamoDB does not answer yet");
        }
        Err(_) => tracing::warn!(error = "no answer in time", "DynamoDB does not answer yet"),
    }
}
