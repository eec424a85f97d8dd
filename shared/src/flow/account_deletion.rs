//! The deletion of an account, by a user who knows its password, from a session that lives.

use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::mailing::Mailing;
use super::proof::{Proof, ProofError, Proven, ProvenChangeError};
use super::proven_change::{Flow, NeedsProof, Proving};
use crate::account::Account;
use crate::code::Code;
use crate::ids::UserId;
use crate::passkey::{self, CredentialId, Passkey};

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
    Prove(Box<Proving<AccountDeletion>>),
    /// Query the user's passkeys, consistently.
    ReadPasskeys(Box<ReadingPasskeys>),
    /// Delete the account.
    Change(Box<Changing>),
    /// The deletion is over.
    Done(Result<UserId, ProvenChangeError>),
}

/// A deletion of an account that has passkeys.
pub struct ReadingPasskeys {
    proven: Proven,
    flow: Flow<AccountDeletion>,
}

/// A deletion under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow<AccountDeletion>,
}

impl NeedsProof for AccountDeletion {
    fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl AccountDeletion {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        proving(Flow::begin(self))
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

impl Proving<AccountDeletion> {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(proven) if proven.account.passkeys > 0 => {
                Step::ReadPasskeys(Box::new(ReadingPasskeys { proven, flow: self.flow }))
            }
            Ok(proven) => self.flow.change(proven, Vec::new()),
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl ReadingPasskeys {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.proven.account.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, passkeys: &[Passkey]) -> Step {
        self.flow.change(self.proven, passkey::ids(passkeys))
    }
}

impl Flow<AccountDeletion> {
    fn change(self, proven: Proven, passkeys: Vec<CredentialId>) -> Step {
        let Proven { account: read, others, counted, used, .. } = proven;
        let AccountDeletion { proof, room, .. } = &self.request;
        let change = AccountChange {
            becomes: Becomes::Nothing,
            sessions: SessionPolicy::EndAll(others),
            caller: Some(proof.caller),
            code: None,
            mails: self.request.mails(&read),
            frees: Vec::new(),
            passkeys: PasskeyWrites::deleting(passkeys),
            read,
            counted,
            used,
            room: *room,
            now: proof.now,
        };
        Step::Change(Box::new(Changing { change, flow: self }))
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(account.user_id)),
            Err(error) => proving(self.flow.after(error)),
        }
    }
}

fn proving(next: Result<Box<Proving<AccountDeletion>>, ProvenChangeError>) -> Step {
    next.map_or_else(|error| Step::Done(Err(error)), Step::Prove)
}
