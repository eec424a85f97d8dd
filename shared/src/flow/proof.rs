//! A proof: the caller knows the present password and has a second factor, if the account has one, or has used a
//! passkey a moment ago; from a session that lives. What follows may change the account.
//!
//! # Invariants
//! * An access token outlives its session. Without a living session nothing is counted, and no password compared.
//! * A second factor is used by the write that the proof allows, and by no other.

use super::admission::{Admitted, Attempt};
use super::mailing::Mailing;
use super::reservation::BlockedError;
use super::sign_in::Opening;
use crate::account::Account;
use crate::attempts::{CountedIn, TakeBack};
use crate::authentication::AuthenticationMethods;
use crate::code::Code;
use crate::email::Email;
use crate::factor::{Checked, FactorKinds, FactorUse, Presented};
use crate::ids::{SessionId, UserId};
use crate::session::{OwnSessions, Summary};
use crate::{Seconds, Timestamp};

/// The input of a proof.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The user, by the access token.
    pub user_id: UserId,
    /// The caller's session.
    pub caller: SessionId,
    /// Whether a password was typed. Without one, a passkey that was used a moment ago is proof enough.
    pub has_password: bool,
    /// The account whose password is compared, and the lane that counts the attempt.
    pub attempt: Attempt,
    /// The mail that tells that the last recovery code was used, if mail is on.
    pub used_up: Option<Mailing>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the password to compare, or the outcome.
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Box<Querying>),
    /// Read the account, consistently.
    Read(Box<Reading>),
    /// Read the account and count the attempt.
    Admit(Box<Admitting>),
    /// Compare the password.
    Verify(Box<Verifying>),
    /// Take the attempt from its count: the password is right, and a second factor is asked for.
    TakeBack(TakingBack),
    /// The proof has succeeded or failed.
    Done(Result<Box<Proven>, ProofError>),
}

/// A successful proof.
pub struct Proven {
    /// The account as it was read.
    pub account: Account,
    /// The user's sessions without the caller's.
    pub others: Vec<SessionId>,
    /// Where the attempt is counted. None if no password was compared.
    pub counted: Option<CountedIn>,
    /// The use of the second factor, if one was.
    pub used: Option<FactorUse>,
    /// What the proof was.
    pub methods: AuthenticationMethods,
    /// When it was given: now, or when the passkey was used.
    pub authenticated_at: Timestamp,
    /// What is mailed about the factor that was used.
    pub mail: Option<Code>,
}

/// The reason why a proof failed, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The caller's session has ended.
    #[error("the session has ended")]
    SessionOver,
    /// No password was typed, and no passkey was used a moment ago.
    #[error("no password, and no passkey a moment ago")]
    PasswordMissing,
    /// The password is wrong, or the account is gone.
    #[error("wrong password, or the account is gone")]
    Credentials,
    /// The password is right, and the second factor is wrong or was used before. The client must not learn the difference to
    /// [`ProofError::Credentials`].
    #[error("right password, wrong second factor")]
    Factor,
    /// The data key of the second factor is missing. The client gets the answer of [`ProofError::Credentials`].
    #[error("the data key of the second factor is missing")]
    DataKeyMissing,
    /// The password is right, and one of these is asked for too.
    #[error("a second factor is asked for")]
    FactorRequired(FactorKinds),
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// The seconds to wait, at least one.
        retry_after: Seconds,
    },
}

/// The reason why a change with a proof is not made, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProvenChangeError {
    /// The proof failed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The account changed during each try.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A proof that waits for the user's sessions.
pub struct Querying {
    request: Proof,
}

/// A proof that needs no password.
pub struct Reading {
    request: Proof,
    others: Vec<SessionId>,
    methods: AuthenticationMethods,
    authenticated_at: Timestamp,
}

/// A proof that waits for admission.
pub struct Admitting {
    request: Proof,
    others: Vec<SessionId>,
}

/// A proof whose password is being compared.
pub struct Verifying {
    request: Proof,
    others: Vec<SessionId>,
    account: Option<Account>,
    counted: CountedIn,
}

/// A proof that is not given, since a second factor is asked for.
pub struct TakingBack {
    /// The write. If it fails, the attempt stays counted.
    pub write: TakeBack,
    factors: FactorKinds,
}

impl Proof {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Query(Box::new(Querying { request: self }))
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
        let request = self.request;
        let Some(asking) = own.find_living(request.caller, request.now) else {
            return failed(ProofError::SessionOver);
        };
        let others = own.all_but(request.caller);
        if request.has_password {
            Step::Admit(Box::new(Admitting { request, others }))
        } else if asking.is_fresh_by_passkey(request.now) {
            let Summary { amr: methods, authenticated_at, .. } = *asking;
            Step::Read(Box::new(Reading { request, others, methods, authenticated_at }))
        } else {
            failed(ProofError::PasswordMissing)
        }
    }
}

impl Reading {
    /// Returns the address of the account.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.request.attempt.email
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, account: Option<Account>) -> Step {
        let Self { request, others, methods, authenticated_at } = self;
        match account.filter(|account| account.user_id == request.user_id && !account.is_disabled()) {
            Some(account) => {
                let (counted, used, mail) = (None, None, None);
                let proven = Proven { account, others, counted, used, methods, authenticated_at, mail };
                Step::Done(Ok(Box::new(proven)))
            }
            // Whatever comes next finds the session over too.
            None => failed(ProofError::SessionOver),
        }
    }
}

impl Admitting {
    /// Returns the attempt to admit.
    #[must_use]
    pub fn attempt(&self) -> &Attempt {
        &self.request.attempt
    }

    /// Takes the outcome of the admission.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        let Self { request, others } = self;
        match admitted {
            Ok(Admitted { account, counted }) => {
                // The address may belong to another account by now.
                let account = account.filter(|account| account.user_id == request.user_id);
                Step::Verify(Box::new(Verifying { request, others, account, counted }))
            }
            Err(BlockedError { retry_after }) => failed(ProofError::Blocked { retry_after }),
        }
    }
}

impl Verifying {
    /// Returns the hash to compare the password with. `None` if the account is gone or has no password: the typed password is
    /// hashed all the same.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        self.account.as_ref()?.usable_password_hash()
    }

    /// Takes whether the password is right, and the second factor that came along. It is checked only if the password is right.
    #[must_use]
    pub fn then(self, is_right: bool, presented: Presented<'_>) -> Step {
        let Self { request, others, account, counted } = self;
        let Some(account) = account.filter(|_| is_right) else { return failed(ProofError::Credentials) };
        let used = match account.factors.check(account.user_id, presented) {
            Checked::NotNeeded => None,
            Checked::Right(used) => Some(used),
            Checked::Wrong => return failed(ProofError::Factor),
            Checked::KeyMissing => return failed(ProofError::DataKeyMissing),
            Checked::Missing(factors) => {
                return Step::TakeBack(TakingBack { write: counted.taken_back_alone(), factors });
            }
        };
        let methods = match &used {
            Some(_) => AuthenticationMethods::PASSWORD.with(AuthenticationMethods::ONE_TIME_PASSWORD),
            None => AuthenticationMethods::PASSWORD,
        };
        let used_up = request.used_up.filter(|_| used.as_ref().is_some_and(FactorUse::is_last_code));
        let mail = used_up.and_then(|mailing| mailing.notice_to(&account));
        let (counted, authenticated_at) = (Some(counted), request.now);
        let proven = Proven { account, others, counted, used, methods, authenticated_at, mail };
        Step::Done(Ok(Box::new(proven)))
    }
}

impl TakingBack {
    /// It is taken back, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        failed(ProofError::FactorRequired(self.factors))
    }
}

impl Proven {
    /// Returns the account as the use of the second factor leaves it.
    #[must_use]
    pub fn used_account(&self) -> Account {
        let factors = self.account.factors.clone();
        let factors = self.used.as_ref().map_or(factors, |used| self.account.factors.after(used));
        Account { factors, ..self.account.clone() }
    }

    /// Returns what a session begins with that takes the place of the one that asks.
    #[must_use]
    pub fn opening(&self, opening: &Opening) -> Opening {
        let Self { methods, authenticated_at, .. } = *self;
        Opening { methods, authenticated_at, ..opening.clone() }
    }
}

fn failed(error: ProofError) -> Step {
    Step::Done(Err(error))
}
