//! The import of accounts from another system.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use import::{Added, ImportedAccount, Reason};
use serde_json::{Map, Value, json};
use shared::account::{Account, Entry};
use shared::data_key::SealingNonce;
use shared::ids::UserId;

use crate::data_keys::CommandKeys;
use crate::{AdminError, Answer, Asked};

/// The number of accounts that are written concurrently.
const AT_ONCE: usize = 10;

/// After this time of hashing no further accounts are begun: the function must finish before its timeout at every cost of the
/// settings.
const HASHING: Duration = Duration::from_secs(20);

/// The result of a line.
enum Imported {
    /// The account was created.
    Created(UserId),
    /// The account exists already, as this import would create it.
    Same,
    /// Another account exists, or one of this import that has changed since. It stays unchanged.
    Exists,
    /// It cannot be imported.
    Refused(Vec<Reason>),
}

/// A line that can be written.
struct Prepared {
    line: ImportedAccount,
    account: Account,
}

impl Asked<'_, '_> {
    /// Creates accounts for lines, and returns the result of each. Lines without a result have not been begun.
    pub(crate) async fn import(&mut self, lines: &[Map<String, Value>]) -> Answer {
        let (mut outcomes, mut hashing) = (Vec::new(), Duration::ZERO);
        let keys = self.keys().await;
        let mut user_ids = HashSet::new();
        for lines in lines.chunks(AT_ONCE) {
            let mut prepared = Vec::new();
            for line in lines {
                let (line, took) = self.prepare(line, &keys, &mut user_ids)?;
                hashing += took;
                prepared.push(line);
            }
            let settled = join_all(prepared.iter().map(|line| self.settle(line, &keys))).await;
            for outcome in settled {
                outcomes.push(outcome?);
            }
            if hashing >= HASHING {
                break;
            }
        }
        let created = outcomes.iter().filter(|outcome| matches!(outcome, Imported::Created(_))).count();
        self.audit.created = Some(if self.dry_run { 0 } else { created });
        Ok(json!({ "lines": outcomes.iter().map(Imported::to_json).collect::<Vec<_>>() }))
    }

    /// Reads a line and hashes its password anew. `user_ids` are those of earlier lines: the index that finds an id lags behind,
    /// so it does not tell two lines of one event apart.
    fn prepare(
        &mut self,
        line: &Map<String, Value>,
        keys: &CommandKeys,
        user_ids: &mut HashSet<UserId>,
    ) -> Result<(Result<Prepared, Vec<Reason>>, Duration), AdminError> {
        let line = match import::account(0, line) {
            Ok(line) => line,
            Err(bad) => return Ok((Err(bad.reasons), Duration::ZERO)),
        };
        if let Err(reason) = line.check_time(self.now) {
            return Ok((Err(vec![reason]), Duration::ZERO));
        }
        if line.user_id.is_some_and(|user_id| !user_ids.insert(user_id)) {
            return Ok((Err(vec![Reason::user_id_twice()]), Duration::ZERO));
        }
        let Self { app, rng, stopwatch, dry_run, now, .. } = self;
        let password = line.password.as_ref().filter(|_| !*dry_run);
        let (hash, took) = stopwatch.time(|| password.map(|password| password.stored(&app.hasher, rng)));
        let (user_id, nonce) = (UserId::random(rng), SealingNonce::random(rng));
        let added = Added { user_id, password_hash: hash.transpose()?, keys: keys.data(), nonce, now: *now };
        let prepared = match line.account(added) {
            Ok(account) => Ok(Prepared { line, account }),
            Err(error) => Err(vec![Reason::totp_not_encrypted(keys.why(error))]),
        };
        Ok((prepared, took))
    }

    async fn settle(
        &self,
        line: &Result<Prepared, Vec<Reason>>,
        keys: &CommandKeys,
    ) -> Result<Imported, AdminError> {
        let Prepared { line, account } = match line {
            Ok(prepared) => prepared,
            Err(reasons) => return Ok(Imported::Refused(reasons.clone())),
        };
        let users = self.app.tables.tables().accounts().users();
        if let Some(user_id) = line.user_id
            && users.address_hint(user_id).await?.is_some_and(|email| email != line.email)
        {
            return Ok(Imported::Refused(vec![Reason::user_id_taken()]));
        }
        if !self.dry_run && users.create(account, self.now).await? {
            tracing::info!(event = "user_created", route = "admin", outcome = "imported", user_id = %account.user_id);
            return Ok(Imported::Created(account.user_id));
        }
        match users.entry(&account.email).await? {
            Some(Entry::Account(found)) => self.compared((line, account), &found, keys),
            Some(Entry::Tombstone(tombstone)) if !tombstone.is_over(self.now) => Ok(Imported::Exists),
            Some(Entry::Tombstone(_)) | None if self.dry_run => Ok(Imported::Created(account.user_id)),
            // It existed a moment ago.
            Some(Entry::Tombstone(_)) | None => Ok(Imported::Exists),
        }
    }

    fn compared(
        &self,
        (line, written): (&ImportedAccount, &Account),
        found: &Account,
        keys: &CommandKeys,
    ) -> Result<Imported, AdminError> {
        // The SDK has repeated the request, because the first answer was lost.
        if found == written && !self.dry_run {
            return Ok(Imported::Created(found.user_id));
        }
        let is_same = line.is_in(found, keys.data())
            && match (&line.password, &found.password_hash) {
                (Some(password), Some(stored)) => password.is_in(stored, &self.app.hasher)?,
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
        Ok(if is_same { Imported::Same } else { Imported::Exists })
    }
}

impl Imported {
    fn to_json(&self) -> Value {
        match self {
            Self::Created(user_id) => json!({ "outcome": "created", "user_id": user_id.to_string() }),
            Self::Same => json!({ "outcome": "same" }),
            Self::Exists => json!({ "outcome": "exists" }),
            Self::Refused(reasons) => {
                let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                json!({ "outcome": "refused", "reasons": reasons })
            }
        }
    }
}
