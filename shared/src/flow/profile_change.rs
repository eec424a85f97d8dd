//! A change of what tokens say about a user, by the user or an operator. The sessions live on with the new profile.
//!
//! # Invariants
//! Repeating a change finishes what a crash left, also when the account already is as asked.

use super::Asking;
use super::account_change::{AccountChange, AccountChangeError, Becomes, Changed, SessionPolicy};
use super::sweep;
use crate::Timestamp;
use crate::account::Account;
use crate::email::Email;
use crate::ids::UserId;
use crate::role::Role;
use crate::session::OwnSessions;

/// How many times a change is begun while its account keeps changing.
const TRIES: u8 = 3;

/// What a change of a profile begins with. None leaves a member as it is.
#[derive(Clone, Debug)]
pub struct ProfileChange {
    /// The account.
    pub email: Email,
    /// The user, if it is they who ask.
    pub asking: Option<Asking>,
    /// The display name.
    pub name: Option<String>,
    /// The roles.
    pub roles: Option<Vec<Role>>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Query the sessions of the user who asks, consistently.
    Query(Querying),
    /// Read the account, consistently.
    Read(Reading),
    /// Change the account.
    Change(Box<Changing>),
    /// Sweep the user's sessions: the account already is as asked.
    Sweep(Box<Sweeping>),
    /// The change is over.
    Done(Result<Account, ProfileChangeError>),
}

/// Why the profile stays as it is, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileChangeError {
    /// There is no such account.
    #[error("no such account")]
    NoAccount,
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A change that waits for the sessions of the user who asks.
pub struct Querying {
    asking: Asking,
    request: ProfileChange,
}

/// A change that waits for the account.
pub struct Reading {
    request: ProfileChange,
    tries_left: u8,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Reading,
}

/// A change that was made before.
pub struct Sweeping {
    account: Account,
}

impl ProfileChange {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        match self.asking {
            Some(asking) => Step::Query(Querying { asking, request: self }),
            None => Reading { request: self, tries_left: TRIES }.again(),
        }
    }
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.asking.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let Self { asking, request } = self;
        if own.has_living(asking.session_id, request.now) {
            Reading { request, tries_left: TRIES }.again()
        } else {
            Step::Done(Err(ProfileChangeError::SessionOver))
        }
    }
}

impl Reading {
    fn again(self) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => Step::Read(Self { tries_left, ..self }),
            None => Step::Done(Err(ProfileChangeError::AccountChanging)),
        }
    }

    /// Returns the address of the account to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.request.email
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, account: Option<Account>) -> Step {
        let asking = self.request.asking;
        // The address may by now belong to somebody else's account.
        let is_theirs = |account: &Account| asking.is_none_or(|asking| asking.user_id == account.user_id);
        let Some(read) = account.filter(is_theirs) else {
            return Step::Done(Err(ProfileChangeError::NoAccount));
        };
        let ProfileChange { name, roles, now, .. } = self.request.clone();
        let mut changed = read.clone();
        changed.name = name.unwrap_or(changed.name);
        changed.roles = roles.unwrap_or(changed.roles);
        if changed == read {
            return Step::Sweep(Box::new(Sweeping { account: read }));
        }
        let change = AccountChange {
            read,
            becomes: Becomes::Account(Box::new(changed)),
            sessions: SessionPolicy::Update,
            caller: None,
            code: None,
            mails: Vec::new(),
            frees: Vec::new(),
            counted: None,
            room: 0,
            now,
        };
        Step::Change(Box::new(Changing { flow: self, change }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(account)),
            // Only the first can be: no session asks, no code is used, and the address stays.
            Err(
                AccountChangeError::AccountDiffers
                | AccountChangeError::CallerSignedOut
                | AccountChangeError::CodeUsed
                | AccountChangeError::AddressTaken,
            ) => self.flow.again(),
        }
    }
}

impl Sweeping {
    /// Returns the first step of the sweep.
    #[must_use]
    pub fn sweep(&self) -> sweep::Step {
        sweep::start(&self.account, None)
    }

    /// The sweep is done.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(self.account))
    }
}
