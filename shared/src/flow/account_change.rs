//! A change of an account: one transaction, preceded by the end of surplus sessions and followed by a sweep.
//!
//! # Invariants
//! * The change, the end of the known sessions, the new session, the use of the code that allows it and
//!   the mail about it happen together or not at all, and only while the account is as it was read, the caller's
//!   session lives, and the code is unused.
//! * A session that a sign-in begins meanwhile has a row of an older version. The sweep finds it; if the flow dies before, the
//!   sweep of the next sign-in does.

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
/// transaction has at most 100 writes. Up to six are the account (two, if it moves to another address), a code, the
/// caller's session, the new session, the attempts and a mail.
pub const ENDED_AT_ONCE: usize = 94;

/// A change of an account as it was read.
#[derive(Clone)]
pub struct AccountChange {
    /// The account as it was read.
    pub read: Account,
    /// The account after the change.
    pub becomes: Becomes,
    /// What happens to the user's sessions.
    pub sessions: SessionPolicy,
    /// The caller's session. It must live, and ends.
    pub caller: Option<SessionId>,
    /// The code that allows the change. It must be unused, and is used up.
    pub code: Option<CodeId>,
    /// The mails about the change.
    pub mails: Vec<Code>,
    /// Addresses that were reserved for the account, and become free.
    pub frees: Vec<LeftAddress>,
    /// The passkeys that come and go with it. The account counts them: it must become one with the right number.
    pub passkeys: PasskeyWrites,
    /// Where the attempt was counted by which the caller proved their identity, if it was needed.
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

/// The account after a change.
#[derive(Clone)]
pub enum Becomes {
    /// The account, without its new version.
    Account(Box<Account>),
    /// The account, without its new version, under another address, if that is free.
    Moved {
        /// The account.
        account: Box<Account>,
        /// The note under the old address. `None` frees the address at once.
        leaves: Option<Tombstone>,
    },
    /// The account is deleted.
    Nothing,
}

/// What a change does to the user's sessions.
#[derive(Clone)]
pub enum SessionPolicy {
    /// They end. These are the known ones.
    EndAll(Vec<SessionId>),
    /// They end, and one begins.
    EndAllBut {
        /// The known sessions without the caller's.
        known: Vec<SessionId>,
        /// The new session.
        begun: Box<Session>,
        /// The maximum number of sessions.
        keep: usize,
    },
    /// They live on with the account's new profile. A refresh in flight is not disturbed.
    Update,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Delete the sessions that exceed the transaction.
    EndSurplus(Box<EndingSurplus>),
    /// Run the transaction.
    Commit(Box<Committing>),
    /// Sweep the user's sessions.
    Sweep(Box<Sweeping>),
    /// The change is made, or nothing has changed.
    Done(Result<Box<Changed>, AccountChangeError>),
}

/// A completed change.
pub struct Changed {
    /// The account after the change, or before its deletion.
    pub account: Account,
    /// The new session.
    pub begun: Option<Session>,
}

/// The reason why nothing has changed, except that surplus sessions have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountChangeError {
    /// The account has changed since it was read.
    #[error("the account has changed")]
    AccountDiffers,
    /// The caller's session has ended.
    #[error("the session has ended")]
    CallerSignedOut,
    /// The code is used or gone.
    #[error("the code has been used")]
    CodeUsed,
    /// The new address is taken.
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
    /// The account as it was read. The transaction fails if its version has changed.
    pub read: Account,
    /// What the transaction does to the account's row.
    pub write: AccountWrite,
    /// The account after the transaction. For a deleted one, all its sessions have ended.
    pub changed: Account,
    /// The caller's session. The transaction fails unless it lives, and ends it.
    pub caller: Option<SessionId>,
    /// The code. The transaction fails unless its row exists, and deletes it.
    pub code: Option<CodeId>,
    /// The mails.
    pub mails: Vec<Code>,
    /// The passkeys that come and go.
    pub passkeys: PasskeyWrites,
    /// The other sessions that end.
    pub ended: Vec<SessionId>,
    /// The new session.
    pub begun: Option<Session>,
    /// Where the attempt was counted by which the caller proved their identity, if it was needed.
    pub counted: Option<CountedIn>,
    /// The use of the second factor by which they did too: the transaction fails if it was used meanwhile.
    pub used: Option<FactorUse>,
    /// The clock reading of the request.
    pub now: Timestamp,
    frees: Vec<LeftAddress>,
    keep: usize,
}

/// What a transaction does to the row of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountWrite {
    /// Updates it.
    Update,
    /// Moves it to another address, unless another account or its note is there.
    Move {
        /// The note under the old address.
        leaves: Option<Tombstone>,
    },
    /// Deletes it.
    Delete,
}

/// A completed change, followed by a sweep.
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

    /// Marks the sessions as deleted.
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
