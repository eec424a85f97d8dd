//! A DynamoDB of the bench's own: the embedded engine in memory, with a TLS entrance in front of it as DynamoDB has one,
//! on threads of their own, so that its work does not delay the Runtime API.

mod authority;
mod entrance;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use dynoxide::{Database, ImportOptions, Item};
use local::Options;
use serde_json::{Value, json};
use shared::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::Failure;
use authority::Authority;

/// The tables of the template, until this is dropped.
pub(crate) struct DynamoDb {
    database: Database,
    address: SocketAddr,
    authority: Authority,
    threads: Threads,
}

/// A runtime of its own. Its tasks end with it.
struct Threads(Option<Runtime>);

impl DynamoDb {
    /// Empty tables.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let threads = Threads::start()?;
        let database = Database::memory().map_err(|error| error.to_string())?;
        let served = database.clone();
        let address = threads.listen(|listener| async move {
            let _ends_with_the_threads = dynoxide::server::serve_on(listener, served).await;
        });
        let this = Self { database, address: address?, authority: Authority::new()?, threads };
        this.create_tables().await?;
        Ok(this)
    }

    /// Where it answers without TLS.
    pub(crate) fn plain_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it answers over TLS, from now on.
    pub(crate) fn tls_url(&self) -> Result<String, Failure> {
        self.tls_in_front_of(self.address)
    }

    /// Has `routes` answer over TLS too, with a certificate of the same authority.
    pub(crate) fn serve_beside(&self, routes: axum::Router) -> Result<String, Failure> {
        let address = self.threads.listen(|listener| async move {
            let _ends_with_the_threads = axum::serve(listener, routes).await;
        });
        self.tls_in_front_of(address?)
    }

    /// Certificates to trust for a program that takes a file in place of the system's: the system's, and the one of the
    /// entrance.
    pub(crate) fn bundle(&self) -> &Path {
        self.authority.bundle()
    }

    /// The certificate of the entrance alone, for a program that has its own ones built in and takes a file beside them.
    pub(crate) fn certificate(&self) -> &Path {
        self.authority.certificate()
    }

    /// Writes rows, past any port: how they get in is not measured.
    pub(crate) fn put(&self, table: &str, rows: Vec<Item>) -> Result<(), Failure> {
        let imported = self.database.import_items(table, rows, ImportOptions::default());
        imported.map(drop).map_err(|error| Failure::from(error.to_string()))
    }

    /// Creates a table of text keys that the template does not have.
    pub(crate) fn create_table(
        &self,
        name: &str,
        partition_key: &str,
        sort_key: &str,
    ) -> Result<(), Failure> {
        let attribute = |name| json!({ "AttributeName": name, "AttributeType": "S" });
        let request: Value = json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [attribute(partition_key), attribute(sort_key)],
            "KeySchema": [
                { "AttributeName": partition_key, "KeyType": "HASH" },
                { "AttributeName": sort_key, "KeyType": "RANGE" },
            ],
        });
        let request = serde_json::from_value(request).map_err(|error| error.to_string())?;
        let created = self.database.create_table(request);
        created.map(drop).map_err(|error| Failure::from(error.to_string()))
    }

    /// The local server creates the tables that are missing in the DynamoDB that it is given, and is not needed after.
    async fn create_tables(&self) -> Result<(), Failure> {
        let clock = Arc::new(|| Timestamp::from(SystemTime::now()));
        let options = Options::in_memory(clock, Arc::new(rand::make_rng));
        let dynamodb = local::DynamoDb::External(self.plain_url());
        let server =
            local::start(Options { dynamodb, ..options }).await.map_err(|error| error.to_string())?;
        server.shutdown().await;
        Ok(())
    }

    fn tls_in_front_of(&self, plain: SocketAddr) -> Result<String, Failure> {
        let acceptor = self.authority.acceptor()?;
        let address = self.threads.listen(move |listener| entrance::serve(listener, acceptor, plain))?;
        Ok(format!("https://{address}"))
    }
}

impl Threads {
    fn start() -> Result<Self, Failure> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Ok(Self(Some(builder.worker_threads(2).enable_all().build()?)))
    }

    /// Serves a free port.
    fn listen<F>(&self, serve: impl FnOnce(TcpListener) -> F) -> Result<SocketAddr, Failure>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = self.0.as_ref().ok_or("the threads have ended")?;
        // A socket belongs to the runtime that it was made in.
        let _entered = runtime.enter();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        runtime.spawn(serve(TcpListener::from_std(listener)?));
        Ok(address)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A runtime can't wait for its threads inside of another.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
