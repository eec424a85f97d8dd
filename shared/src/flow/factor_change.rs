//! The end of an authenticator app, or new recovery codes beside it, for a user who proves who they are by a second factor too.

use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::mailing::Mailing;
use super::proof::{Proof, ProofError, Proven, ProvenChangeError};
use super::proven_change::{Flow, NeedsProof, Proving};
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::factor::{Factors, RecoveryCodes};

/// What a change of second factors begins with.
#[derive(Clone)]
pub struct FactorChange {
    /// The proof that it needs.
    pub proof: Proof,
    /// What is changed.
    pub act: FactorAct,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail that tells of the change, if mail is on.
    pub notice: Option<Mailing>,
}

/// What is changed.
#[derive(Clone)]
pub enum FactorAct {
    /// The app goes, and the recovery codes with it. All sessions end but one that begins.
    Remove {
        /// What the session begins with.
        opening: Opening,
        /// What is drawn for it.
        fresh: Fresh,
        /// `SESSIONS_PER_USER`: how many sessions stay.
        keep: usize,
    },
    /// These recovery codes take the place of those that are left. Sessions live on.
    Replace(RecoveryCodes),
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<Proving<FactorChange>>),
    /// Change the account.
    Change(Box<Changing>),
    /// The attempt was right, but there is nothing to change: take it from its count, or forget it with its lane.
    Settle(CountedIn),
    /// The change is over.
    Done(Result<Box<Changed>, FactorChangeError>),
}

/// Why second factors are not changed, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorChangeError {
    /// The proof was not given, or the account kept changing.
    #[error(transparent)]
    Proof(#[from] ProvenChangeError),
    /// The account has no authenticator app.
    #[error("there is no authenticator app")]
    NoApp,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow<FactorChange>,
}

impl NeedsProof for FactorChange {
    fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl FactorChange {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        proving(Flow::begin(self))
    }
}

impl Step {
    /// What follows [`Step::Settle`].
    #[must_use]
    pub fn settled() -> Self {
        Self::Done(Err(FactorChangeError::NoApp))
    }
}

impl Proving<FactorChange> {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        let Self { proof, flow } = self;
        let proven = match proven {
            Ok(proven) => proven,
            Err(error) => return failed(error.into()),
        };
        if !proven.account.factors.are_set() {
            return proven.counted.map_or_else(Step::settled, Step::Settle);
        }
        let (becomes, sessions) = flow.request.act.of(&proven);
        let caller = matches!(sessions, SessionPolicy::EndAllBut { .. }).then_some(proof.caller);
        let Proven { account: read, counted, used, mail, .. } = proven;
        let notice = flow.request.notice.iter().filter_map(|notice| notice.notice_to(&read));
        // New codes are no used ones.
        let used_up = mail.filter(|_| matches!(flow.request.act, FactorAct::Remove { .. }));
        let change = AccountChange {
            becomes: Becomes::Account(Box::new(becomes)),
            sessions,
            caller,
            code: None,
            mails: notice.chain(used_up).collect(),
            frees: Vec::new(),
            passkeys: PasskeyWrites::default(),
            read,
            counted,
            used,
            room: flow.request.room,
            now: proof.now,
        };
        Step::Change(Box::new(Changing { change, flow }))
    }
}

impl FactorAct {
    fn of(&self, proven: &Proven) -> (Account, SessionPolicy) {
        let after = proven.used_account();
        match self {
            Self::Remove { opening, fresh, keep } => {
                let changed = Account { factors: Factors::default(), ..after };
                let profile = proven.account.next_version_ending_sessions().profile();
                let begun = proven.opening(opening).open(changed.user_id, profile, *fresh);
                let known = proven.others.clone();
                (changed, SessionPolicy::EndAllBut { known, begun: Box::new(begun), keep: *keep })
            }
            Self::Replace(codes) => {
                let factors = Factors { recovery_codes: Some(codes.clone()), ..after.factors.clone() };
                (Account { factors, ..after }, SessionPolicy::Update)
            }
        }
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Ok(changed) => Step::Done(Ok(Box::new(changed))),
            Err(error) => proving(self.flow.after(error)),
        }
    }
}

fn proving(next: Result<Box<Proving<FactorChange>>, ProvenChangeError>) -> Step {
    next.map_or_else(failed, Step::Prove)
}

fn failed(error: ProvenChangeError) -> Step {
    Step::Done(Err(error.into()))
}
