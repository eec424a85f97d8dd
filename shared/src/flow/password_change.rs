//! A change of the password, by a user who knows the present one, from a session that lives.
//!
//! # Invariants
//! An access token outlives its session. Without a living session nothing is counted, and no password compared.

use super::account_change::{AccountChange, AccountChangeError, Changed, SessionPolicy};
use super::admission::{Admitted, Attempt};
use super::reservation::BlockedError;
use super::sign_in::{Fresh, Opening};
use crate::Seconds;
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::ids::{SessionId, UserId};
use crate::session::{OwnSessions, Session};

/// How many times a change is begun, password and all, while its account keeps changing.
const TRIES: u8 = 3;

/// What a change of the password begins with.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The user, by the access token.
    pub user_id: UserId,
    /// The session that asks.
    pub caller: SessionId,
    /// Whose password is compared, and where that is counted.
    pub attempt: Attempt,
    /// What the new session begins with.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
}

/// The next request to DynamoDB, the password to compare, or the outcome.
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Querying),
    /// Read the account and count the attempt.
    Admit(Admitting),
    /// Compare the present password, and hash the new one if it is right.
    Verify(Verifying),
    /// Change the account.
    Change(Box<Changing>),
    /// The change is over.
    Done(Result<(Account, Session), PasswordChangeError>),
}

/// Why the password stays as it is, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordChangeError {
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The present password is wrong, or the account is gone.
    #[error("wrong password, or the account is gone")]
    Credentials,
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// How long to wait, in seconds, at least one.
        retry_after: Seconds,
    },
    /// The account changed each time before the new password was stored.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A change that waits for the user's sessions.
pub struct Querying {
    flow: Flow,
}

/// A change that waits for admission.
pub struct Admitting {
    /// What is to be admitted.
    pub attempt: Attempt,
    flow: Flow,
    others: Vec<SessionId>,
}

/// A change whose present password is being compared.
pub struct Verifying {
    flow: Flow,
    others: Vec<SessionId>,
    account: Option<Account>,
    counted: CountedIn,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
    begun: Session,
}

#[derive(Clone)]
struct Flow {
    request: PasswordChange,
    tries_left: u8,
}

impl PasswordChange {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Flow { request: self, tries_left: TRIES }.query()
    }
}

impl Flow {
    fn query(self) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => Step::Query(Querying { flow: Self { tries_left, ..self } }),
            None => failed(PasswordChangeError::AccountChanging),
        }
    }
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.request.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let PasswordChange { caller, opening, .. } = &self.flow.request;
        if !own.has_living(*caller, opening.now) {
            return failed(PasswordChangeError::SessionOver);
        }
        let others = own.all_but(*caller);
        let attempt = self.flow.request.attempt.clone();
        Step::Admit(Admitting { attempt, flow: self.flow, others })
    }
}

impl Admitting {
    /// Takes the outcome of the admission.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        let Self { flow, others, .. } = self;
        match admitted {
            Ok(Admitted { account, counted }) => {
                // The address may by now belong to somebody else's account.
                let account = account.filter(|account| account.user_id == flow.request.user_id);
                Step::Verify(Verifying { flow, others, account, counted })
            }
            Err(BlockedError { retry_after }) => failed(PasswordChangeError::Blocked { retry_after }),
        }
    }
}

impl Verifying {
    /// Returns the hash to compare the present password with. None if the account is gone: the password is hashed all the
    /// same.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        self.account.as_ref().map(|account| account.password_hash.as_str())
    }

    /// Takes the hash of the new password, or none if the present one is wrong.
    #[must_use]
    pub fn then(self, new_hash: Option<String>, fresh: Fresh) -> Step {
        let Self { flow, others, account: Some(read), counted } = self else {
            return failed(PasswordChangeError::Credentials);
        };
        let Some(password_hash) = new_hash else { return failed(PasswordChangeError::Credentials) };
        let PasswordChange { caller, opening, keep, room, .. } = &flow.request;
        let profile = read.next_version_ending_sessions().profile();
        let begun = opening.open(read.user_id, profile, fresh);
        let sessions =
            SessionPolicy::EndAllBut { known: others, begun: Box::new(begun.clone()), keep: *keep };
        let change = AccountChange {
            changed: Account { password_hash, ..read.clone() },
            read,
            sessions,
            caller: Some(*caller),
            counted: Some(counted),
            room: *room,
            now: opening.now,
        };
        Step::Change(Box::new(Changing { flow, change, begun }))
    }
}

impl Changing {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.change.read.user_id
    }

    /// Returns the session that begins.
    #[must_use]
    pub fn begun(&self) -> SessionId {
        self.begun.session_id
    }

    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok((account, self.begun))),
            Err(AccountChangeError::AccountDiffers) => self.flow.query(),
            Err(AccountChangeError::CallerSignedOut) => failed(PasswordChangeError::SessionOver),
        }
    }
}

fn failed(error: PasswordChangeError) -> Step {
    Step::Done(Err(error))
}
