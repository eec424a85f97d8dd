//! A change of what tokens say about a user, by an operator. The sessions live on with the new profile.
//!
//! # Invariants
//! Repeating a change finishes what a crash left, also when the account already is as asked.

use super::account_change::{AccountChange, AccountChangeError, Changed, SessionPolicy};
use super::sweep;
use crate::Timestamp;
use crate::account::Account;
use crate::email::Email;
use crate::role::Role;

/// How many times a change is begun while its account keeps changing.
const TRIES: u8 = 3;

/// What a change of a profile begins with. None leaves a member as it is.
#[derive(Clone, Debug)]
pub struct ProfileChange {
    /// The account.
    pub email: Email,
    /// The display name.
    pub name: Option<String>,
    /// The roles.
    pub roles: Option<Vec<Role>>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
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
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
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
        Reading { request: self, tries_left: TRIES }.again()
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
        let Some(read) = account else { return Step::Done(Err(ProfileChangeError::NoAccount)) };
        let ProfileChange { name, roles, now, .. } = self.request.clone();
        let mut changed = read.clone();
        changed.name = name.unwrap_or(changed.name);
        changed.roles = roles.unwrap_or(changed.roles);
        if changed == read {
            return Step::Sweep(Box::new(Sweeping { account: read }));
        }
        let change = AccountChange {
            read,
            changed,
            sessions: SessionPolicy::Update,
            caller: None,
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
            Err(AccountChangeError::AccountDiffers | AccountChangeError::CallerSignedOut) => {
                self.flow.again()
            }
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
