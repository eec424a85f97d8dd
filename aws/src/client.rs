//! The DynamoDB client.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;

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

/// The client for the account, Region and role that the environment names.
pub async fn client() -> Client {
    Client::new(&aws_config::defaults(behavior()).timeout_config(timeouts()).load().await)
}

/// The client for a local DynamoDB at `endpoint`, which asks for credentials and accepts any.
#[must_use]
pub fn client_for(endpoint: &str) -> Client {
    let anyone = Credentials::new("local", "local", None, None, "local");
    let config = SdkConfig::builder()
        .behavior_version(behavior())
        .timeout_config(timeouts())
        .region(Region::new("local"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(anyone))
        .retry_config(aws_config::retry::RetryConfig::standard())
        .build();
    Client::new(&config)
}

/// Opens the connection during init, where Lambda gives a whole CPU: a read of a row that can't exist.
///
/// Its outcome is nobody's concern: if DynamoDB can't be reached, the first request finds out and answers 503.
pub async fn open_connection(client: &Client, table: &str, key_names: &[&str]) {
    let mut read = client.get_item().table_name(table);
    for name in key_names {
        read = read.key(*name, AttributeValue::S("-".to_owned()));
    }
    if let Err(error) = read.send().await {
        tracing::warn!(error = %crate::TableError::from(error), "DynamoDB does not answer yet");
    }
}
