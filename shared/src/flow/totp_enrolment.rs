//! The beginning of an authenticator app, for a user who proves who they are: its secret is stored, and counts for nothing until
//! [`super::totp_confirmation`].

use super::proof::{Proof, ProofError, Proven, ProvenChangeError};
use super::proven_change::{Flow, NeedsProof, Proving};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::code::Code;
use crate::factor::{FactorUse, PendingTotp, Used};

/// What an enrolment begins with.
#[derive(Clone)]
pub struct TotpEnrolment {
    /// The proof that it needs.
    pub proof: Proof,
    /// The app.
    pub pending: PendingTotp,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<Proving<TotpEnrolment>>),
    /// Store the app, in place of another one that was not confirmed.
    Store(Box<Storing>),
    /// Take the attempt from its count, or forget it with its lane. If that fails, it stays counted.
    Settle(CountedIn),
    /// The app is stored, or nothing is.
    Done(Result<(), ProvenChangeError>),
}

/// A write that stores the app if the account is as it was read, and uses the second factor.
pub struct Storing {
    /// The account as it was read.
    pub account: Account,
    /// The app.
    pub pending: PendingTotp,
    /// The use of the second factor, if the account has one.
    pub used: Option<FactorUse>,
    /// What is mailed about it.
    pub mail: Option<Code>,
    counted: Option<CountedIn>,
    flow: Flow<TotpEnrolment>,
}

impl NeedsProof for TotpEnrolment {
    fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl TotpEnrolment {
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
        Self::Done(Ok(()))
    }
}

impl Proving<TotpEnrolment> {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        let Self { flow, .. } = self;
        match proven {
            Ok(Proven { account, counted, used, mail, .. }) => {
                let pending = flow.request.pending.clone();
                Step::Store(Box::new(Storing { account, pending, used, mail, counted, flow }))
            }
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Storing {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, used: Used) -> Step {
        match used {
            Used::Written => self.counted.map_or_else(Step::settled, Step::Settle),
            Used::AccountDiffers => proving(self.flow.prove()),
            Used::FactorUsed => Step::Done(Err(ProofError::Factor.into())),
        }
    }
}

fn proving(next: Result<Box<Proving<TotpEnrolment>>, ProvenChangeError>) -> Step {
    next.map_or_else(|error| Step::Done(Err(error)), Step::Prove)
}
