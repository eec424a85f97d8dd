//! Three tables together, for functions that compare passwords: admission, and the transaction that creates a session.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::TransactWriteItem;
use rand::{CryptoRng, Rng};
use shared::attempts::TakeBack;
use shared::config::{self, ConfigError, Lookup};
use shared::flow::admission::{self, Admitted, Attempt};
use shared::flow::reservation::{self, BlockedError, Reserved};
use shared::flow::sign_in::{Created, Creating};
use shared::flow::sweep;
use shared::ids::{AttemptId, SessionId};

use crate::TableError;
use crate::accounts::{Accounts, Transaction};
use crate::attempts::Attempts;
use crate::users::is_as_read;

/// The tables of users, of refresh tokens and of attempts.
#[derive(Clone, Debug)]
pub struct Tables {
    accounts: Accounts,
    attempts: Attempts,
}

impl Tables {
    /// Uses the tables named in the settings.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn from_settings(lookup: Lookup<'_>, client: Client) -> Result<Self, ConfigError> {
        let attempts = config::table(lookup, "SIGN_IN_ATTEMPTS_TABLE")?;
        Ok(Self {
            attempts: Attempts::new(client.clone(), attempts),
            accounts: Accounts::from_settings(lookup, client)?,
        })
    }

    /// Returns the tables of users and of refresh tokens.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Returns the table of attempts.
    #[must_use]
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// Drives an admission to its end.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The attempt may be counted, and must not continue.
    pub async fn admit(
        &self,
        attempt: &Attempt,
        rng: &mut impl CryptoRng,
    ) -> Result<Result<Admitted, BlockedError>, TableError> {
        let mut step = attempt.clone().start();
        loop {
            step = match step {
                admission::Step::ReadAndReserve(read) => {
                    let reservation = read.reservation(AttemptId::random(rng));
                    let account = self.accounts.users().get(read.email());
                    let (account, reserved) = tokio::join!(account, self.reserve(reservation));
                    read.then(account?, reserved?)
                }
                admission::Step::Reserve(reserve) => {
                    let reserved = self.reserve(reserve.reservation(AttemptId::random(rng))).await?;
                    reserve.then(reserved)
                }
                admission::Step::Done(admitted) => return Ok(admitted),
            }
        }
    }

    async fn reserve(&self, mut step: reservation::Step) -> Result<Reserved, TableError> {
        loop {
            step = match step {
                reservation::Step::CountFree(count) => {
                    let answer = self.attempts.count_free(&count.write).await?;
                    count.then(answer)
                }
                reservation::Step::Replace(replace) => {
                    let answer = self.attempts.replace(&replace.write).await?;
                    replace.then(answer)
                }
                reservation::Step::Done(reserved) => return Ok(reserved),
            }
        }
    }

    /// Creates the session of a sign-in, and forgets the attempts of its device. `mails` put rows of mails.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The session may then exist, unknown to anybody, until it expires.
    pub(crate) async fn create_session(
        &self,
        create: &Creating,
        mails: Vec<TransactWriteItem>,
    ) -> Result<Created, TableError> {
        let Creating { account: read, rehashed, used, .. } = create;
        let account = self.accounts.users().signed_in(read, rehashed.as_deref(), used.as_ref())?;
        let session = self.accounts.sessions().creation(&create.session)?;
        let mut writes = vec![account, session];
        if let Some(lane) = create.counted.forgotten() {
            writes.push(self.attempts.forgetting(lane)?);
        }
        writes.extend(mails);
        Ok(match self.accounts.transact(writes, create.session.session_id).await? {
            Transaction::Committed => Created::Created,
            Transaction::ConditionFailed { row: Some(row), .. }
                if used.is_some() && is_as_read(&row, read) =>
            {
                Created::FactorUsed
            }
            Transaction::ConditionFailed { .. } => Created::AccountDiffers,
        })
    }

    /// Takes back what has been counted of an attempt that is over and was not wrong. If it fails, the attempt stays counted, and
    /// the log says so.
    pub async fn take_back(&self, write: &TakeBack) {
        self.attempts.take_back(write).await;
    }

    /// Drives a sweep to its end, and settles the count of the successful attempt at the same time. The latter causes no
    /// delay beyond the sweep, and its errors are only logged.
    ///
    /// # Errors
    /// Returns those of [`Accounts::sweep`].
    pub async fn sweep(
        &self,
        step: sweep::Step,
        taken_back: Option<TakeBack>,
        rng: &mut impl Rng,
        report: impl FnMut(&[SessionId]),
    ) -> Result<(), TableError> {
        let take_back = async {
            if let Some(write) = taken_back {
                self.attempts.take_back(&write).await;
            }
        };
        let (swept, ()) = tokio::join!(self.accounts.sweep(step, rng, report), take_back);
        swept
    }
}
