//! A change of an account: one transaction, between the end of the sessions that it has no room for and a sweep.
//!
//! # Invariants
//! * The change, the end of the sessions that were known, the session that it begins, the use of the code that allows it and
//!   the mail that tells of it come together or not at all, and only while the account is as it was read, the session that
//!   asks lives, and the code is unused.
//! * A session that a sign-in begins meanwhile has a row of an older version: the sweep finds it, or that of the next
//!   sign-in does if this one dies.

use super::sweep;
use crate::Timestamp;
use crate::account::{Account, LeftAddress, Tombstone};
use crate::attempts::{CountedIn, TakeBack};
use crate::code::{Code, CodeId};
use crate::factor::FactorUse;
use crate::ids::{SessionId, UserId};
use crate::passkey::{CredentialId, Passkey};
use crate::session::Session;

/// The number of sessions that one transaction ends beside the caller's, less one for each mail after the first and for each passkey that comes or goes. It takes 100
/// writes, and up to six are the account (two, if it moves to another address), a code, the caller's session, the new session, the
/// attempts and a mail.
pub const ENDED_AT_ONCE: usize = 94;

/// A change of an account as it was read.
#[derive(Clone)]
pub struct AccountChange {
    /// The account as it was read.
    pub read: Account,
    /// What it will be.
    pub becomes: Becomes,
    /// What becomes of the user's sessions.
    pub sessions: SessionPolicy,
    /// The session that asks, which must live. It ends.
    pub caller: Option<SessionId>,
    /// The code that allows the change, which must be unused. It is used up.
    pub code: Option<CodeId>,
    /// What is mailed about it.
    pub mails: Vec<Code>,
    /// Addresses that were kept for the account, and are free once it is changed.
    pub frees: Vec<LeftAddress>,
    /// The passkeys that come and go with it. The account counts them: it must become one with the right number.
    pub passkeys: PasskeyWrites,
    /// Where the attempt is counted by which the caller proved who they are, if they had to.
    pub counted: Option<CountedIn>,
    /// The use of the second factor by which they did too. What the account becomes has it already.
    pub used: Option<FactorUse>,
    /// How many other sessions the transaction ends: [`ENDED_AT_ONCE`].
    pub room: usize,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The passkeys that come and go with a change.
#[derive(Clone, Default)]
pub struct PasskeyWrites {
    /// The one that is added. The change fails if its id is there already.
    pub put: Option<Box<Passkey>>,
    /// Those that go.
    pub deleted: Vec<CredentialId>,
}

/// What an account becomes.
#[derive(Clone)]
pub enum Becomes {
    /// This account, but for its version.
    Account(Box<Account>),
    /// This account, but for its version, under another address, if that is free.
    Moved {
        /// The account.
        account: Box<Account>,
        /// What stays under the address that it leaves. None frees it at once.
        leaves: Option<Tombstone>,
    },
    /// Nothing: it is deleted.
    Nothing,
}

/// What a change of an account does with the user's sessions.
#[derive(Clone)]
pub enum SessionPolicy {
    /// They end. These are known.
    EndAll(Vec<SessionId>),
    /// They end, and one begins.
    EndAllBut {
        /// The sessions that are known, but for the caller's.
        known: Vec<SessionId>,
        /// The session that begins.
        begun: Box<Session>,
        /// How many sessions stay.
        keep: usize,
    },
    /// They live on, with the account's new profile. A refresh in flight is not disturbed.
    Update,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Delete the sessions for which the transaction has no room.
    EndSurplus(Box<EndingSurplus>),
    /// The transaction.
    Commit(Box<Committing>),
    /// Sweep the user's sessions.
    Sweep(Box<Sweeping>),
    /// The change is made, or nothing is changed.
    Done(Result<Box<Changed>, AccountChangeError>),
}

/// A change that is made.
pub struct Changed {
    /// The account as it is now, or as it was when it was deleted.
    pub account: Account,
    /// The session that the change began.
    pub begun: Option<Session>,
}

/// Why nothing is changed, but for the surplus sessions that have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountChangeError {
    /// The account is not as it was read.
    #[error("the account has changed")]
    AccountDiffers,
    /// The session that asks has ended.
    #[error("the session has ended")]
    CallerSignedOut,
    /// The code has been used, or is gone.
    #[error("the code has been used")]
    CodeUsed,
    /// The address that the account was to move to is taken.
    #[error("the address is taken")]
    AddressTaken,
    /// The passkey that was to be added is there already.
    #[error("the passkey is there already")]
    PasskeyExists,
    /// The second factor was used meanwhile.
    #[error("the second factor has been used")]
    FactorUsed,
}

/// Sessions that must end before the transaction.
pub struct EndingSurplus {
    /// The sessions.
    pub sessions: Vec<SessionId>,
    commit: Box<Committing>,
}

/// The transaction.
pub struct Committing {
    /// The account as it was read: the transaction fails if its version is another.
    pub read: Account,
    /// What the transaction does with its row.
    pub write: AccountWrite,
    /// The account as the transaction leaves it. One that it deletes is as if its sessions had ended.
    pub changed: Account,
    /// The session that asks: the transaction fails unless it lives, and ends it.
    pub caller: Option<SessionId>,
    /// The code that is used up: the transaction fails unless its row is there, and deletes it.
    pub code: Option<CodeId>,
    /// What is mailed.
    pub mails: Vec<Code>,
    /// The passkeys that come and go.
    pub passkeys: PasskeyWrites,
    /// Other sessions that end.
    pub ended: Vec<SessionId>,
    /// The session that begins.
    pub begun: Option<Session>,
    /// Where the attempt is counted by which the caller proved who they are, if they had to.
    pub counted: Option<CountedIn>,
    /// The use of the second factor by which they did too: the transaction fails if it was used meanwhile.
    pub used: Option<FactorUse>,
    /// The clock reading of the request.
    pub now: Timestamp,
    frees: Vec<LeftAddress>,
    keep: usize,
}

/// What a transaction does with the row of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountWrite {
    /// Changes it.
    Update,
    /// Puts it under another address, if no other account is there and no tombstone of another one.
    Move {
        /// What takes its place under the old one.
        leaves: Option<Tombstone>,
    },
    /// Deletes it.
    Delete,
}

/// A change that is made, and sweeps.
pub struct Sweeping {
    changed: Changed,
    frees: Vec<LeftAddress>,
    counted: Option<CountedIn>,
    keep: usize,
}

impl AccountChange {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.read.user_id
    }

    /// Returns the session that begins, if one does.
    #[must_use]
    pub fn begun(&self) -> Option<SessionId> {
        match &self.sessions {
            SessionPolicy::EndAllBut { begun, .. } => Some(begun.session_id),
            SessionPolicy::EndAll(_) | SessionPolicy::Update => None,
        }
    }

    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        let Self { read, becomes, sessions, caller, code, mails, frees, passkeys, counted, used, room, now } =
            self;
        let next = match &sessions {
            SessionPolicy::EndAll(_) | SessionPolicy::EndAllBut { .. } => read.next_version_ending_sessions(),
            SessionPolicy::Update => read.next_version(),
        };
        let (version, ended_version) = (next.version, next.ended_version);
        let (write, changed) = match becomes {
            Becomes::Nothing => (AccountWrite::Delete, next),
            Becomes::Account(account) => (AccountWrite::Update, *account),
            Becomes::Moved { account, leaves } => (AccountWrite::Move { leaves }, *account),
        };
        let changed = Account { version, ended_version, ..changed };
        let (mut surplus, begun, keep) = match sessions {
            SessionPolicy::EndAll(known) => (known, None, 0),
            SessionPolicy::EndAllBut { known, begun, keep } => (known, Some(*begun), keep),
            SessionPolicy::Update => (Vec::new(), None, 0),
        };
        let room = room.saturating_sub(mails.len().saturating_sub(1)).saturating_sub(passkeys.count());
        let ended = surplus.split_off(surplus.len().saturating_sub(room));
        let commit = Box::new(Committing {
            read,
            write,
            changed,
            caller,
            code,
            mails,
            passkeys,
            ended,
            begun,
            counted,
            used,
            now,
            frees,
            keep,
        });
        if surplus.is_empty() {
            Step::Commit(commit)
        } else {
            Step::EndSurplus(Box::new(EndingSurplus { sessions: surplus, commit }))
        }
    }
}

impl PasskeyWrites {
    /// Returns those that delete these.
    #[must_use]
    pub fn deleting(deleted: Vec<CredentialId>) -> Self {
        Self { put: None, deleted }
    }

    /// Returns how many writes they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.deleted.len() + usize::from(self.put.is_some())
    }
}

impl EndingSurplus {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.commit.read.user_id
    }

    /// They are deleted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Commit(self.commit)
    }
}

impl Committing {
    /// Returns all sessions that the transaction ends.
    #[must_use]
    pub fn all_ended(&self) -> Vec<SessionId> {
        self.ended.iter().copied().chain(self.caller).collect()
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, committed: Result<(), AccountChangeError>) -> Step {
        let Self { changed: account, begun, counted, frees, keep, .. } = self;
        match committed {
            Ok(()) => {
                let changed = Changed { account, begun };
                Step::Sweep(Box::new(Sweeping { changed, frees, counted, keep }))
            }
            Err(error) => Step::Done(Err(error)),
        }
    }
}

impl Sweeping {
    /// Returns the first step of the sweep.
    #[must_use]
    pub fn sweep(&self) -> sweep::Step {
        let Changed { account, begun } = &self.changed;
        sweep::start(account, begun.as_ref().map(|begun| (begun, self.keep)))
    }

    /// Returns what is written beside the sweep. If that fails, nothing else does.
    #[must_use]
    pub fn taken_back(&self) -> Option<TakeBack> {
        self.counted.as_ref()?.taken_back()
    }

    /// Returns the addresses that are freed beside the sweep. If that fails, nothing else does: they are free in time.
    #[must_use]
    pub fn freed(&self) -> &[LeftAddress] {
        &self.frees
    }

    /// The sweep is done.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(Box::new(self.changed)))
    }
}
