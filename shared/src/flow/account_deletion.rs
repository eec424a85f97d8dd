//! The deletion of an account, by a user who knows its password, from a session that lives.

use super::account_change::{AccountChange, AccountChangeError, Becomes, Changed, SessionPolicy};
use super::mailing::Mailing;
use super::proof::{self, Proof, ProofError, Proven, ProvenChangeError, TRIES};
use crate::account::Account;
use crate::code::Code;
use crate::ids::UserId;

/// How many mails tell of a deletion at most: one goes to the account's address, and the others to those that it has left not long
/// ago, since whoever deletes the account may have taken it over.
pub const NOTICES: usize = 5;

/// What a deletion begins with.
#[derive(Clone, Debug)]
pub struct AccountDeletion {
    /// The proof that it needs.
    pub proof: Proof,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mails that tell of it, if mail is on: [`NOTICES`].
    pub notices: Vec<Mailing>,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<Proving>),
    /// Delete the account.
    Change(Box<Changing>),
    /// The deletion is over.
    Done(Result<UserId, ProvenChangeError>),
}

/// A deletion that waits for the proof.
pub struct Proving {
    /// The proof.
    pub proof: Proof,
    flow: Flow,
}

/// A deletion under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
}

#[derive(Clone)]
struct Flow {
    request: AccountDeletion,
    tries_left: u8,
}

impl AccountDeletion {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Flow { request: self, tries_left: TRIES }.prove()
    }

    /// The notices to the address of the account, and to those that it can still be brought back to, the oldest first.
    fn mails(&self, account: &Account) -> Vec<Code> {
        let mut notices = self.notices.iter();
        let own = notices.next().and_then(|notice| notice.notice_to(account));
        let left = account.moves.left(self.proof.now).into_iter().filter(|left| **left != account.email);
        let to_left = left.zip(notices).map(|(left, notice)| notice.notice_to_left(account, left.clone()));
        own.into_iter().chain(to_left).collect()
    }
}

impl Flow {
    fn prove(mut self) -> Step {
        let Some(tries_left) = self.tries_left.checked_sub(1) else {
            return Step::Done(Err(ProvenChangeError::AccountChanging));
        };
        self.tries_left = tries_left;
        Step::Prove(Box::new(Proving { proof: self.request.proof.clone(), flow: self }))
    }
}

impl Proving {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        let Self { proof, flow } = self;
        let Proven { account: read, others, counted } = match proven {
            Ok(proven) => proven,
            Err(error) => return Step::Done(Err(error.into())),
        };
        let change = AccountChange {
            becomes: Becomes::Nothing,
            sessions: SessionPolicy::EndAll(others),
            caller: Some(proof.caller),
            code: None,
            mails: flow.request.mails(&read),
            frees: Vec::new(),
            read,
            counted: Some(counted),
            room: flow.request.room,
            now: proof.now,
        };
        Step::Change(Box::new(Changing { change, flow }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(account.user_id)),
            Err(error) => match proof::refused(error) {
                Some(refused) => Step::Done(Err(refused)),
                None => self.flow.prove(),
            },
        }
    }
}
