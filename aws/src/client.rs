//! AWS clients.

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

/// Pinned, so that an update of the SDK cannot change retries or timeouts unnoticed.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// By itself the SDK sets only a connect timeout. The total stays below the functions' own timeout of 10 s, so that we answer 503
/// if DynamoDB is unreachable.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(7))
        .build()
}

/// Returns the account, Region and role of the function, without an HTTP client: each client makes its own at its first use.
///
/// It reads only the variables that Lambda sets. `aws-config`'s search for credentials in files and
/// on the network finds nothing else in Lambda, and would enlarge every package and cold start. Its other variables,
/// such as `AWS_MAX_ATTEMPTS`, have no effect here.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
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
    // A false would override the endpoint's own declaration.
    builder.set_use_fips(account.uses_fips.then_some(true));
    builder.set_use_dual_stack(account.uses_dual_stack.then_some(true));
    Ok(builder.build())
}

/// Returns the configuration for a local engine at `endpoint`, which requires credentials and accepts any. Proxies of
/// the environment are not used: they would not reach the engine, or would see addresses and password hashes.
#[must_use]
pub fn config_for(endpoint: &str) -> SdkConfig {
    let anyone = Credentials::new("local", "local", None, None, "local");
    let mut builder = builder("local".to_owned(), anyone).endpoint_url(endpoint);
    builder.set_http_client(direct(endpoint));
    builder.build()
}

/// Returns a client that uses no proxy, for an endpoint without TLS.
fn direct(endpoint: &str) -> Option<SharedHttpClient> {
    endpoint.starts_with("http://").then(|| aws_smithy_http_client::Builder::new().build_http())
}

/// Returns whether the endpoint is on this machine.
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

/// The services that may have another endpoint, by their names in AWS's models. DynamoDB has a setting of its own.
const SERVICES: [&str; 3] = ["Secrets Manager", "SESv2", "Lambda"];

/// Configured endpoints of services, for clients that ask the configuration for one.
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

/// Returns the client of DynamoDB: that of AWS, or the one that `DYNAMODB_ENDPOINT` names.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
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

/// Returns the client for a local DynamoDB at `endpoint`.
#[must_use]
pub fn client_for(endpoint: &str) -> Client {
    Client::new(&config_for(endpoint))
}

/// How long a start waits for the connection. The rest of the functions' timeout is enough for a request to find out
/// that DynamoDB does not answer, even if the start counts as part of the first request.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tables of which functions read single rows, by the setting that names them, with their keys.
const READABLE: [(&str, &[&str]); 2] =
    [("USERS_TABLE", &["email"]), ("REFRESH_TOKENS_TABLE", &["user_id", "session_id"])];

/// Returns a table of which a function with these settings may read a row, and the names of its key.
#[must_use]
pub fn readable_table(lookup: Lookup<'_>) -> Option<(String, &'static [&'static str])> {
    READABLE.into_iter().find_map(|(setting, key)| Some((config::table(lookup, setting).ok()?, key)))
}

/// Opens the connection during init, when Lambda gives a whole CPU, by reading a row that cannot exist. Does nothing for a
/// function without a table of [`readable_table`].
///
/// Errors are ignored: if DynamoDB is unreachable, the first request finds out and answers 503.
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
