//! The clients.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
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

/// The account, Region and role of the function, without an HTTP client: each client makes its own when it is first used.
///
/// Read from the variables that Lambda sets, and from nowhere else: the search for credentials of `aws-config`, in files and
/// on the network, can find nothing else in Lambda, and would take its part of every package and cold start. Its other variables,
/// such as `AWS_MAX_ATTEMPTS`, do nothing here.
///
/// # Errors
/// [`ConfigError`] names the variable.
pub fn config(lookup: Lookup<'_>) -> Result<SdkConfig, ConfigError> {
    let account = config::account(lookup)?;
    let role = Credentials::new(
        account.access_key_id,
        account.secret_access_key,
        account.session_token,
        None,
        "Lambda",
    );
    let mut builder = builder(account.region, role).service_config(Endpoints::from_settings(lookup));
    // A false would override what an endpoint says of itself.
    builder.set_use_fips(account.uses_fips.then_some(true));
    builder.set_use_dual_stack(account.uses_dual_stack.then_some(true));
    Ok(builder.build())
}

/// A local engine at `endpoint`, which asks for credentials and accepts any. No proxy of the environment stands between: it
/// would not reach the engine, or would see addresses and password hashes.
#[must_use]
pub fn config_for(endpoint: &str) -> SdkConfig {
    let anyone = Credentials::new("local", "local", None, None, "local");
    let mut builder = builder("local".to_owned(), anyone).endpoint_url(endpoint);
    builder.set_http_client(direct(endpoint));
    builder.build()
}

/// A client that uses no proxy, for an endpoint without TLS.
fn direct(endpoint: &str) -> Option<SharedHttpClient> {
    endpoint.starts_with("http://").then(|| aws_smithy_http_client::Builder::new().build_http())
}

/// Whether the endpoint is on this machine.
fn is_loopback(endpoint: &str) -> bool {
    let url: Option<http::Uri> = endpoint.parse().ok();
    url.as_ref().and_then(http::Uri::host).is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        host == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

fn builder(region: String, credentials: Credentials) -> Builder {
    SdkConfig::builder()
        .behavior_version(behavior())
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

/// The services that may be at another endpoint, by their names in AWS's models. DynamoDB has a setting of its own.
const SERVICES: [&str; 3] = ["Secrets Manager", "SESv2", "Lambda"];

/// Other endpoints of services, for clients that ask the configuration for one.
#[derive(Debug)]
struct Endpoints(HashMap<&'static str, String>);

impl Endpoints {
    fn from_settings(lookup: Lookup<'_>) -> Self {
        let named = |service| Some((service, config::endpoint(lookup, service)?));
        Self(SERVICES.into_iter().filter_map(named).collect())
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(key.service_id()).filter(|_| key.env() == "AWS_ENDPOINT_URL").cloned()
    }
}

/// The client of DynamoDB: of AWS's own, or of the one that `DYNAMODB_ENDPOINT` names.
///
/// # Errors
/// [`ConfigError`] names the variable.
pub fn client(config: &SdkConfig, lookup: Lookup<'_>) -> Result<Client, ConfigError> {
    let mut own = aws_sdk_dynamodb::config::Builder::from(config);
    if let Some(endpoint) = config::dynamodb_endpoint(lookup)? {
        if is_loopback(&endpoint) {
            own.set_http_client(direct(&endpoint));
        }
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

/// The tables that functions read single rows of, by the setting that names them, and their keys.
const READABLE: [(&str, &[&str]); 2] =
    [("USERS_TABLE", &["email"]), ("REFRESH_TOKENS_TABLE", &["user_id", "session_id"])];

/// Returns a table that a function with these settings may read a row of, and the names of its key.
#[must_use]
pub fn readable_table(lookup: Lookup<'_>) -> Option<(String, &'static [&'static str])> {
    READABLE.into_iter().find_map(|(setting, key)| Some((config::table(lookup, setting).ok()?, key)))
}

/// Opens the connection during init, where Lambda gives a whole CPU, by reading a row that can't exist. It does nothing for a
/// function without a table of [`readable_table`].
///
/// Errors are ignored: if DynamoDB can't be reached, the first request finds out and answers 503.
pub async fn open_connection(client: &Client, lookup: Lookup<'_>) {
    let Some((table, key)) = readable_table(lookup) else { return };
    let mut read = client.get_item().table_name(table);
    for name in key {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_this_machine_is_told_from_what_is_not() {
        for here in
            ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "https://127.9.9.9"]
        {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in [
            "http://172.17.0.1:8000",
            "https://dynamodb.eu-west-1.amazonaws.com",
            "http://localhost.example",
            "",
        ] {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
