//! The removal of a passkey: one transaction removes it, ends the user's sessions and begins one.
//!
//! # Invariants
//! An account without a password keeps its last passkey.

use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::mailing::Mailing;
use super::proof::{Proof, ProofError, Proven, ProvenChangeError};
use super::proven_change::{Flow, NeedsProof, Proving};
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::ids::UserId;
use crate::passkey::{CredentialId, Passkey};
use crate::session::Session;

/// What a removal begins with.
#[derive(Clone, Debug)]
pub struct PasskeyRemoval {
    /// The proof that it needs.
    pub proof: Proof,
    /// The passkey.
    pub credential_id: CredentialId,
    /// What the new session begins with, but for the methods of the proof.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail that tells of it, if mail is on.
    pub notice: Option<Mailing>,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<Proving<PasskeyRemoval>>),
    /// Read the passkey, consistently.
    ReadPasskey(Box<ReadingPasskey>),
    /// Change the account.
    Change(Box<Changing>),
    /// The proof was right, but the passkey stays: take the attempt from its count, or forget it with its lane.
    Settle(Settling),
    /// The removal is over.
    Done(Result<Box<Removed>, PasskeyRemovalError>),
}

/// A passkey that was removed.
pub struct Removed {
    /// The account as it is now.
    pub account: Account,
    /// The session that has begun.
    pub session: Session,
}

/// Why no passkey is removed, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRemovalError {
    /// The proof is not given, or the account kept changing.
    #[error(transparent)]
    Proof(#[from] ProvenChangeError),
    /// The user has no such passkey.
    #[error("no such passkey")]
    NoPasskey,
    /// It is all that the user can sign in with.
    #[error("it is all that the user can sign in with")]
    Last,
}

/// A removal whose proof is given, and that waits for the passkey.
pub struct ReadingPasskey {
    proven: Proven,
    flow: Flow<PasskeyRemoval>,
}

/// A refusal whose proof was right.
pub struct Settling {
    /// Where the attempt is counted.
    pub counted: CountedIn,
    error: PasskeyRemovalError,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow<PasskeyRemoval>,
    begun: Session,
}

impl NeedsProof for PasskeyRemoval {
    fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl PasskeyRemoval {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        proving(Flow::begin(self))
    }
}

impl Proving<PasskeyRemoval> {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(proven) => Step::ReadPasskey(Box::new(ReadingPasskey { proven, flow: self.flow })),
            Err(error) => failed(ProvenChangeError::from(error).into()),
        }
    }
}

impl ReadingPasskey {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.proven.account.user_id
    }

    /// Returns the passkey to read.
    #[must_use]
    pub fn credential_id(&self) -> &CredentialId {
        &self.flow.request.credential_id
    }

    /// Takes DynamoDB's answer. `fresh` is for the session that begins.
    #[must_use]
    pub fn then(self, passkey: Option<Passkey>, fresh: Fresh) -> Step {
        let Account { password_hash, passkeys, .. } = &self.proven.account;
        match passkey {
            None => refused(self.proven, PasskeyRemovalError::NoPasskey),
            Some(_) if password_hash.is_none() && *passkeys <= 1 => {
                refused(self.proven, PasskeyRemovalError::Last)
            }
            Some(_) => self.flow.change(self.proven, fresh),
        }
    }
}

impl Settling {
    /// Marks the attempt as taken back, or as still counted.
    #[must_use]
    pub fn then(self) -> Step {
        failed(self.error)
    }
}

impl Flow<PasskeyRemoval> {
    fn change(self, proven: Proven, fresh: Fresh) -> Step {
        let PasskeyRemoval { proof, credential_id, opening, keep, room, notice } = &self.request;
        let becomes = proven.used_account().with_fewer_passkeys(1);
        let profile = proven.account.next_version_ending_sessions().profile();
        let begun = proven.opening(opening).open(becomes.user_id, profile, fresh);
        let Proven { account: read, others, counted, used, mail, .. } = proven;
        let notice = notice.iter().filter_map(|notice| notice.notice_to(&read));
        let change = AccountChange {
            becomes: Becomes::Account(Box::new(becomes)),
            sessions: SessionPolicy::EndAllBut { known: others, begun: Box::new(begun.clone()), keep: *keep },
            caller: Some(proof.caller),
            code: None,
            mails: notice.chain(mail).collect(),
            frees: Vec::new(),
            passkeys: PasskeyWrites::deleting(vec![credential_id.clone()]),
            read,
            counted,
            used,
            room: *room,
            now: proof.now,
        };
        Step::Change(Box::new(Changing { change, flow: self, begun }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        let Self { flow, begun: session, .. } = self;
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(Box::new(Removed { account, session }))),
            Err(error) => proving(flow.after(error)),
        }
    }
}

fn proving(next: Result<Box<Proving<PasskeyRemoval>>, ProvenChangeError>) -> Step {
    next.map_or_else(|error| failed(error.into()), Step::Prove)
}

fn refused(proven: Proven, error: PasskeyRemovalError) -> Step {
    match proven.counted {
        Some(counted) => Step::Settle(Settling { counted, error }),
        None => failed(error),
    }
}

fn failed(error: PasskeyRemovalError) -> Step {
    Step::Done(Err(error))
}
