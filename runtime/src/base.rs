//! What functions have in common that ask for passwords and begin sessions.

use aws::account_tables::{AccountTables, Credentials};
use aws::secret::KeyCache;
use aws::{Backend, ServiceError};
use rand::CryptoRng;
use shared::api::Responder;
use shared::attempts::Limits;
use shared::config::{self, ConfigError, Lookup};
use shared::flow::proof::{Proof, ProofError, Proven};
use shared::issue::SessionOpener;
use shared::metrics::{Metrics, Report};
use shared::password::Hasher;

/// What such a function keeps between requests.
pub struct Base {
    /// The tables.
    pub tables: AccountTables,
    /// The keys.
    pub keys: KeyCache,
    /// How many attempts are free, and how long others wait.
    pub attempt_limits: Limits,
    /// Begins sessions.
    pub opener: SessionOpener,
    /// How many sessions a user may have.
    pub sessions_per_user: usize,
    /// Hashes passwords, and counts how often.
    pub hasher: Hasher,
    /// Makes answers.
    pub responder: Responder,
    /// Counts outcomes.
    pub metrics: Metrics,
}

impl Base {
    /// Reads the settings.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Self::with(AccountTables::from_settings(lookup, backend.dynamodb.clone())?, lookup, backend)
    }

    /// The same, of a function that has the table of passkeys too.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn with_passkeys(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Self::with(AccountTables::with_passkeys(lookup, backend.dynamodb.clone())?, lookup, backend)
    }

    fn with(tables: AccountTables, lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        Ok(Self {
            tables,
            keys: backend.keys(lookup)?,
            attempt_limits: config::sign_in_limits(lookup)?,
            opener: config::session_opener(lookup)?,
            sessions_per_user: config::sessions_per_user(lookup)?,
            hasher: config::hasher(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }

    /// Drives a proof to its end: [`AccountTables::prove`] with the hasher of the function.
    ///
    /// # Errors
    /// [`ServiceError`] if DynamoDB does not answer or the password cannot be hashed. The attempt may be counted.
    pub async fn prove(
        &self,
        proof: &Proof,
        credentials: Credentials<'_>,
        rng: &mut impl CryptoRng,
        report: &mut Report<'_>,
    ) -> Result<Result<Proven, ProofError>, ServiceError> {
        self.tables.prove(proof, credentials, &self.hasher, rng, report).await
    }
}
