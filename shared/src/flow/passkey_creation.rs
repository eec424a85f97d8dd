//! The creation of a passkey: the challenge is taken, what the browser made of it is verified, and one transaction adds the passkey,
//! ends the user's sessions and begins one.
//!
//! # Invariants
//! * A challenge is taken before its answer is verified, and only the session that asked for it can use it.
//! * What ends the user's sessions voids the challenge.

use super::Asking;
use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::mailing::Mailing;
use super::sign_in::{Fresh, Opening};
use crate::Timestamp;
use crate::account::Account;
use crate::code::CodeId;
use crate::email::Email;
use crate::ids::UserId;
use crate::passkey::{Challenge, ChallengeKind, Creator, MAX_PASSKEYS, Passkey};
use crate::session::{OwnSessions, Session, Summary};

/// How many times the account is read while it keeps changing.
const TRIES: u8 = 3;

/// What a creation begins with.
#[derive(Clone, Debug)]
pub struct PasskeyCreation {
    /// Who asks.
    pub asking: Asking,
    /// The address, by the access token.
    pub email: Email,
    /// The challenge.
    pub code_id: CodeId,
    /// What the new session begins with, and the methods of the one that asks.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail that tells of it, if mail is on.
    pub notice: Option<Mailing>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the answer to verify, or the outcome.
pub enum Step {
    /// Take the challenge.
    Take(Box<PasskeyCreation>),
    /// Verify what the browser made.
    Verify(Box<Verifying>),
    /// Read the account and query the user's sessions, both consistently.
    Read(Box<Reading>),
    /// Change the account.
    Change(Box<Changing>),
    /// The creation is over.
    Done(Result<Box<Created>, PasskeyCreationError>),
}

/// A passkey that was added.
pub struct Created {
    /// The account as it is now.
    pub account: Account,
    /// The session that has begun.
    pub session: Session,
    /// The passkey.
    pub passkey: Passkey,
}

/// Why no passkey is added, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyCreationError {
    /// The challenge is unknown, taken, over, another user's or session's, or from before a change of the account.
    #[error("the challenge can't be used")]
    Challenge,
    /// What the browser made is not what it was asked for.
    #[error("the passkey can't be verified: {0}")]
    Verification(&'static str),
    /// The user has it already.
    #[error("the user has this passkey already")]
    Exists,
    /// The user has [`MAX_PASSKEYS`].
    #[error("the user has as many passkeys as there can be")]
    TooMany,
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A challenge that was taken, and its answer.
pub struct Verifying {
    state: String,
    flow: Flow,
}

/// A passkey that waits for the account.
pub struct Reading {
    flow: Flow,
    passkey: Passkey,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
    passkey: Passkey,
    begun: Session,
}

#[derive(Clone)]
struct Flow {
    request: PasskeyCreation,
    creator: Creator,
    tries_left: u8,
}

impl PasskeyCreation {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Take(Box::new(self))
    }

    /// Returns the kind of the challenge to take.
    #[must_use]
    pub fn kind(&self) -> ChallengeKind {
        ChallengeKind::Creation
    }

    /// Takes the challenge.
    #[must_use]
    pub fn then(self, challenge: Option<Challenge>) -> Step {
        let Asking { user_id, session_id } = self.asking;
        let is_askers = |creator: &Creator| (creator.user_id, creator.session_id) == (user_id, session_id);
        match challenge.filter(|challenge| !challenge.is_over(self.now)) {
            Some(Challenge { creator: Some(creator), state, .. }) if is_askers(&creator) => {
                let flow = Flow { request: self, creator, tries_left: TRIES };
                Step::Verify(Box::new(Verifying { state, flow }))
            }
            Some(_) | None => failed(PasskeyCreationError::Challenge),
        }
    }
}

impl Verifying {
    /// Returns what must be known to verify the answer.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.creator.user_id
    }

    /// Takes the passkey, or why the answer can't be verified, for the log.
    #[must_use]
    pub fn then(self, passkey: Result<Passkey, &'static str>) -> Step {
        match passkey {
            Ok(passkey) => self.flow.read(passkey),
            Err(why) => failed(PasskeyCreationError::Verification(why)),
        }
    }
}

impl Flow {
    fn read(self, passkey: Passkey) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => Step::Read(Box::new(Reading { flow: Self { tries_left, ..self }, passkey })),
            None => failed(PasskeyCreationError::AccountChanging),
        }
    }
}

impl Reading {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.creator.user_id
    }

    /// Returns the address of the account to read.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.flow.request.email
    }

    /// Takes both answers. `fresh` is for the session that begins.
    #[must_use]
    pub fn then(self, account: Option<Account>, own: &OwnSessions, fresh: Fresh) -> Step {
        let Self { flow, passkey } = self;
        let Creator { user_id, ended_version, session_id, .. } = flow.creator;
        let Some(asking) = own.find_living(session_id, flow.request.now) else {
            return failed(PasskeyCreationError::SessionOver);
        };
        let is_same = |account: &Account| {
            (account.user_id, account.ended_version) == (user_id, ended_version) && !account.is_disabled()
        };
        match account.filter(is_same) {
            Some(account) if account.passkeys >= MAX_PASSKEYS => failed(PasskeyCreationError::TooMany),
            Some(account) => flow.change(account, (own, asking), passkey, fresh),
            None => failed(PasskeyCreationError::Challenge),
        }
    }
}

impl Flow {
    fn change(
        self,
        read: Account,
        (own, asking): (&OwnSessions, &Summary),
        passkey: Passkey,
        fresh: Fresh,
    ) -> Step {
        let PasskeyCreation { opening, keep, room, notice, now, .. } = &self.request;
        let becomes = read.next_version_ending_sessions().with_another_passkey();
        let methods = opening.methods.with(self.creator.methods);
        // The browser has just made the passkey, but nobody has signed in with it.
        let opening = Opening { methods, ..opening.instead_of(asking) };
        let begun = opening.open(read.user_id, becomes.profile(), fresh);
        let sessions = SessionPolicy::EndAllBut {
            known: own.all_but(self.creator.session_id),
            begun: Box::new(begun.clone()),
            keep: *keep,
        };
        let change = AccountChange {
            becomes: Becomes::Account(Box::new(becomes)),
            sessions,
            caller: Some(self.creator.session_id),
            code: None,
            mails: notice.iter().filter_map(|notice| notice.notice_to(&read)).collect(),
            frees: Vec::new(),
            passkeys: PasskeyWrites { put: Some(Box::new(passkey.clone())), deleted: Vec::new() },
            read,
            counted: None,
            used: None,
            room: *room,
            now: *now,
        };
        Step::Change(Box::new(Changing { change, flow: self, passkey, begun }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        let Self { flow, passkey, begun: session, .. } = self;
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(Box::new(Created { account, session, passkey }))),
            Err(AccountChangeError::CallerSignedOut) => failed(PasskeyCreationError::SessionOver),
            Err(AccountChangeError::PasskeyExists) => failed(PasskeyCreationError::Exists),
            // Only the first can be: no code, no factor and no address is used.
            Err(
                AccountChangeError::AccountDiffers
                | AccountChangeError::CodeUsed
                | AccountChangeError::FactorUsed
                | AccountChangeError::AddressTaken,
            ) => flow.read(passkey),
        }
    }
}

fn failed(error: PasskeyCreationError) -> Step {
    Step::Done(Err(error))
}
