//! The DynamoDB behind a service: to count its requests, to disturb them, and to look into its tables.

mod engine;
mod permissions;
mod proxy;
mod row;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use local::{DynamoDb, Mail, Options};
use rand::RngExt;
use serde_json::{Map, Value, json};
use shared::Timestamp;

use crate::{TestClock, outside};
pub use engine::Engine;
pub use permissions::Permissions;
use proxy::Proxy;
pub use proxy::{Fault, Held, Schedule, Units};
pub use row::Row;

/// Name of the table of sessions.
pub const SESSIONS: &str = "RefreshTokensTable";
/// Name of the table of accounts.
pub const USERS: &str = "UsersTable";

/// Name of the table of codes.
pub const CODES: &str = "CodesTable";

/// Name of the table of passkeys.
pub const PASSKEYS: &str = "PasskeysTable";

/// Name of the table of attempts to sign in.
pub const ATTEMPTS: &str = "SignInAttemptsTable";

/// Tables, and a proxy in front of them, which services use as DynamoDB.
pub struct Database {
    proxy: Proxy,
    url: String,
    http: reqwest::Client,
    access_key: String,
    /// The server that has created the tables, and holds them unless they are external. It gets no requests.
    stack: Arc<local::Server>,
}

impl Database {
    /// Creates empty tables: embedded, or separate from all others in the DynamoDB that `RATCHET_DYNAMODB_URL` names.
    ///
    /// # Panics
    /// Panics if it does not start.
    pub async fn start(clock: &TestClock) -> Self {
        outside::open_many_files();
        let access_key = format!("T{:032X}", outside::rng().random::<u128>());
        let (stack, url, proxy);
        match outside::dynamodb_url() {
            None => {
                stack = start_stack(clock, embedded()).await;
                url = stack.dynamodb_url().to_owned();
                proxy = Proxy::start(url.clone(), access_key.clone());
            }
            Some(external) => {
                url = external;
                proxy = Proxy::start(url.clone(), access_key.clone());
                stack = start_stack(clock, DynamoDb::External(proxy.url())).await;
            }
        }
        let http = crate::client(&url);
        Self { proxy, url, http, access_key, stack: Arc::new(stack) }
    }

    /// Returns the same tables through another proxy.
    #[must_use]
    pub fn another_way_in(&self) -> Self {
        let Self { url, http, access_key, stack, .. } = self;
        Self {
            proxy: Proxy::start(url.clone(), access_key.clone()),
            url: url.clone(),
            http: http.clone(),
            access_key: access_key.clone(),
            stack: Arc::clone(stack),
        }
    }

    /// Returns the URL that a service uses as its DynamoDB.
    #[must_use]
    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// Returns a URL where nothing is counted or disturbed, for tests that send very many requests. An external DynamoDB
    /// is still called through the proxy, which keeps tests apart there.
    #[must_use]
    pub fn direct_url(&self) -> String {
        if outside::dynamodb_url().is_none() { self.url.clone() } else { self.proxy.url() }
    }

    /// Returns the operations that services have called since the last call of this.
    #[must_use]
    pub fn take_requests(&self) -> Vec<String> {
        self.proxy.take_requests()
    }

    /// From now on refuses what the template does not let a function do. Requests of others are not checked.
    pub fn enforce(&self, permissions: &'static Permissions) {
        self.proxy.enforce(permissions);
    }

    /// Forgets the operations so far.
    pub fn forget_requests(&self) {
        drop(self.proxy.take_requests());
    }

    /// From now on lets DynamoDB report the consumption of each request.
    pub fn begin_metering(&self) {
        self.proxy.begin_metering(self.engine() == Engine::Embedded);
    }

    /// Returns the consumption of services since the last call of this, or since metering began.
    #[must_use]
    pub fn take_units(&self) -> Units {
        self.proxy.take_units()
    }

    /// Disturbs the next request for this operation.
    pub fn disturb_next(&self, operation: &str, fault: Fault) {
        self.proxy.disturb(operation, fault, 1);
    }

    /// Disturbs every request for this operation, until [`Database::heal`].
    pub fn disturb_all(&self, operation: &str, fault: Fault) {
        self.proxy.disturb(operation, fault, usize::MAX);
    }

    /// Disturbs requests as the schedule has it, until [`Database::heal`].
    pub fn follow(&self, schedule: Schedule) {
        self.proxy.follow(schedule);
    }

    /// Returns the number of requests, and the number of each kind of fault.
    #[must_use]
    pub fn met(&self) -> (u64, BTreeMap<String, u64>) {
        self.proxy.met()
    }

    /// Forwards delayed requests.
    pub async fn deliver_all(&self) {
        self.proxy.deliver_all().await;
    }

    /// Shuts DynamoDB down: closes all connections, and refuses new ones. This is complete when it returns.
    pub async fn go_down(&self) {
        self.proxy.shut().await;
    }

    /// Makes DynamoDB available again.
    pub async fn come_back(&self) {
        self.proxy.reopen().await;
    }

    /// Breaks the rule: from now on every conditional write is applied to every existing row.
    pub fn drop_conditions(&self) {
        self.proxy.drop_conditions();
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

    /// Returns the engine of the tables.
    #[must_use]
    pub fn engine(&self) -> Engine {
        if outside::dynamodb_url().is_some() { Engine::DynamoDbLocal } else { Engine::Embedded }
    }

    /// Returns the access key that signs requests.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Asks DynamoDB itself, past the proxy, in its own JSON.
    ///
    /// # Panics
    /// Panics if it refuses.
    pub async fn call(&self, operation: &str, request: &Value) -> Value {
        let (status, answer) = self.ask_as(&self.access_key, operation, &request.to_string()).await;
        assert_eq!(status, 200, "{operation} {request}: {answer}");
        answer
    }

    /// Sends any body with any access key, and returns the status and JSON of any answer.
    ///
    /// # Panics
    /// Panics if there is no answer.
    pub async fn ask_as(&self, access_key: &str, operation: &str, body: &str) -> (u16, Value) {
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
            .body(body.to_owned());
        let answer = sent.send().await.expect("DynamoDB answers");
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a body"));
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    /// Deletes the rows that are past their time to live: the embedded engine does it by the world's clock, and
    /// what DynamoDB Local would do by the real time is done for it.
    ///
    /// # Panics
    /// If it fails.
    pub async fn sweep(&self, now: Timestamp) {
        match self.engine() {
            Engine::Embedded => drop(self.stack.sweep_expired_rows().expect("a sweep")),
            Engine::DynamoDbLocal => self.delete_expired(now).await,
        }
    }

    async fn delete_expired(&self, now: Timestamp) {
        let tables = [
            (SESSIONS, &["user_id", "session_id"][..]),
            (ATTEMPTS, &["lane"]),
            (CODES, &["code_id"]),
            (USERS, &["email"]),
        ];
        // Accounts have no end.
        let is_over = |row: &Row| !row.0["expires_at"].is_null() && row.number("expires_at") < now.seconds();
        for (table, keys) in tables {
            for row in self.rows(table).await.into_iter().filter(is_over) {
                let key: Map<_, _> =
                    keys.iter().map(|key| ((*key).to_owned(), row.0[*key].clone())).collect();
                self.call("DeleteItem", &json!({ "TableName": table, "Key": key })).await;
            }
        }
    }

    /// Returns the rows that count attempts to prove a password: the table counts mails too.
    pub async fn attempts(&self) -> Vec<Row> {
        let mut rows = self.rows(ATTEMPTS).await;
        rows.retain(|row| !row.0["failures"].is_null());
        rows
    }

    /// Returns the units of an operation, read and written, that AWS documents and this engine does not report: DynamoDB
    /// Local counts nothing for a query that finds nothing, nor for what a transaction writes to an index.
    #[must_use]
    pub fn unreported(&self, operation: &str) -> (u32, u32) {
        match (self.engine(), operation) {
            (Engine::DynamoDbLocal, "register" | "registration, confirmation") => (0, 1),
            (Engine::DynamoDbLocal, "reset") => (1, 0),
            (Engine::DynamoDbLocal, "address, confirmation") => (0, 2),
            (Engine::DynamoDbLocal, "address, undo" | "address, undo of two changes") => (1, 2),
            (Engine::DynamoDbLocal, "account, deletion") => (1, 1),
            (Engine::DynamoDbLocal | Engine::Embedded, _) => (0, 0),
        }
    }

    /// Returns all rows of a table.
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

    /// Returns the row of a session, if there is one.
    pub async fn session(&self, session_id: &str) -> Option<Row> {
        self.rows(SESSIONS).await.into_iter().find(|row| row.text("session_id") == session_id)
    }

    /// Returns the row of an account, if there is one.
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
    /// Panics if DynamoDB leaves some of them.
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
    // The services in front of it mail what is asked for.
    let started = local::start(Options { dynamodb, sweeps: false, mail: Mail::Off, ..options }).await;
    started.unwrap_or_else(|error| panic!("DynamoDB: {error}"))
}
