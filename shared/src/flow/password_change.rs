//! A change of the password, by a user who knows the present one, from a session that lives.

use super::account_change::{AccountChange, AccountChangeError, Becomes, Changed, SessionPolicy};
use super::mailing::Mailing;
use super::proof::{self, Proof, ProofError, Proven, ProvenChangeError, TRIES};
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::ids::{SessionId, UserId};
use crate::session::Session;

/// What a change of the password begins with.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The proof that it needs.
    pub proof: Proof,
    /// What the new session begins with.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail that tells of the change, if mail is on.
    pub notice: Option<Mailing>,
}

/// The next request to DynamoDB, the password to hash, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<Proving>),
    /// Hash the new password.
    Hash(Box<Hashing>),
    /// Change the account.
    Change(Box<Changing>),
    /// The change is over.
    Done(Result<Box<(Account, Session)>, ProvenChangeError>),
}

/// A change that waits for the proof.
pub struct Proving {
    /// The proof.
    pub proof: Proof,
    flow: Flow,
}

/// A change whose new password is being hashed.
pub struct Hashing {
    flow: Flow,
    proven: Proven,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
    begun: Session,
}

#[derive(Clone)]
struct Flow {
    request: PasswordChange,
    tries_left: u8,
}

impl PasswordChange {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Flow { request: self, tries_left: TRIES }.prove()
    }
}

impl Flow {
    fn prove(self) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => {
                let proof = self.request.proof.clone();
                Step::Prove(Box::new(Proving { proof, flow: Self { tries_left, ..self } }))
            }
            None => Step::Done(Err(ProvenChangeError::AccountChanging)),
        }
    }
}

impl Proving {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(proven) => Step::Hash(Box::new(Hashing { flow: self.flow, proven })),
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Hashing {
    /// Returns where the attempt is counted that has just succeeded: to be taken back if the new password is refused after all.
    #[must_use]
    pub fn counted(&self) -> &CountedIn {
        &self.proven.counted
    }

    /// Takes the hash of the new password. `fresh` is for the session that begins.
    #[must_use]
    pub fn then(self, password_hash: String, fresh: Fresh) -> Step {
        let Self { flow, proven: Proven { account: read, others, counted } } = self;
        let PasswordChange { proof, opening, keep, room, notice } = &flow.request;
        let profile = read.next_version_ending_sessions().profile();
        let begun = opening.open(read.user_id, profile, fresh);
        let sessions =
            SessionPolicy::EndAllBut { known: others, begun: Box::new(begun.clone()), keep: *keep };
        let change = AccountChange {
            becomes: Becomes::Account(Box::new(Account {
                password_hash: Some(password_hash),
                ..read.clone()
            })),
            mails: notice.iter().filter_map(|notice| notice.notice_to(&read)).collect(),
            frees: Vec::new(),
            read,
            sessions,
            caller: Some(proof.caller),
            code: None,
            counted: Some(counted),
            room: *room,
            now: opening.now,
        };
        Step::Change(Box::new(Changing { flow, change, begun }))
    }
}

impl Changing {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.change.read.user_id
    }

    /// Returns the session that begins.
    #[must_use]
    pub fn begun(&self) -> SessionId {
        self.begun.session_id
    }

    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(Box::new((account, self.begun)))),
            Err(error) => match proof::refused(error) {
                Some(refused) => Step::Done(Err(refused)),
                None => self.flow.prove(),
            },
        }
    }
}
