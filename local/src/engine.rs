//! The embedded DynamoDB: an engine over SQLite, served on a port of its own.
//!
//! SQLite's write-ahead log is written before a request is answered, so acknowledged writes survive the death
//! of the process, SIGKILL included.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::storage_backend::Clock as EngineClock;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::data_directory::DataDirectory;
use crate::error::StartError;
use crate::options::{Clock, Options};
use crate::private_file;
use crate::service::Service;

/// The interval at which expired rows are deleted. DynamoDB takes days; nothing may depend on it.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The running engine.
pub(crate) struct Engine {
    database: Database,
    service: Service,
    /// Ends with the engine.
    _sweeper: JoinSet<()>,
}

impl Engine {
    /// Opens the database in the directory, or in memory without a directory, and serves it.
    pub(crate) fn start(
        listener: TcpListener,
        directory: Option<&DataDirectory>,
        options: &Options,
    ) -> Result<Self, StartError> {
        let database = match directory {
            Some(directory) => open(directory)?,
            None => {
                let clock = Arc::new(OurClock(Arc::clone(&options.clock)));
                Database::memory_with_clock(clock).map_err(|error| failed("in memory", error))?
            }
        };
        let served = database.clone();
        let service = Service::start(|stopped| async move {
            if let Err(message) = dynoxide::server::serve_with_shutdown(listener, served, stopped).await {
                tracing::error!(message, "the embedded DynamoDB has failed");
            }
        });
        let mut sweeper = JoinSet::new();
        if options.sweeps {
            sweeper.spawn(sweep_forever(database.clone()));
        }
        Ok(Self { database, service, _sweeper: sweeper })
    }

    /// Deletes expired rows. In memory the clock of the options applies, in a directory
    /// the system's, because the engine allows no other there.
    pub(crate) fn sweep(&self) -> Result<usize, String> {
        self.database.sweep_ttl().map_err(|error| error.to_string())
    }

    /// Stops the engine and closes the database.
    pub(crate) async fn stop(self) {
        self.service.stop().await;
    }
}

fn open(directory: &DataDirectory) -> Result<Database, StartError> {
    let path = directory.database();
    private_file::touch(&path).map_err(|error| StartError::File { path: path.clone(), error })?;
    let text = path.to_str().ok_or_else(|| failed(&path.display().to_string(), "the path is not UTF-8"))?;
    Database::new(text).map_err(|error| failed(text, error))
}

fn failed(place: &str, message: impl ToString) -> StartError {
    StartError::Engine { place: place.to_owned(), message: message.to_string() }
}

async fn sweep_forever(database: Database) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        match swept {
            Ok(Ok(0)) => {}
            Ok(Ok(rows)) => tracing::debug!(rows, "expired rows deleted"),
            Ok(Err(error)) => tracing::warn!(%error, "expired rows could not be deleted"),
            Err(_) => return,
        }
    }
}

/// The clock of the options, in the engine's form.
struct OurClock(Clock);

impl EngineClock for OurClock {
    fn now_unix_secs(&self) -> u64 {
        (self.0)().seconds().try_into().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to the year 287396")]
    fn now_unix_secs_f64(&self) -> f64 {
        (self.0)().millis() as f64 / 1000.0
    }
}
