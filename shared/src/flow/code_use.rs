//! The use of a mailed code: the row shows whether it is genuine, the account whether it is still valid, and one
//! transaction makes the change and uses the code up.
//!
//! # Invariants
//! * A text that does not belong to its row changes nothing, whatever account it names.
//! * Of several concurrent uses of one code, one succeeds.
//! * A change is based on a consistent read of the account. Only the address to which the account has moved comes from
//!   an index, as a hint.

mod act;

use super::account_change::{AccountChange, AccountChangeError, Changed};
use super::mail_reservation::{self, Reserved};
use super::mailing::Mailing;
use crate::Timestamp;
use crate::account::Account;
use crate::attempts::Lane;
use crate::code::{Code, CodeToken, PresentedCode, Purpose};
use crate::email::Email;
use crate::ids::{AttemptId, UserId};
use crate::mail_lane::{Limits, TakeBack};
use crate::passkey::Passkey;
use crate::refresh_token::RefreshKeys;
use crate::session::OwnSessions;
use act::Known;
pub use act::{Act, Confirmation, UndoMails};

/// The number of tries if the account keeps changing.
const TRIES: u8 = 3;

/// The input of the use of a code.
#[derive(Clone)]
pub struct CodeUse {
    /// The presented code.
    pub token: CodeToken,
    /// The effect of the code.
    pub act: Act,
    /// The mails that accompany it: about a new password, or an undone change of address.
    pub mailing: Option<Mailing>,
    /// The number of sessions that the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the password to hash, or the outcome.
pub enum Step {
    /// Read the row of the code, consistently.
    ReadCode(Box<ReadingCode>),
    /// Read the account and query the user's sessions, both consistently.
    ReadAccount(Box<ReadingAccount>),
    /// Query the index for the current address of the user's account.
    Find(Box<Finding>),
    /// Query the user's passkeys, consistently.
    ReadPasskeys(Box<ReadingPasskeys>),
    /// Judge and hash the new password.
    Hash(Box<Hashing>),
    /// Count the mail with which the owner sets a password after an undo.
    CountMail(Box<CountingMail>),
    /// Change the account.
    Change(Box<Changing>),
    /// The use is over.
    Done(Result<Box<Changed>, CodeUseError>),
}

/// The reason why nothing has changed, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeUseError {
    /// The code is forged, used, expired, for another purpose or account, or from before a change of this one.
    #[error("the code does not work")]
    Code,
    /// The caller's session has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The account changed during each try.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A use that waits for the row of the code.
pub struct ReadingCode {
    /// The code, which identifies the row.
    pub presented: PresentedCode,
    request: CodeUse,
}

/// A genuine code that waits for its account.
pub struct ReadingAccount {
    flow: Flow,
    user_id: UserId,
    email: Email,
}

/// A code that undoes a change of the address of an account that has moved since.
pub struct Finding {
    flow: Flow,
    user_id: UserId,
    has_sessions: bool,
}

/// A code that works, and may remove passkeys.
pub struct ReadingPasskeys {
    flow: Flow,
    account: Account,
    own: OwnSessions,
}

/// A valid code that replaces the password.
pub struct Hashing {
    flow: Flow,
    account: Account,
    own: OwnSessions,
}

/// An allowed undo that waits for the count of its mail. It continues whatever the result: without the mail, nobody could use the
/// account.
pub struct CountingMail {
    flow: Flow,
    lane: Lane,
    limits: Limits,
    account: Account,
    own: OwnSessions,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
}

struct Flow {
    request: CodeUse,
    code: Code,
    /// The lane in which a mail must still be counted before the change.
    uncounted: Option<(Lane, Limits)>,
    counted: Option<Reserved>,
    /// Those of the account, if the use may remove some.
    passkeys: Vec<Passkey>,
    tries_left: u8,
}

impl CodeUse {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        let presented = PresentedCode { token: self.token, purposes: self.act.purposes(), now: self.now };
        Step::ReadCode(Box::new(ReadingCode { presented, request: self }))
    }
}

impl ReadingCode {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, row: Option<Code>, keys: &RefreshKeys) -> Step {
        let Self { presented, request } = self;
        match presented.genuine(row, keys) {
            Some(code) => Flow::new(request, code, keys).read_account(),
            None => failed(CodeUseError::Code),
        }
    }
}

impl Flow {
    fn new(request: CodeUse, code: Code, keys: &RefreshKeys) -> Self {
        let lane = |limits| (Lane::of_mail(Purpose::Reset, &code.email, keys), limits);
        let uncounted = request.act.limits().map(lane);
        Self { request, code, uncounted, counted: None, passkeys: Vec::new(), tries_left: TRIES }
    }

    /// Starts again at the address to which the account has moved.
    fn read_account(self) -> Step {
        let email = self.request.act.address(&self.code).clone();
        self.read_account_at(email)
    }

    fn read_account_at(self, email: Email) -> Step {
        let Some(tries_left) = self.tries_left.checked_sub(1) else {
            return failed(CodeUseError::AccountChanging);
        };
        let asks_another =
            |user_id| self.request.act.asking().is_some_and(|asking| asking.user_id != user_id);
        match self.code.account.map(|account| account.user_id) {
            Some(user_id) if !asks_another(user_id) => {
                let flow = Self { tries_left, ..self };
                Step::ReadAccount(Box::new(ReadingAccount { flow, user_id, email }))
            }
            Some(_) | None => failed(CodeUseError::Code),
        }
    }
}

impl ReadingAccount {
    /// Returns the address of the account to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, account: Option<Account>, own: OwnSessions) -> Step {
        let Self { flow, user_id, .. } = self;
        let asking = flow.request.act.asking();
        if asking.is_some_and(|asking| !own.has_living(asking.session_id, flow.request.now)) {
            return failed(CodeUseError::SessionOver);
        }
        match (account.filter(|account| account.user_id == user_id), &flow.request.act) {
            (None, Act::Undo(_)) => {
                let has_sessions = !own.all().is_empty();
                Step::Find(Box::new(Finding { flow, user_id, has_sessions }))
            }
            (Some(account), act) if act.is_allowed(&flow.code, &account) => {
                if act.may_remove_passkeys(&account) {
                    Step::ReadPasskeys(Box::new(ReadingPasskeys { flow, account, own }))
                } else {
                    flow.allowed(account, own, Vec::new())
                }
            }
            (Some(_) | None, _) => failed(CodeUseError::Code),
        }
    }
}

impl Flow {
    fn allowed(self, account: Account, own: OwnSessions, passkeys: Vec<Passkey>) -> Step {
        let mut flow = Self { passkeys, ..self };
        match (&flow.request.act, flow.uncounted.take()) {
            (Act::Reset, _) => Step::Hash(Box::new(Hashing { flow, account, own })),
            (Act::Undo(_), Some((lane, limits))) => {
                Step::CountMail(Box::new(CountingMail { flow, lane, limits, account, own }))
            }
            (Act::Verify(_) | Act::Confirm(_) | Act::Undo(_), _) => flow.change(account, &own, None),
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
    pub fn then(self, passkeys: Vec<Passkey>) -> Step {
        self.flow.allowed(self.account, self.own, passkeys)
    }
}

impl Finding {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Takes the answer of the index. A move is a delete and a put, and the index may have seen only the delete: an account
    /// that has sessions still exists.
    #[must_use]
    pub fn then(self, email: Option<Email>) -> Step {
        match email {
            Some(email) => self.flow.read_account_at(email),
            None if self.has_sessions => self.flow.read_account(),
            None => failed(CodeUseError::Code),
        }
    }
}

impl Hashing {
    /// Returns the account, whose own words must not be the password.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Takes the hash of the new password.
    #[must_use]
    pub fn then(self, password_hash: String) -> Step {
        let Self { flow, account, own } = self;
        flow.change(account, &own, Some(password_hash))
    }
}

impl CountingMail {
    /// Returns the first step of the count. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> mail_reservation::Step {
        mail_reservation::start(self.lane.clone(), by, self.limits, self.flow.request.now)
    }

    /// Returns the write that subtracts the mail from the count of its lane if it is not sent.
    #[must_use]
    pub fn taken_back(&self) -> TakeBack {
        TakeBack { lane: self.lane.clone() }
    }

    /// Takes the answer.
    #[must_use]
    pub fn then(self, reserved: Reserved) -> Step {
        let Self { flow, account, own, .. } = self;
        Flow { counted: Some(reserved), ..flow }.change(account, &own, None)
    }
}

impl Flow {
    fn change(self, account: Account, own: &OwnSessions, password_hash: Option<String>) -> Step {
        let known = Known { own, counted: self.counted.as_ref(), passkeys: &self.passkeys };
        match self.request.change(&self.code, account, known, password_hash) {
            Some(change) => Step::Change(Box::new(Changing { change, flow: self })),
            None => failed(CodeUseError::Code),
        }
    }
}

impl Changing {
    /// Takes the outcome of the change.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(changed) => Step::Done(Ok(Box::new(changed))),
            Err(AccountChangeError::CodeUsed | AccountChangeError::AddressTaken) => {
                failed(CodeUseError::Code)
            }
            // No factor is used, and no passkey added.
            Err(
                AccountChangeError::AccountDiffers
                | AccountChangeError::CallerSignedOut
                | AccountChangeError::FactorUsed
                | AccountChangeError::PasskeyExists,
            ) => self.flow.read_account(),
        }
    }
}

fn failed(error: CodeUseError) -> Step {
    Step::Done(Err(error))
}

#[cfg(test)]
mod tests;
