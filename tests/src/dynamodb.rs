//! The DynamoDB behind a service: to count its requests, to disturb them, and to look into its tables.

mod proxy;

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use local::{DynamoDb, Options};
use rand::RngExt;
use serde_json::{Value, json};

use crate::{TestClock, outside};
use proxy::Proxy;
pub use proxy::{Fault, Held};

/// Name of the table of sessions.
pub const SESSIONS: &str = "RefreshTokensTable";
/// Name of the table of accounts.
pub const USERS: &str = "UsersTable";

/// Tables, and a proxy in front of them that services are given for DynamoDB.
pub struct Database {
    proxy: Proxy,
    url: String,
    http: reqwest::Client,
    access_key: String,
    /// What has created the tables, and holds them unless they are elsewhere. Nobody sends it requests.
    stack: local::Server,
}

/// A row of a table, as DynamoDB's JSON has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(pub Value);

impl Database {
    /// Empty tables: embedded, or apart from all others in the DynamoDB that `RATCHET_DYNAMODB_URL` names.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(clock: &TestClock) -> Self {
        let access_key = format!("T{:032X}", outside::rng().random::<u128>());
        let (stack, url, proxy);
        match outside::dynamodb_url() {
            None => {
                stack = start_stack(clock, embedded()).await;
                url = stack.dynamodb_url().to_owned();
                proxy = Proxy::start(url.clone(), access_key.clone()).await;
            }
            Some(external) => {
                url = external;
                proxy = Proxy::start(url.clone(), access_key.clone()).await;
                stack = start_stack(clock, DynamoDb::External(proxy.url())).await;
            }
        }
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        Self { proxy, url, http, access_key, stack }
    }

    /// What a service is given as its DynamoDB.
    #[must_use]
    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// The operations that services have asked for since this was last called.
    #[must_use]
    pub fn take_requests(&self) -> Vec<String> {
        self.proxy.take_requests()
    }

    /// Forgets the operations so far.
    pub fn forget_requests(&self) {
        drop(self.proxy.take_requests());
    }

    /// Disturbs the next request for this operation.
    pub fn disturb_next(&self, operation: &str, fault: Fault) {
        self.proxy.disturb(operation, fault, 1);
    }

    /// Disturbs every request for this operation, until [`Database::heal`].
    pub fn disturb_all(&self, operation: &str, fault: Fault) {
        self.proxy.disturb(operation, fault, usize::MAX);
    }

    /// Disturbs nothing any more.
    pub fn heal(&self) {
        self.proxy.heal();
    }

    /// Holds the next request for this operation back.
    #[must_use]
    pub fn hold_next(&self, operation: &str) -> Held {
        self.proxy.hold_next(operation)
    }

    /// Asks DynamoDB itself, past the proxy, in its own JSON.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn call(&self, operation: &str, request: &Value) -> Value {
        let Self { access_key, .. } = self;
        // Neither the embedded engine nor DynamoDB Local verifies a signature; both want one.
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20500101/local/dynamodb/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-target, Signature={:064}",
            0
        );
        let sent = self
            .http
            .post(&self.url)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20500101T000000Z")
            .header("authorization", authorization)
            .body(request.to_string());
        let answer = sent.send().await.expect("DynamoDB answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{operation} {request}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Deletes what is past its time to live, and says whether it could: a DynamoDB that is not ours does that in its
    /// own time.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    pub fn sweep(&self) -> bool {
        self.stack.sweep_expired_rows().expect("a sweep");
        outside::dynamodb_url().is_none()
    }

    /// All rows of a table.
    pub async fn rows(&self, table: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut request = json!({ "TableName": table, "ConsistentRead": true });
        loop {
            let answer = self.call("Scan", &request).await;
            rows.extend(answer["Items"].as_array().into_iter().flatten().cloned().map(Row));
            if answer["LastEvaluatedKey"].is_null() {
                return rows;
            }
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
        }
    }

    /// The row of a session, if there is one.
    pub async fn session(&self, session_id: &str) -> Option<Row> {
        self.rows(SESSIONS).await.into_iter().find(|row| row.text("session_id") == session_id)
    }

    /// The row of an account, if there is one.
    pub async fn user(&self, email: &str) -> Option<Row> {
        self.rows(USERS).await.into_iter().find(|row| row.text("email") == email)
    }

    /// Writes a row as it is.
    pub async fn put(&self, table: &str, row: &Row) {
        self.call("PutItem", &json!({ "TableName": table, "Item": row.0 })).await;
    }

    /// Writes many rows.
    ///
    /// # Panics
    /// If DynamoDB does not get to all of them.
    pub async fn put_all(&self, table: &str, rows: &[Row]) {
        for batch in rows.chunks(BATCH) {
            let puts: Vec<_> = batch.iter().map(|row| json!({ "PutRequest": { "Item": row.0 } })).collect();
            let answer = self.call("BatchWriteItem", &json!({ "RequestItems": { table: puts } })).await;
            assert_eq!(answer["UnprocessedItems"], json!({}));
        }
    }
}

/// As many rows as DynamoDB takes at once.
const BATCH: usize = 25;

fn embedded() -> DynamoDb {
    DynamoDb::Embedded { bind: Ipv4Addr::LOCALHOST.into(), port: 0 }
}

async fn start_stack(clock: &TestClock, dynamodb: DynamoDb) -> local::Server {
    let read = clock.clone();
    let options = Options::in_memory(Arc::new(move || read.now()), Arc::new(outside::rng));
    let started = local::start(Options { dynamodb, ..options }).await;
    started.unwrap_or_else(|error| panic!("DynamoDB: {error}"))
}

impl Row {
    /// A number.
    ///
    /// # Panics
    /// If the attribute is none.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        let text = self.0[name]["N"].as_str();
        text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number {name} in {self:?}"))
    }

    /// A text.
    ///
    /// # Panics
    /// If the attribute is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.0[name]["S"].as_str().unwrap_or_else(|| panic!("no text {name} in {self:?}")).to_owned()
    }

    /// The same row with another number.
    #[must_use]
    pub fn with_number(mut self, name: &str, value: i64) -> Self {
        self.0[name] = json!({ "N": value.to_string() });
        self
    }

    /// The same row with another text.
    #[must_use]
    pub fn with_text(mut self, name: &str, value: &str) -> Self {
        self.0[name] = json!({ "S": value });
        self
    }

    /// The same row with other bytes.
    #[must_use]
    pub fn with_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.0[name] = json!({ "B": STANDARD.encode(value) });
        self
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
