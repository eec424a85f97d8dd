//! A registration: an account and its first session, where an address must be proven first too.
//!
//! Until it is proven there is no account: the name and the password wait in the row of the code. Any number of such rows may
//! exist for one address, and each is confirmed by itself, so nobody gets an account with a password that somebody else chose.
//!
//! # Invariants
//! * A confirmation needs two secrets of one row: the code that was mailed, and what only the one who registered has, the
//!   browser's half or the password.
//! * The account, its session and the use of the code come together or not at all, and only while the address is free.

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

/// An account that is to be opened, with its first session.
#[derive(Clone)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
    /// What is mailed about it.
    pub mail: Option<Box<Code>>,
    /// The code that allows it, which must be unused. It is used up.
    pub code: Option<CodeId>,
}

/// Why no account is opened, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewAccountError {
    /// The address has an account.
    #[error("the address has an account")]
    AddressTaken,
    /// The code has been used, or is gone.
    #[error("the code has been used")]
    CodeUsed,
}

/// What an account and its session begin with, but for the name, the address and the password.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The user.
    pub user_id: UserId,
    /// How the session is opened.
    pub opening: Opening,
    /// What is drawn for the session.
    pub fresh: Fresh,
}

/// What a confirmation begins with.
#[derive(Clone)]
pub struct Confirmation {
    /// The code that was mailed.
    pub token: CodeToken,
    /// What shows that this is the one who registered.
    pub registrant: Registrant,
    /// What the account and its session begin with.
    pub beginning: Beginning,
}

/// What shows that the one who confirms is the one who registered.
#[derive(Clone)]
pub enum Registrant {
    /// The browser's half of the code.
    Browser(CodeToken),
    /// The address and the password, which is compared as an attempt to sign in.
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
    /// Take the attempt from its count. If that fails, nothing else does.
    Settle(Box<Settling>),
    /// The confirmation is over.
    Done(Result<Box<NewAccount>, ConfirmationError>),
}

/// Why no account is opened, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmationError {
    /// The code is forged, used, over or for something else, or the address has an account by now.
    #[error("the code does not work")]
    Code,
    /// The password is not the one of the registration.
    #[error("wrong password")]
    Password,
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// How long to wait, in seconds, at least one.
        retry_after: Seconds,
    },
}

/// A confirmation that waits for the row of the code.
pub struct ReadingCode {
    /// The code, which names the row.
    pub presented: PresentedCode,
    registrant: Registrant,
    beginning: Beginning,
}

/// A confirmation by password that waits for admission.
pub struct Admitting {
    /// What is to be admitted.
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

/// An account that is opened, by an attempt that is still counted.
pub struct Settling {
    /// Where the attempt is counted.
    pub counted: CountedIn,
    new: NewAccount,
}

/// The registration that a genuine code names.
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
    /// Whether the row is one that they may confirm. A password is compared later.
    fn may_confirm(&self, code: &Code, keys: &RefreshKeys) -> bool {
        match self {
            Self::Browser(token) => token.is_of(code, Half::Browser, keys),
            Self::Password(attempt) => attempt.email == code.email,
        }
    }
}

impl Admitting {
    /// Takes the outcome of the admission. An account that it found makes the transaction fail.
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
    /// It is taken back, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(Box::new(self.new)))
    }
}
