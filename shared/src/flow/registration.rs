//! A registration: an account and its first session, for deployments that require a verified address first too.
//!
//! Until the address is verified there is no account: the row of the code holds name and password. One address may have
//! any number of such rows, and each is confirmed separately, so that nobody gets an account with a password that
//! somebody else chose.
//!
//! # Invariants
//! * A confirmation needs two secrets of one row: the mailed code, and a secret that only the registering user has, the
//!   browser's half or the password.
//! * The account, its session and the use of the code happen together or not at all, and only while the address is free.

use super::admission::{Admitted, Attempt};
use super::reservation::BlockedError;
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::code::{Code, CodeId, CodeToken, Half, Pending, PresentedCode, Purpose};
use crate::email::Email;
use crate::ids::UserId;
use crate::refresh_token::RefreshKeys;
use crate::session::Session;
use crate::{Seconds, Timestamp};

/// A new account with its first session.
#[derive(Clone)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
    /// The mail about it.
    pub mail: Option<Box<Code>>,
    /// The code that allows it. It must be unused, and is used up.
    pub code: Option<CodeId>,
}

/// The reason why no account is opened, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewAccountError {
    /// The address has an account.
    #[error("the address has an account")]
    AddressTaken,
    /// The code is used or gone.
    #[error("the code has been used")]
    CodeUsed,
}

/// The input for an account and its session, without name, address and password.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The user.
    pub user_id: UserId,
    /// The settings of the session.
    pub opening: Opening,
    /// The random values of the session.
    pub fresh: Fresh,
}

/// The input of a confirmation.
#[derive(Clone)]
pub struct Confirmation {
    /// The mailed code.
    pub token: CodeToken,
    /// The proof that the caller is the one who registered.
    pub registrant: Registrant,
    /// The input for the account and its session.
    pub beginning: Beginning,
}

/// The proof that the caller of a confirmation is the one who registered.
#[derive(Clone)]
pub enum Registrant {
    /// The browser's half of the code.
    Browser(CodeToken),
    /// The address and the password, which counts as a sign-in attempt.
    Password(Box<Attempt>),
}

/// The next request to DynamoDB, the password to compare, or the outcome.
pub enum Step {
    /// Read the row of the code, consistently.
    ReadCode(Box<ReadingCode>),
    /// Count the attempt.
    Admit(Box<Admitting>),
    /// Compare the password.
    Verify(Box<Verifying>),
    /// Open the account.
    Open(Box<Confirming>),
    /// Subtract the attempt from its count. A failure of this has no other effect.
    Settle(Box<Settling>),
    /// The confirmation is over.
    Done(Result<Box<NewAccount>, ConfirmationError>),
}

/// The reason why no account is opened, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmationError {
    /// The code is forged, used, expired or for another purpose, or the address has an account by now.
    #[error("the code does not work")]
    Code,
    /// The password is not that of the registration.
    #[error("wrong password")]
    Password,
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// The seconds to wait, at least one.
        retry_after: Seconds,
    },
}

/// A confirmation that waits for the row of the code.
pub struct ReadingCode {
    /// The code, which identifies the row.
    pub presented: PresentedCode,
    registrant: Registrant,
    beginning: Beginning,
}

/// A confirmation by password that waits for admission.
pub struct Admitting {
    /// The attempt to admit.
    pub attempt: Attempt,
    registration: Registration,
}

/// A confirmation whose password is being compared.
pub struct Verifying {
    registration: Registration,
    counted: CountedIn,
}

/// An account that is being opened.
pub struct Confirming {
    /// The account.
    pub new: NewAccount,
    counted: Option<CountedIn>,
}

/// A new account, whose password attempt is still counted.
pub struct Settling {
    /// Where the attempt is counted.
    pub counted: CountedIn,
    new: NewAccount,
}

/// The registration of a genuine code.
struct Registration {
    code_id: CodeId,
    email: Email,
    pending: Pending,
    beginning: Beginning,
}

impl Beginning {
    /// Returns the account with its first session.
    #[must_use]
    pub fn open(self, email: Email, pending: Pending, email_verified_at: Option<Timestamp>) -> NewAccount {
        let Self { user_id, opening, fresh } = self;
        let Pending { name, password_hash } = pending;
        let account = Account {
            password_hash: Some(password_hash),
            email_verified_at,
            ..Account::new(email, user_id, name, opening.now)
        };
        let session = opening.open(user_id, account.profile(), fresh);
        NewAccount { account, session, mail: None, code: None }
    }
}

impl Confirmation {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        let Self { token, registrant, beginning } = self;
        let presented =
            PresentedCode { token, purposes: &[Purpose::Registration], now: beginning.opening.now };
        Step::ReadCode(Box::new(ReadingCode { presented, registrant, beginning }))
    }
}

impl ReadingCode {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, row: Option<Code>, keys: &RefreshKeys) -> Step {
        let Self { presented, registrant, beginning } = self;
        let genuine = presented.genuine(row, keys).filter(|code| registrant.may_confirm(code, keys));
        let Some(Code { code_id, email, pending: Some(pending), .. }) = genuine else {
            return Step::Done(Err(ConfirmationError::Code));
        };
        let registration = Registration { code_id, email, pending, beginning };
        match registrant {
            Registrant::Browser(_) => registration.open(None),
            Registrant::Password(attempt) => {
                Step::Admit(Box::new(Admitting { attempt: *attempt, registration }))
            }
        }
    }
}

impl Registrant {
    /// Returns whether the caller may confirm the row. A password is compared later.
    fn may_confirm(&self, code: &Code, keys: &RefreshKeys) -> bool {
        match self {
            Self::Browser(token) => token.is_of(code, Half::Browser, keys),
            Self::Password(attempt) => attempt.email == code.email,
        }
    }
}

impl Admitting {
    /// Takes the outcome of the admission. If it found an account, the transaction will fail.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        let registration = self.registration;
        match admitted {
            Ok(Admitted { counted, .. }) => Step::Verify(Box::new(Verifying { registration, counted })),
            Err(BlockedError { retry_after }) => Step::Done(Err(ConfirmationError::Blocked { retry_after })),
        }
    }
}

impl Verifying {
    /// Returns the hash to compare the password with.
    #[must_use]
    pub fn password_hash(&self) -> &str {
        &self.registration.pending.password_hash
    }

    /// Takes whether the password is right.
    #[must_use]
    pub fn then(self, is_right: bool) -> Step {
        let Self { registration, counted } = self;
        if is_right { registration.open(Some(counted)) } else { Step::Done(Err(ConfirmationError::Password)) }
    }
}

impl Registration {
    fn open(self, counted: Option<CountedIn>) -> Step {
        let Self { code_id, email, pending, beginning } = self;
        let proven_at = Some(beginning.opening.now);
        let new = NewAccount { code: Some(code_id), ..beginning.open(email, pending, proven_at) };
        Step::Open(Box::new(Confirming { new, counted }))
    }
}

impl Confirming {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, opened: Result<(), NewAccountError>) -> Step {
        let Self { new, counted } = self;
        match (opened, counted) {
            (Err(NewAccountError::AddressTaken | NewAccountError::CodeUsed), _) => {
                Step::Done(Err(ConfirmationError::Code))
            }
            (Ok(()), Some(counted)) => Step::Settle(Box::new(Settling { counted, new })),
            (Ok(()), None) => Step::Done(Ok(Box::new(new))),
        }
    }
}

impl Settling {
    /// The attempt is subtracted, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(Box::new(self.new)))
    }
}
