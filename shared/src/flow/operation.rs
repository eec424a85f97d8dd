//! A change of an account without a proof: by an operator, or of the display name by a user with a living session.
//!
//! # Invariants
//! * A repeated operation completes what a crash has left, even if the account is already as requested.
//! * A deletion removes the row last: until its last transaction the account exists and is disabled, so that a repeated
//!   operation finds it.

mod edit;

use super::Asking;
use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::sweep;
use crate::Timestamp;
use crate::account::{Account, Entry, Tombstone};
use crate::email::Email;
use crate::ids::{SessionId, UserId};
use crate::passkey::{self, CredentialId, Passkey};
use crate::session::OwnSessions;
pub use edit::{Edit, MAX_ROLES_BYTES};
use edit::{Sessions, fits};

/// The number of tries if the account keeps changing.
const TRIES: u8 = 3;

/// The input of an operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The account.
    pub account: AccountName,
    /// The user, if they are the caller.
    pub asking: Option<Asking>,
    /// The requested change.
    pub edit: Edit,
    /// The number of sessions that the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// Identifies an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountName {
    /// Its address.
    Email(Email),
    /// The `sub` of its tokens.
    User(UserId),
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Query the index for the address of the user's account.
    Find(Box<Finding>),
    /// Read the row of an address, consistently.
    Read(Box<Reading>),
    /// Query the user's sessions, consistently.
    Query(Box<Querying>),
    /// Query the user's passkeys, consistently: they go.
    ReadPasskeys(Box<ReadingPasskeys>),
    /// Change the account.
    Change(Box<Changing>),
    /// Sweep the user's sessions: the account is already as requested.
    Sweep(Box<Sweeping>),
    /// The operation is over.
    Done(Result<Box<Operated>, OperationError>),
}

/// A completed operation.
pub struct Operated {
    /// The account as it was read.
    pub before: Account,
    /// The account after the change, or before its deletion.
    pub after: Account,
}

/// The reason why the account stays unchanged, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The account does not exist.
    #[error("no such account")]
    NoAccount,
    /// The caller's session has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The roles are too long for a token.
    #[error("too many roles")]
    TooManyRoles,
    /// The new address is taken.
    #[error("the address is taken")]
    AddressTaken,
    /// The account changed during each try.
    #[error("the account kept changing")]
    AccountChanging,
}

/// An operation that waits for the index.
pub struct Finding {
    user_id: UserId,
    flow: Flow,
}

/// An operation that waits for the account.
pub struct Reading {
    email: Email,
    user_id: Option<UserId>,
    flow: Flow,
}

/// An operation that waits for sessions: the caller's, or those that must end.
pub struct Querying {
    user_id: UserId,
    next: AfterQuery,
    flow: Flow,
}

enum AfterQuery {
    Begin(SessionId),
    End(Box<(Account, Account)>),
}

/// An account whose passkeys go.
pub struct ReadingPasskeys {
    account: Account,
    next: AfterPasskeys,
    flow: Flow,
}

enum AfterPasskeys {
    Delete,
    End { edited: Box<Account>, own: OwnSessions },
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
}

/// An account that is already as requested.
pub struct Sweeping {
    account: Account,
    flow: Flow,
}

struct Flow {
    request: Operation,
    tries_left: u8,
    /// The account as it was first read.
    before: Option<Account>,
}

impl Operation {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        let flow = Flow { tries_left: TRIES, before: None, request: self };
        match flow.request.asking {
            Some(Asking { user_id, session_id }) => {
                Step::Query(Box::new(Querying { user_id, next: AfterQuery::Begin(session_id), flow }))
            }
            None => flow.locate(),
        }
    }
}

impl Flow {
    fn locate(mut self) -> Step {
        let Some(tries_left) = self.tries_left.checked_sub(1) else {
            return failed(OperationError::AccountChanging);
        };
        self.tries_left = tries_left;
        match (self.request.account.clone(), self.request.asking) {
            (AccountName::User(user_id), _) => Step::Find(Box::new(Finding { user_id, flow: self })),
            // The address may belong to another account by now.
            (AccountName::Email(email), asking) => self.read(email, asking.map(|asking| asking.user_id)),
        }
    }

    fn read(self, email: Email, user_id: Option<UserId>) -> Step {
        Step::Read(Box::new(Reading { email, user_id, flow: self }))
    }

    fn found(mut self, read: Account) -> Step {
        let Operation { edit, now, .. } = &self.request;
        let edited = edit.applied_to(&read, *now);
        if !fits(&edited.roles) {
            return failed(OperationError::TooManyRoles);
        }
        let sessions = edit.sessions(&read, &edited);
        self.before.get_or_insert_with(|| read.clone());
        match sessions {
            None => Step::Sweep(Box::new(Sweeping { account: read, flow: self })),
            Some(Sessions::Update) => self.change(read, becomes(edited), SessionPolicy::Update),
            Some(Sessions::End) => {
                let (user_id, next) = (read.user_id, AfterQuery::End(Box::new((read, edited))));
                Step::Query(Box::new(Querying { user_id, next, flow: self }))
            }
        }
    }

    fn change(self, read: Account, becomes: Becomes, sessions: SessionPolicy) -> Step {
        self.change_with(read, becomes, sessions, PasskeyWrites::default())
    }

    fn change_with(
        self,
        read: Account,
        becomes: Becomes,
        sessions: SessionPolicy,
        passkeys: PasskeyWrites,
    ) -> Step {
        let Operation { room, now, .. } = self.request;
        let change = AccountChange {
            read,
            becomes,
            sessions,
            caller: None,
            code: None,
            mails: Vec::new(),
            frees: Vec::new(),
            passkeys,
            counted: None,
            used: None,
            room,
            now,
        };
        Step::Change(Box::new(Changing { change, flow: self }))
    }

    /// The account is as requested, and swept.
    fn swept(self, account: Account) -> Step {
        match (self.request.edit.deletes(), account.passkeys) {
            (false, _) => self.done(account),
            (true, 0) => self.delete(account, Vec::new()),
            (true, _) => self.read_passkeys(account, AfterPasskeys::Delete),
        }
    }

    fn delete(self, account: Account, passkeys: Vec<CredentialId>) -> Step {
        let passkeys = PasskeyWrites::deleting(passkeys);
        self.change_with(account, Becomes::Nothing, SessionPolicy::EndAll(Vec::new()), passkeys)
    }

    fn read_passkeys(self, account: Account, next: AfterPasskeys) -> Step {
        Step::ReadPasskeys(Box::new(ReadingPasskeys { account, next, flow: self }))
    }

    /// Ends all sessions, with the passkeys that the edit takes.
    fn end(self, read: Account, edited: Account, own: &OwnSessions, passkeys: Vec<CredentialId>) -> Step {
        let becomes = if edited.email == read.email {
            becomes(edited)
        } else {
            // An address that was never proved may be a stranger's: it is not kept.
            let leaves = read.email_verified_at.map(|_| Tombstone::new(read.user_id, self.request.now));
            Becomes::Moved { account: Box::new(edited), leaves }
        };
        let passkeys = PasskeyWrites::deleting(passkeys);
        self.change_with(read, becomes, SessionPolicy::EndAll(own.all()), passkeys)
    }

    fn done(self, after: Account) -> Step {
        let before = self.before.unwrap_or_else(|| after.clone());
        Step::Done(Ok(Box::new(Operated { before, after })))
    }
}

impl Finding {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Takes the answer of the index.
    #[must_use]
    pub fn then(self, email: Option<Email>) -> Step {
        match email {
            Some(email) => self.flow.read(email, Some(self.user_id)),
            None => failed(OperationError::NoAccount),
        }
    }
}

impl Reading {
    /// Returns the address to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, entry: Option<Entry>) -> Step {
        let Self { email, user_id, flow } = self;
        match entry {
            Some(Entry::Account(account)) if user_id.is_none_or(|user_id| account.user_id == user_id) => {
                flow.found(*account)
            }
            Some(Entry::Tombstone(left)) => flow.moved(&email, left),
            // The index may lag behind.
            Some(Entry::Account(_)) | None if matches!(flow.request.account, AccountName::User(_)) => {
                flow.locate()
            }
            Some(Entry::Account(_)) | None => failed(OperationError::NoAccount),
        }
    }
}

impl Flow {
    /// The account has left the address. If this operation did that and died, it continues at the account's current address.
    fn moved(self, left: &Email, tombstone: Tombstone) -> Step {
        match (&self.request.edit, &self.request.account) {
            (Edit::Move { new_email, .. }, _) if new_email != left => {
                let new_email = new_email.clone();
                self.read(new_email, Some(tombstone.moved_to))
            }
            (_, AccountName::User(_)) => self.locate(),
            (_, AccountName::Email(_)) => failed(OperationError::NoAccount),
        }
    }
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let Self { next, flow, .. } = self;
        match next {
            AfterQuery::Begin(asking) if own.has_living(asking, flow.request.now) => flow.locate(),
            AfterQuery::Begin(_) => failed(OperationError::SessionOver),
            AfterQuery::End(accounts) => {
                let (read, edited) = *accounts;
                if edited.passkeys == read.passkeys {
                    return flow.end(read, edited, own, Vec::new());
                }
                flow.read_passkeys(read, AfterPasskeys::End { edited: Box::new(edited), own: own.clone() })
            }
        }
    }
}

impl ReadingPasskeys {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, passkeys: &[Passkey]) -> Step {
        let Self { account, next, flow } = self;
        let passkeys = passkey::ids(passkeys);
        match next {
            AfterPasskeys::Delete => flow.delete(account, passkeys),
            AfterPasskeys::End { edited, own } => flow.end(account, *edited, &own, passkeys),
        }
    }
}

impl Changing {
    /// Takes the outcome of the change.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        let is_deleted = matches!(self.change.becomes, Becomes::Nothing);
        match changed {
            Ok(Changed { account, .. }) if is_deleted => self.flow.done(account),
            Ok(Changed { account, .. }) => self.flow.swept(account),
            Err(AccountChangeError::AddressTaken) => failed(OperationError::AddressTaken),
            // No session asks in the transaction, neither a code nor a factor is used, and no passkey added.
            Err(
                AccountChangeError::AccountDiffers
                | AccountChangeError::CallerSignedOut
                | AccountChangeError::FactorUsed
                | AccountChangeError::CodeUsed
                | AccountChangeError::PasskeyExists,
            ) => self.flow.locate(),
        }
    }
}

impl Sweeping {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// Returns the first step of the sweep.
    #[must_use]
    pub fn sweep(&self) -> sweep::Step {
        sweep::start(&self.account, None)
    }

    /// The sweep is done.
    #[must_use]
    pub fn then(self) -> Step {
        self.flow.swept(self.account)
    }
}

fn becomes(edited: Account) -> Becomes {
    Becomes::Account(Box::new(edited))
}

fn failed(error: OperationError) -> Step {
    Step::Done(Err(error))
}

#[cfg(test)]
mod tests;
