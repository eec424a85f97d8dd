//! A proof: the caller knows the present password, from a session that lives. What follows may change the account.
//!
//! # Invariants
//! An access token outlives its session. Without a living session nothing is counted, and no password compared.

use super::account_change::AccountChangeError;
use super::admission::{Admitted, Attempt};
use super::reservation::BlockedError;
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::ids::{SessionId, UserId};
use crate::session::OwnSessions;
use crate::{Seconds, Timestamp};

/// How many times a change that needs a proof is begun, password and all, while its account keeps changing.
pub(super) const TRIES: u8 = 3;

/// What a proof begins with.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The user, by the access token.
    pub user_id: UserId,
    /// The session that asks.
    pub caller: SessionId,
    /// Whose password is compared, and where that is counted.
    pub attempt: Attempt,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the password to compare, or the outcome.
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Querying),
    /// Read the account and count the attempt.
    Admit(Admitting),
    /// Compare the password.
    Verify(Verifying),
    /// The proof is given, or not.
    Done(Result<Box<Proven>, ProofError>),
}

/// A proof that was given.
pub struct Proven {
    /// The account as it was read.
    pub account: Account,
    /// The user's sessions, but for the one that asks.
    pub others: Vec<SessionId>,
    /// Where the attempt is counted.
    pub counted: CountedIn,
}

/// Why a proof is not given, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The password is wrong, or the account is gone.
    #[error("wrong password, or the account is gone")]
    Credentials,
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// How long to wait, in seconds, at least one.
        retry_after: Seconds,
    },
}

/// Why a change that needs a proof is not made, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProvenChangeError {
    /// The proof was not given.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
}

/// What becomes of a change that needs a proof when its transaction fails: it is refused, or (None) begun anew.
pub(super) fn refused(error: AccountChangeError) -> Option<ProvenChangeError> {
    match error {
        AccountChangeError::CallerSignedOut => Some(ProofError::SessionOver.into()),
        // Only the first can be: no code is used, and no address.
        AccountChangeError::AccountDiffers
        | AccountChangeError::CodeUsed
        | AccountChangeError::AddressTaken => None,
    }
}

/// A proof that waits for the user's sessions.
pub struct Querying {
    request: Proof,
}

/// A proof that waits for admission.
pub struct Admitting {
    /// What is to be admitted.
    pub attempt: Attempt,
    user_id: UserId,
    others: Vec<SessionId>,
}

/// A proof whose password is being compared.
pub struct Verifying {
    others: Vec<SessionId>,
    account: Option<Account>,
    counted: CountedIn,
}

impl Proof {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Query(Querying { request: self })
    }
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.request.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let Proof { user_id, caller, attempt, now } = self.request;
        if !own.has_living(caller, now) {
            return Step::Done(Err(ProofError::SessionOver));
        }
        Step::Admit(Admitting { attempt, user_id, others: own.all_but(caller) })
    }
}

impl Admitting {
    /// Takes the outcome of the admission.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        let Self { user_id, others, .. } = self;
        match admitted {
            Ok(Admitted { account, counted }) => {
                // The address may by now belong to somebody else's account.
                let account = account.filter(|account| account.user_id == user_id);
                Step::Verify(Verifying { others, account, counted })
            }
            Err(BlockedError { retry_after }) => Step::Done(Err(ProofError::Blocked { retry_after })),
        }
    }
}

impl Verifying {
    /// Returns the hash to compare the password with. None if the account is gone or has no password: the one that was typed is
    /// hashed all the same.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        self.account.as_ref()?.usable_password_hash()
    }

    /// Takes whether the password is right.
    #[must_use]
    pub fn then(self, is_right: bool) -> Step {
        let Self { others, account, counted } = self;
        let account = account.filter(|_| is_right).ok_or(ProofError::Credentials);
        Step::Done(account.map(|account| Box::new(Proven { account, others, counted })))
    }
}
