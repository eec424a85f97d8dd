//! All tables together, for functions that change accounts or have mail sent.

mod passkeys;

use std::slice;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::TransactWriteItem;
use rand::CryptoRng;
use shared::account::{Account, LeftAddress};
use shared::api::ProofFields;
use shared::attempts::CountedIn;
use shared::code::Code;
use shared::config::{self, ConfigError, Lookup};
use shared::factor::{FactorCode, FactorUse, Presented, Used};
use shared::flow::account_change::{
    self, AccountChange, AccountChangeError, AccountWrite, Changed, Committing,
};
use shared::flow::mail_count::{self, Counted};
use shared::flow::mail_request::{self, MailRequest};
use shared::flow::mail_reservation::{self, Reserved};
use shared::flow::operation::{self, Operated, Operation, OperationError};
use shared::flow::proof::{self, Proof, ProofError, Proven};
use shared::flow::registration::{NewAccount, NewAccountError};
use shared::flow::reservation::BlockedError;
use shared::flow::sign_in::{Created, Creating};
use shared::flow::totp_enrolment::Storing;
use shared::ids::{AttemptId, SessionId, UserId};
use shared::key_set::KeySet;
use shared::log;
use shared::mail_lane::TakeBack;
use shared::metrics::{Metric, Report};
use shared::passkey::Passkey;
use shared::password::{Hasher, Password, PasswordCheck};

use crate::accounts::Transaction;
use crate::codes::Codes;
use crate::passkeys::Passkeys;
use crate::tables::Tables;
use crate::users::is_as_read;
use crate::{ServiceError, TableError};

/// The tables of users, of refresh tokens, of attempts and of codes, and of passkeys where those come and go.
#[derive(Clone, Debug)]
pub struct AccountTables {
    tables: Tables,
    codes: Codes,
    /// None in functions that neither add nor remove passkeys.
    passkeys: Option<Passkeys>,
}

/// A completed part of a change of an account. It is reported when it is done, whatever fails afterwards.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// These sessions have ended.
    Ended(&'a [SessionId]),
    /// The account has changed.
    Committed,
}

/// What a caller proves who they are with.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The password, if one was typed.
    pub password: Option<&'a Password>,
    /// The second factor, if one was.
    pub code: Option<&'a FactorCode>,
    /// What it is checked with.
    pub keys: &'a KeySet,
}

/// The name of a change in the log.
#[derive(Clone, Copy, Debug)]
pub struct ChangeLog {
    /// The function that makes it.
    pub route: &'static str,
    /// Its name in OWASP's logging vocabulary.
    pub event: &'static str,
    /// The outcome.
    pub outcome: &'static str,
    /// The reason why sessions end.
    pub reason: &'static str,
    /// The user.
    pub user_id: UserId,
    /// The new session, if there is one.
    pub begun: Option<SessionId>,
}

impl<'a> Credentials<'a> {
    /// Those of a request.
    #[must_use]
    pub fn of(fields: &'a ProofFields<'_>, keys: &'a KeySet) -> Self {
        Self { password: fields.current_password.as_ref(), code: fields.factor.as_ref(), keys }
    }
}

impl ChangeLog {
    /// That of a change by the function `route`, whose outcome says why sessions end, too.
    #[must_use]
    pub fn of(
        change: &AccountChange,
        route: &'static str,
        (event, outcome): (&'static str, &'static str),
    ) -> Self {
        Self { route, event, outcome, reason: outcome, user_id: change.user_id(), begun: change.begun() }
    }

    /// Logs and counts the ended sessions and the change.
    pub fn write(&self, progress: Progress<'_>, report: &mut Report<'_>) {
        let Self { route, event, outcome, reason, user_id, begun } = *self;
        match progress {
            Progress::Ended(ended) => log::sessions_ended(route, reason, user_id, ended, report),
            Progress::Committed => {
                let session_id = begun.map(tracing::field::display);
                tracing::info!(event, route, outcome, session_id, %user_id);
                if let Some(session_id) = begun {
                    tracing::info!(event = "session_created", %session_id, %user_id);
                }
            }
        }
    }
}

impl AccountTables {
    /// Uses the tables named in the settings.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn from_settings(lookup: Lookup<'_>, client: Client) -> Result<Self, ConfigError> {
        Ok(Self {
            codes: Codes::new(client.clone(), config::table(lookup, "CODES_TABLE")?),
            tables: Tables::from_settings(lookup, client)?,
            passkeys: None,
        })
    }

    /// The same, and the table of passkeys.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn with_passkeys(lookup: Lookup<'_>, client: Client) -> Result<Self, ConfigError> {
        let passkeys = Passkeys::new(client.clone(), config::table(lookup, "PASSKEYS_TABLE")?);
        Ok(Self { passkeys: Some(passkeys), ..Self::from_settings(lookup, client)? })
    }

    /// Returns the three tables of functions that compare passwords.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns the table of codes.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Returns the table of passkeys.
    ///
    /// # Errors
    /// [`TableError::NoPasskeysTable`] unless the tables were made by [`AccountTables::with_passkeys`].
    pub fn passkeys(&self) -> Result<&Passkeys, TableError> {
        self.passkeys.as_ref().ok_or(TableError::NoPasskeysTable)
    }

    /// Reads the passkeys of an account, without a request if it has none.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer.
    pub async fn passkeys_of(&self, account: &Account) -> Result<Vec<Passkey>, TableError> {
        if account.passkeys == 0 { Ok(Vec::new()) } else { self.passkeys()?.of_user(account.user_id).await }
    }

    /// Creates the session of a sign-in, clears the lane of its device, and writes the row of the notice.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The session may then exist, unknown to anybody, until it expires.
    pub async fn create_session(&self, create: &Creating) -> Result<Created, TableError> {
        let mails = create.mails.iter().map(|mail| self.codes.putting(mail)).collect::<Result<_, _>>()?;
        self.tables.create_session(create, mails).await
    }

    /// Opens an account: one transaction creates it, its first session and the row of its mail, and uses the code up.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the account may then exist or not.
    pub async fn open_account(&self, new: &NewAccount) -> Result<Result<(), NewAccountError>, TableError> {
        let NewAccount { account, session, mail, code } = new;
        let accounts = self.tables.accounts();
        let mut writes = vec![
            accounts.users().creation(account, session.created_at)?,
            accounts.sessions().creation(session)?,
        ];
        if let Some(code_id) = *code {
            writes.push(self.codes.using(code_id)?);
        }
        if let Some(mail) = mail {
            writes.push(self.codes.putting(mail)?);
        }
        Ok(match accounts.transact(writes, session.session_id).await? {
            Transaction::Committed => Ok(()),
            Transaction::ConditionFailed { write: 2, .. } if code.is_some() => Err(NewAccountError::CodeUsed),
            Transaction::ConditionFailed { .. } => Err(NewAccountError::AddressTaken),
        })
    }

    /// Creates an account without a session, and the row of its mail: both or neither. Returns whether the address was
    /// free. It is a transaction even without a mail: with `token` the SDK's repeat after a lost answer is not a second
    /// creation, which would find the address taken.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the account may then exist or not.
    pub async fn create_account(
        &self,
        account: &Account,
        mail: Option<&Code>,
        token: SessionId,
    ) -> Result<bool, TableError> {
        let accounts = self.tables.accounts();
        let mut writes = vec![accounts.users().creation(account, account.created_at)?];
        if let Some(mail) = mail {
            writes.push(self.codes.putting(mail)?);
        }
        Ok(accounts.transact(writes, token).await? == Transaction::Committed)
    }

    /// Drives the count of a mail in the total of all mail requested without a session to its end.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The mail is then subtracted from its lane.
    pub async fn count_mail(
        &self,
        mut step: mail_count::Step,
    ) -> Result<Result<Counted, BlockedError>, TableError> {
        loop {
            step = match step {
                mail_count::Step::CountAll(count) => {
                    let is_counted = self.tables.attempts().count_among_all(&count.write).await;
                    let is_counted =
                        self.or_take_back(is_counted, slice::from_ref(count.taken_back())).await?;
                    count.then(is_counted)
                }
                mail_count::Step::TakeBack(take_back) => {
                    self.take_mail_back(&take_back.write).await;
                    take_back.then()
                }
                mail_count::Step::Done(counted) => return Ok(counted),
            }
        }
    }

    /// Subtracts a mail that is not sent after all from its lane. A failure is logged.
    pub async fn take_mail_back(&self, write: &TakeBack) {
        self.tables.attempts().take_mail_back(write).await;
    }

    /// Drives a request for a mail to its end, and writes the row of an admitted one.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The mail may be counted, and sent or not.
    pub async fn request_mail(
        &self,
        request: MailRequest,
        rng: &mut impl CryptoRng,
    ) -> Result<Result<Code, BlockedError>, TableError> {
        let admitted = match self.admit_mail(request, rng).await? {
            Ok(admitted) => *admitted,
            Err(blocked) => return Ok(Err(blocked)),
        };
        let is_put = self.codes.put(&admitted.code).await;
        self.or_take_back(is_put, slice::from_ref(&admitted.taken_back)).await?;
        Ok(Ok(admitted.code))
    }

    /// Drives a request for a mail to its end, without the row of an admitted one.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The mail may be counted.
    pub async fn admit_mail(
        &self,
        request: MailRequest,
        rng: &mut impl CryptoRng,
    ) -> Result<Result<Box<mail_request::Admitted>, BlockedError>, TableError> {
        let mut step = request.start();
        loop {
            step = match step {
                mail_request::Step::ReadAndReserve(read) => {
                    let reservation = read.reservation(AttemptId::random(rng));
                    let entry = self.tables.accounts().users().entry(read.email());
                    let (entry, reserved) = tokio::join!(entry, self.reserve_mail(reservation));
                    let reserved = reserved?;
                    if entry.is_err() && reserved.is_ok() {
                        self.take_mail_back(&read.taken_back()).await;
                    }
                    read.then(entry?, reserved)
                }
                mail_request::Step::Reserve(reserve) => {
                    let reserved = self.reserve_mail(reserve.reservation(AttemptId::random(rng))).await?;
                    reserve.then(reserved)
                }
                mail_request::Step::Count(count) => {
                    let (first, asked) = count.begin();
                    asked.then(self.count_mail(first).await?)
                }
                mail_request::Step::Done(outcome) => return Ok(outcome),
            }
        }
    }

    /// Subtracts a mail from its lanes if the following work has failed.
    ///
    /// # Errors
    /// Returns those of the following work.
    pub async fn or_take_back<T>(
        &self,
        result: Result<T, TableError>,
        taken_back: &[TakeBack],
    ) -> Result<T, TableError> {
        if result.is_err() {
            for write in taken_back {
                self.take_mail_back(write).await;
            }
        }
        result
    }

    /// Drives the count of a mail in one lane to its end.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The mail may be counted.
    pub async fn reserve_mail(&self, mut step: mail_reservation::Step) -> Result<Reserved, TableError> {
        loop {
            step = match step {
                mail_reservation::Step::CountNext(count) => {
                    let answer = self.tables.attempts().count_next_mail(&count.write).await?;
                    count.then(answer)
                }
                mail_reservation::Step::Replace(replace) => {
                    let answer = self.tables.attempts().replace_mails(&replace.write).await?;
                    replace.then(answer)
                }
                mail_reservation::Step::Done(reserved) => return Ok(reserved),
            }
        }
    }

    /// Subtracts a successful attempt, or clears its lane, where no transaction does. A failure is logged.
    pub async fn settle(&self, counted: &CountedIn) {
        self.tables.attempts().settle(counted).await;
    }

    /// Uses a second factor by a write of its own, named by the fresh id `by`, and has mailed what tells of it. Returns whether it
    /// was not used before.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. The factor may then be used.
    pub async fn use_factor(
        &self,
        read: &Account,
        used: &FactorUse,
        mail: Option<&Code>,
        by: AttemptId,
    ) -> Result<bool, TableError> {
        let is_used = self.tables.accounts().users().use_factor(read, used, by).await?;
        self.tell(mail.filter(|_| is_used)).await;
        Ok(is_used)
    }

    /// Stores an authenticator app that is being set up, and has mailed what tells of the factor that was used. `by` is a fresh id.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. It may then be stored.
    pub async fn store_pending(&self, store: &Storing, by: AttemptId) -> Result<Used, TableError> {
        let Storing { account, pending, used, mail, .. } = store;
        let users = self.tables.accounts().users();
        let written = users.store_pending(account, pending, used.as_ref(), by).await?;
        self.tell(mail.as_ref().filter(|_| written == Used::Written)).await;
        Ok(written)
    }

    /// Puts the row of a notice. If it fails, the log says so, and nothing else does.
    async fn tell(&self, mail: Option<&Code>) {
        let Some(mail) = mail else { return };
        if let Err(error) = self.codes.put(mail).await {
            tracing::warn!(%error, "a notice is not mailed");
        }
    }

    /// Drives a proof to its end: `hasher` compares the password, and `report` times it.
    ///
    /// # Errors
    /// Returns [`ServiceError`] if DynamoDB does not answer or the password cannot be hashed. The attempt may be counted.
    pub async fn prove(
        &self,
        proof: &Proof,
        credentials: Credentials<'_>,
        hasher: &Hasher,
        rng: &mut impl CryptoRng,
        report: &mut Report<'_>,
    ) -> Result<Result<Proven, ProofError>, ServiceError> {
        let mut step = proof.clone().start();
        loop {
            step = match step {
                proof::Step::Query(query) => {
                    let own = self.tables.accounts().sessions().of_user(query.user_id()).await?;
                    query.then(&own)
                }
                proof::Step::Read(read) => {
                    let account = self.tables.accounts().users().get(read.email()).await?;
                    read.then(account)
                }
                proof::Step::Admit(admit) => {
                    let admitted = self.tables.admit(admit.attempt(), rng).await?;
                    admit.then(admitted)
                }
                proof::Step::Verify(verify) => {
                    let Credentials { password, code, keys } = credentials;
                    let compare = |password| hasher.verify(password, verify.password_hash());
                    let is_right = match password {
                        Some(password) => {
                            report.time(Metric::PasswordHashTime, || compare(password))?
                                != PasswordCheck::Wrong
                        }
                        None => false,
                    };
                    verify.then(is_right, Presented::new(code, &keys.data, proof.now, rng))
                }
                proof::Step::TakeBack(take_back) => {
                    self.tables.attempts().take_back(&take_back.write).await;
                    take_back.then()
                }
                proof::Step::Done(proven) => return Ok(proven.map(|proven| *proven)),
            }
        }
    }

    /// Drives a change of an account to its end.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The account may then have changed or not.
    pub async fn change_account(
        &self,
        change: &AccountChange,
        rng: &mut impl CryptoRng,
        mut report: impl FnMut(Progress<'_>),
    ) -> Result<Result<Changed, AccountChangeError>, TableError> {
        let mut step = change.clone().start();
        loop {
            step = match step {
                account_change::Step::EndSurplus(surplus) => {
                    let (user_id, sessions) = (surplus.user_id(), &surplus.sessions);
                    self.tables.accounts().sessions().end_all(user_id, sessions, rng).await?;
                    report(Progress::Ended(sessions));
                    surplus.then()
                }
                account_change::Step::Commit(commit) => {
                    let committed = self.commit(&commit, SessionId::random(rng)).await?;
                    if committed.is_ok() {
                        report(Progress::Committed);
                        report(Progress::Ended(&commit.all_ended()));
                    }
                    commit.then(committed)
                }
                account_change::Step::Sweep(sweep) => {
                    let ended = |ended: &[SessionId]| report(Progress::Ended(ended));
                    let swept = self.tables.sweep(sweep.sweep(), sweep.taken_back(), rng, ended);
                    tokio::join!(swept, self.free(sweep.freed())).0?;
                    sweep.then()
                }
                account_change::Step::Done(changed) => return Ok(changed.map(|changed| *changed)),
            }
        }
    }

    async fn free(&self, left: &[LeftAddress]) {
        for address in left {
            self.tables.accounts().users().free(address).await;
        }
    }

    /// Drives an operation to its end. `report` receives the completed parts and the account.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. Repeating the operation completes it.
    pub async fn operate(
        &self,
        operation: Operation,
        rng: &mut impl CryptoRng,
        mut report: impl FnMut(UserId, Progress<'_>),
    ) -> Result<Result<Operated, OperationError>, TableError> {
        let accounts = self.tables.accounts();
        let mut step = operation.start();
        loop {
            step = match step {
                operation::Step::Find(find) => {
                    let hint = accounts.users().address_hint(find.user_id()).await?;
                    find.then(hint)
                }
                operation::Step::Read(read) => {
                    let entry = accounts.users().entry(read.email()).await?;
                    read.then(entry)
                }
                operation::Step::Query(query) => {
                    let own = accounts.sessions().of_user(query.user_id()).await?;
                    query.then(&own)
                }
                operation::Step::ReadPasskeys(read) => {
                    let passkeys = self.passkeys()?.of_user(read.user_id()).await?;
                    read.then(&passkeys)
                }
                operation::Step::Change(change) => {
                    let user_id = change.change.user_id();
                    let report = |progress: Progress<'_>| report(user_id, progress);
                    let changed = self.change_account(&change.change, rng, report).await?;
                    change.then(changed)
                }
                operation::Step::Sweep(sweep) => {
                    let user_id = sweep.user_id();
                    let ended = |ended: &[SessionId]| report(user_id, Progress::Ended(ended));
                    accounts.sweep(sweep.sweep(), rng, ended).await?;
                    sweep.then()
                }
                operation::Step::Done(operated) => return Ok(operated.map(|operated| *operated)),
            }
        }
    }

    async fn commit(
        &self,
        commit: &Committing,
        token: SessionId,
    ) -> Result<Result<(), AccountChangeError>, TableError> {
        let (writes, failures): (Vec<_>, Vec<_>) = self.writes(commit)?.into_iter().unzip();
        Ok(match self.tables.accounts().transact(writes, token).await? {
            Transaction::Committed => Ok(()),
            // Writes without a condition cannot fail.
            Transaction::ConditionFailed { write, row } => {
                let error = failures.get(write).copied().unwrap_or(AccountChangeError::AccountDiffers);
                let is_used = commit.used.is_some()
                    && error == AccountChangeError::AccountDiffers
                    && row.is_some_and(|row| is_as_read(&row, &commit.read));
                Err(if is_used { AccountChangeError::FactorUsed } else { error })
            }
        })
    }

    /// Returns the writes, and for each the meaning of a failed condition.
    fn writes(
        &self,
        commit: &Committing,
    ) -> Result<Vec<(TransactWriteItem, AccountChangeError)>, TableError> {
        let sessions = self.tables.accounts().sessions();
        let user_id = commit.read.user_id;
        let mut writes = self.account_writes(commit)?;
        if let Some(code_id) = commit.code {
            writes.push((self.codes.using(code_id)?, AccountChangeError::CodeUsed));
        }
        if let Some(passkey) = &commit.passkeys.put {
            writes.push((self.passkeys()?.putting(passkey)?, AccountChangeError::PasskeyExists));
        }
        let mut others = Vec::new();
        for credential_id in &commit.passkeys.deleted {
            others.push(self.passkeys()?.deleting(user_id, credential_id)?);
        }
        if let Some(caller) = commit.caller {
            others.push(sessions.ending_living(user_id, caller, commit.now)?);
        }
        for mail in &commit.mails {
            others.push(self.codes.putting(mail)?);
        }
        if let Some(begun) = &commit.begun {
            others.push(sessions.creation(begun)?);
        }
        if let Some(lane) = commit.counted.as_ref().and_then(CountedIn::forgotten) {
            others.push(self.tables.attempts().forgetting(lane)?);
        }
        for ended in &commit.ended {
            others.push(sessions.ending(user_id, *ended)?);
        }
        writes.extend(others.into_iter().map(|write| (write, AccountChangeError::CallerSignedOut)));
        Ok(writes)
    }

    fn account_writes(
        &self,
        Committing { read, write, changed, used, now, .. }: &Committing,
    ) -> Result<Vec<(TransactWriteItem, AccountChangeError)>, TableError> {
        let users = self.tables.accounts().users();
        let own = match write {
            AccountWrite::Update => users.changed(read, changed, used.as_ref())?,
            AccountWrite::Move { leaves: Some(tombstone) } => users.burial(read, tombstone)?,
            AccountWrite::Move { leaves: None } | AccountWrite::Delete => {
                users.deletion(read, used.as_ref())?
            }
        };
        let mut writes = vec![(own, AccountChangeError::AccountDiffers)];
        if let AccountWrite::Move { .. } = write {
            writes.push((users.arrival(changed, *now)?, AccountChangeError::AddressTaken));
        }
        Ok(writes)
    }
}
