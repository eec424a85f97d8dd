//! The use of a mailed code: the row says whether it is genuine, the account whether it is still good, and the change that it
//! allows is one transaction with the end of the code.
//!
//! # Invariants
//! * A text that no row makes changes nothing, whatever account it names.
//! * Of any number of uses of one code at once, one succeeds.

use super::Asking;
use super::account_change::{AccountChange, AccountChangeError, Becomes, Changed, SessionPolicy};
use super::mailing::Mailing;
use crate::Timestamp;
use crate::account::Account;
use crate::code::{Code, CodeId, CodeToken, Half, Purpose};
use crate::email::Email;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::RefreshKeys;
use crate::session::OwnSessions;

/// How many times a use is begun while its account keeps changing.
const TRIES: u8 = 3;

/// What the use of a code begins with.
#[derive(Clone)]
pub struct CodeUse {
    /// The code, as it was presented.
    pub token: CodeToken,
    /// What the code is to do.
    pub act: Act,
    /// The mail that tells of a new password.
    pub notice: Option<Mailing>,
    /// How many sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// What a code does.
#[derive(Clone)]
pub enum Act {
    /// Replaces the password, ends all sessions, and proves the address.
    Reset,
    /// Proves the address of the caller's account.
    Verify(Asking),
}

/// The next request to DynamoDB, the password to hash, or the outcome.
pub enum Step {
    /// Read the row of the code, consistently.
    ReadCode(Box<ReadingCode>),
    /// Read the account and query the user's sessions, both consistently.
    ReadAccount(Box<ReadingAccount>),
    /// Judge and hash the new password.
    Hash(Box<Hashing>),
    /// Change the account.
    Change(Box<Changing>),
    /// The use is over.
    Done(Result<Box<Account>, CodeUseError>),
}

/// Why nothing is changed, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeUseError {
    /// The code is forged, used, over, for something else, of another account, or from before a change of this one.
    #[error("the code does not work")]
    Code,
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A use that waits for the row of the code.
pub struct ReadingCode {
    request: CodeUse,
}

/// A genuine code that waits for its account.
pub struct ReadingAccount {
    flow: Flow,
    user_id: UserId,
}

/// A code that works, and replaces the password.
pub struct Hashing {
    flow: Flow,
    account: Account,
    sessions: Vec<SessionId>,
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
    tries_left: u8,
}

impl CodeUse {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::ReadCode(Box::new(ReadingCode { request: self }))
    }
}

impl Act {
    fn purpose(&self) -> Purpose {
        match self {
            Self::Reset => Purpose::Reset,
            Self::Verify(_) => Purpose::Verify,
        }
    }

    fn asking(&self) -> Option<Asking> {
        match self {
            Self::Reset => None,
            Self::Verify(asking) => Some(*asking),
        }
    }
}

impl ReadingCode {
    /// Returns the key of the row.
    #[must_use]
    pub fn code_id(&self) -> CodeId {
        self.request.token.code_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, row: Option<Code>, keys: &RefreshKeys) -> Step {
        let request = self.request;
        let is_good = |code: &Code| {
            request.token.is_of(code, Half::Mail, keys)
                && code.purpose == request.act.purpose()
                && !code.is_over(request.now)
        };
        match row.filter(is_good) {
            Some(code) => Flow { request, code, tries_left: TRIES }.read_account(),
            None => failed(CodeUseError::Code),
        }
    }
}

impl Flow {
    fn read_account(self) -> Step {
        let Some(tries_left) = self.tries_left.checked_sub(1) else {
            return failed(CodeUseError::AccountChanging);
        };
        let asks_another =
            |user_id| self.request.act.asking().is_some_and(|asking| asking.user_id != user_id);
        match self.code.account.map(|account| account.user_id) {
            Some(user_id) if !asks_another(user_id) => {
                let flow = Self { tries_left, ..self };
                Step::ReadAccount(Box::new(ReadingAccount { flow, user_id }))
            }
            Some(_) | None => failed(CodeUseError::Code),
        }
    }
}

impl ReadingAccount {
    /// Returns the address of the account to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.flow.code.email
    }

    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, account: Option<Account>, own: &OwnSessions) -> Step {
        let flow = self.flow;
        let asking = flow.request.act.asking();
        if asking.is_some_and(|asking| !own.has_living(asking.session_id, flow.request.now)) {
            return failed(CodeUseError::SessionOver);
        }
        let Some(account) = account.filter(|account| flow.code.is_of(account)) else {
            return failed(CodeUseError::Code);
        };
        match flow.request.act {
            Act::Reset => Step::Hash(Box::new(Hashing { flow, account, sessions: own.all() })),
            Act::Verify(_) => {
                let changed = flow.proven(&account);
                flow.change(account, changed, SessionPolicy::Update, None)
            }
        }
    }
}

impl Hashing {
    /// Returns the account, whose own words are no password.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Takes the hash of the new password.
    #[must_use]
    pub fn then(self, password_hash: String) -> Step {
        let Self { flow, account, sessions } = self;
        let changed = Account { password_hash, ..flow.proven(&account) };
        let mail = flow.request.notice.as_ref().map(|notice| Box::new(notice.to(&changed)));
        flow.change(account, changed, SessionPolicy::EndAll(sessions), mail)
    }
}

impl Flow {
    /// Whoever has the code reads what is mailed to the address.
    fn proven(&self, account: &Account) -> Account {
        let email_verified_at = account.email_verified_at.or(Some(self.request.now));
        Account { email_verified_at, ..account.clone() }
    }

    fn change(
        self,
        read: Account,
        changed: Account,
        sessions: SessionPolicy,
        mail: Option<Box<Code>>,
    ) -> Step {
        let CodeUse { token, room, now, .. } = self.request;
        let change = AccountChange {
            read,
            becomes: Becomes::Account(Box::new(changed)),
            sessions,
            caller: None,
            code: Some(token.code_id),
            mail,
            counted: None,
            room,
            now,
        };
        Step::Change(Box::new(Changing { change, flow: self }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(Box::new(account))),
            Err(AccountChangeError::CodeUsed) => failed(CodeUseError::Code),
            // The second can't be: no session asks.
            Err(AccountChangeError::AccountDiffers | AccountChangeError::CallerSignedOut) => {
                self.flow.read_account()
            }
        }
    }
}

fn failed(error: CodeUseError) -> Step {
    Step::Done(Err(error))
}
