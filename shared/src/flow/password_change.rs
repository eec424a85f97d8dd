//! A change of the password by a user who knows the current one and has a living session.

use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::mailing::Mailing;
use super::proof::{Proof, ProofError, Proven, ProvenChangeError};
use super::proven_change::{Flow, NeedsProof, Proving};
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::factor::Factors;
use crate::session::Session;

/// The input of a change of the password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The required proof.
    pub proof: Proof,
    /// The settings of the new session.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: the maximum number of sessions.
    pub keep: usize,
    /// The number of other sessions that the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail about the change, if mail is on.
    pub notice: Option<Mailing>,
}

/// The next request to DynamoDB, the password to hash, or the outcome.
pub enum Step {
    /// Have the caller prove their identity.
    Prove(Box<Proving<PasswordChange>>),
    /// Hash the new password.
    Hash(Box<Hashing>),
    /// Change the account.
    Change(Box<Changing>),
    /// The change is over.
    Done(Result<Box<(Account, Session)>, ProvenChangeError>),
}

/// A change whose new password is being hashed.
pub struct Hashing {
    flow: Flow<PasswordChange>,
    proven: Proven,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow<PasswordChange>,
    begun: Session,
}

impl NeedsProof for PasswordChange {
    fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl PasswordChange {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        proving(Flow::begin(self))
    }
}

impl Proving<PasswordChange> {
    /// Takes the outcome of the proof.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(proven) => Step::Hash(Box::new(Hashing { flow: self.flow, proven })),
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Hashing {
    /// Returns where the attempt is counted that has just succeeded, if one is: to be taken back if the new password is refused after all.
    #[must_use]
    pub fn counted(&self) -> Option<&CountedIn> {
        self.proven.counted.as_ref()
    }

    /// Takes the hash of the new password. `fresh` is for the new session.
    #[must_use]
    pub fn then(self, password_hash: String, fresh: Fresh) -> Step {
        let Self { flow, proven } = self;
        let PasswordChange { proof, opening, keep, room, notice } = &flow.request;
        let after = proven.used_account();
        // Whoever knew the old password may have begun to set an app up, and has its secret.
        let factors = Factors { pending_totp: None, ..after.factors.clone() };
        let opening = proven.opening(opening);
        let Proven { account: read, others, counted, used, mail, .. } = proven;
        let profile = read.next_version_ending_sessions().profile();
        let begun = opening.open(read.user_id, profile, fresh);
        let sessions =
            SessionPolicy::EndAllBut { known: others, begun: Box::new(begun.clone()), keep: *keep };
        let change = AccountChange {
            becomes: Becomes::Account(Box::new(Account {
                password_hash: Some(password_hash),
                factors,
                ..after
            })),
            mails: notice.iter().filter_map(|notice| notice.notice_to(&read)).chain(mail).collect(),
            frees: Vec::new(),
            passkeys: PasskeyWrites::default(),
            read,
            sessions,
            caller: Some(proof.caller),
            code: None,
            counted,
            used,
            room: *room,
            now: opening.now,
        };
        Step::Change(Box::new(Changing { flow, change, begun }))
    }
}

impl Changing {
    /// Takes the outcome of the change.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(Changed { account, .. }) => Step::Done(Ok(Box::new((account, self.begun)))),
            Err(error) => proving(self.flow.after(error)),
        }
    }
}

fn proving(next: Result<Box<Proving<PasswordChange>>, ProvenChangeError>) -> Step {
    next.map_or_else(|error| Step::Done(Err(error)), Step::Prove)
}
