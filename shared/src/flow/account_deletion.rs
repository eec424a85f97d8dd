//! The deletion of an account, by a user who knows its password and has a living session.

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

/// The maximum number of notices about a deletion: one goes to the account's address, and the others to those that it has left
/// recently, because the caller may have taken the account over.
pub const NOTICES: usize = 5;

/// The input of a deletion.
#[derive(Clone, Debug)]
pub struct AccountDeletion {
    /// The required proof.
    pub proof: Proof,
    /// The number of other sessions that the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mails about it, if mail is on: [`NOTICES`].
    pub notices: Vec<Mailing>,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove their identity.
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

    /// Returns the notices to the address of the account, and to those that can still be restored, the oldest first.
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
    /// Takes the outcome of the change.
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
