//! A sign-in with a passkey: the challenge is taken, the passkey and the account are read, the signature is verified, and the session
//! created while the account is as it was read.
//!
//! # Invariants
//! * A challenge is taken before its answer is verified.
//! * A session comes into being only while the account is as the sign-in read it. Whatever removes a passkey changes the account, so
//!   no removed passkey signs in.
//! * Whatever is wrong, the answer is the same.

use super::mailing::Mailing;
use super::sign_in::{Fresh, Opening};
use super::sweep;
use crate::Timestamp;
use crate::account::Account;
use crate::code::{Code, CodeId};
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::UserId;
use crate::passkey::{Challenge, ChallengeKind, CredentialId, Passkey, PasskeyUse};
use crate::refresh_token::RefreshKeys;
use crate::session::Session;

/// How many times the account is read while it keeps changing.
const TRIES: u8 = 3;

/// The input of a sign-in.
#[derive(Clone, Debug)]
pub struct PasskeySignIn {
    /// The challenge.
    pub code_id: CodeId,
    /// The user, by the user handle of the answer.
    pub user_id: UserId,
    /// The passkey, by the answer.
    pub credential_id: CredentialId,
    /// What the session begins with.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// The mail about an unknown device, if such mails are on.
    pub notice: Option<Mailing>,
    /// The text that says which device it is, if one came along.
    pub device_token: Option<String>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the answer to verify, or the outcome.
pub enum Step {
    /// Take the challenge.
    Take(Box<PasskeySignIn>),
    /// Read the passkey, consistently, and ask the index which address the account of the user has.
    Find(Box<Finding>),
    /// Read the account, consistently.
    ReadAccount(Box<ReadingAccount>),
    /// Verify the answer.
    Verify(Box<Verifying>),
    /// Create the session.
    Create(Box<Creating>),
    /// Sweep the user's sessions.
    Sweep(Box<Sweeping>),
    /// The sign-in is over.
    Done(Result<Box<SignedIn>, PasskeySignInError>),
}

/// A sign-in that succeeded.
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
    /// The device token that came along, if it was made for this account.
    pub known_device: Option<DeviceToken>,
}

/// Why a sign-in failed, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeySignInError {
    /// The challenge is unknown, taken or over.
    #[error("the challenge can't be used")]
    Challenge,
    /// There is no such passkey, or its account is gone, disabled or counts no passkeys.
    #[error("no such passkey, or its account is gone, disabled or counts no passkeys")]
    NoPasskey,
    /// The signature or what it signs is wrong.
    #[error("the answer can't be verified: {0}")]
    Verification(&'static str),
    /// The passkey has counted as many signatures before: there may be a copy of its authenticator.
    #[error("the count of signatures has gone back: there may be a copy of the authenticator")]
    Cloned,
    /// The account changed each time before the session was created.
    #[error("the account kept changing")]
    AccountChanging,
}

/// The result of verifying an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is genuine.
    Genuine(PasskeyUse),
    /// It is not, and why, for the log.
    Wrong(&'static str),
    /// It is, but its count of signatures has gone back.
    Cloned,
}

/// A challenge that was taken.
pub struct Finding {
    flow: Flow,
}

/// A passkey that waits for its account.
pub struct ReadingAccount {
    flow: Flow,
    passkey: Passkey,
    email: Email,
}

/// An answer to verify.
pub struct Verifying {
    /// The passkey.
    pub passkey: Passkey,
    flow: Flow,
    account: Account,
}

/// A transaction that creates a session if the account has not changed since it was read.
pub struct Creating {
    /// The account as it was read.
    pub account: Account,
    /// The passkey as it was read.
    pub passkey: Passkey,
    /// What is written into its row.
    pub used: PasskeyUse,
    /// The new session.
    pub session: Session,
    /// What is mailed about it.
    pub mail: Option<Code>,
    flow: Flow,
    known_device: Option<DeviceToken>,
}

/// The result of a transaction that creates a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The session exists.
    Created,
    /// The account is not as it was read.
    AccountDiffers,
    /// The passkey is gone, or has signed in meanwhile.
    PasskeyDiffers,
}

/// A sign-in that has succeeded, and sweeps.
pub struct Sweeping {
    keep: usize,
    signed_in: SignedIn,
}

struct Flow {
    request: PasskeySignIn,
    state: String,
    tries_left: u8,
}

impl PasskeySignIn {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Take(Box::new(self))
    }

    /// Returns the kind of the challenge to take.
    #[must_use]
    pub fn kind(&self) -> ChallengeKind {
        ChallengeKind::SignIn
    }

    /// Takes the challenge.
    #[must_use]
    pub fn then(self, challenge: Option<Challenge>) -> Step {
        match challenge.filter(|challenge| !challenge.is_over(self.now)) {
            Some(Challenge { state, .. }) => Flow { request: self, state, tries_left: TRIES }.find(),
            None => failed(PasskeySignInError::Challenge),
        }
    }
}

impl Flow {
    fn find(self) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => Step::Find(Box::new(Finding { flow: Self { tries_left, ..self } })),
            None => failed(PasskeySignInError::AccountChanging),
        }
    }
}

impl Finding {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.request.user_id
    }

    /// Returns the passkey to read.
    #[must_use]
    pub fn credential_id(&self) -> &CredentialId {
        &self.flow.request.credential_id
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, passkey: Option<Passkey>, email: Option<Email>) -> Step {
        match passkey.zip(email) {
            Some((passkey, email)) => {
                Step::ReadAccount(Box::new(ReadingAccount { flow: self.flow, passkey, email }))
            }
            // A passkey without an account is what a deletion by hand has left, or the index lags behind: its user tries again.
            None => failed(PasskeySignInError::NoPasskey),
        }
    }
}

impl ReadingAccount {
    /// Returns the address of the account to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, account: Option<Account>) -> Step {
        let Self { flow, passkey, .. } = self;
        match account.filter(|account| account.user_id == passkey.user_id) {
            // An account that counts no passkeys was restored without them: nothing that removes its passkeys would read any.
            Some(account) if account.is_disabled() || account.passkeys == 0 => {
                failed(PasskeySignInError::NoPasskey)
            }
            Some(account) => Step::Verify(Box::new(Verifying { passkey, flow, account })),
            // The index lags behind.
            None => flow.find(),
        }
    }
}

impl Verifying {
    /// Returns the state that the verification needs.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.flow.state
    }

    /// Takes the result. `fresh` is for the session that begins.
    #[must_use]
    pub fn then(self, verified: Verified, fresh: Fresh, keys: &RefreshKeys) -> Step {
        let Self { passkey, flow, account } = self;
        let used = match verified {
            Verified::Genuine(used) => used,
            Verified::Wrong(why) => return failed(PasskeySignInError::Verification(why)),
            Verified::Cloned => return failed(PasskeySignInError::Cloned),
        };
        let request = &flow.request;
        let parsed = |text: &String| DeviceToken::parse(text, &account.email, keys).ok();
        let known_device = request.device_token.as_ref().and_then(parsed);
        let is_known = known_device.is_some_and(|device| device.is_of(&account));
        let notice = request.notice.as_ref().filter(|_| !is_known);
        let mail = notice.and_then(|notice| notice.notice_to(&account));
        let session = request.opening.open(account.user_id, account.profile(), fresh);
        Step::Create(Box::new(Creating { account, passkey, used, session, mail, flow, known_device }))
    }
}

impl Creating {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, created: Created) -> Step {
        let Self { account, session, flow, known_device, .. } = self;
        match created {
            Created::Created => {
                let signed_in = SignedIn { account, session, known_device };
                Step::Sweep(Box::new(Sweeping { keep: flow.request.keep, signed_in }))
            }
            Created::AccountDiffers => flow.find(),
            Created::PasskeyDiffers => failed(PasskeySignInError::Cloned),
        }
    }
}

impl Sweeping {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.signed_in.account.user_id
    }

    /// Returns the first step of the sweep.
    #[must_use]
    pub fn sweep(&self) -> sweep::Step {
        sweep::start(&self.signed_in.account, Some((&self.signed_in.session, self.keep)))
    }

    /// The sweep is done.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(Box::new(self.signed_in)))
    }
}

fn failed(error: PasskeySignInError) -> Step {
    Step::Done(Err(error))
}
