//! What all changes that need a proof have in common: the caller proves who they are, and while the account keeps changing
//! the change is begun anew, proof and all.

use super::account_change::AccountChangeError;
use super::proof::{Proof, ProofError, ProvenChangeError};

/// How many times a change that needs a proof is begun, password and all, while its account keeps changing.
pub(super) const TRIES: u8 = 3;

/// A change that needs a proof.
pub(super) trait NeedsProof {
    /// Returns the proof.
    fn proof(&self) -> &Proof;
}

/// A change that waits for the proof.
pub struct Proving<R> {
    /// The proof.
    pub proof: Proof,
    pub(super) flow: Flow<R>,
}

/// A change under way, whatever step it is at.
#[derive(Clone)]
pub(super) struct Flow<R> {
    /// What the change began with.
    pub(super) request: R,
    tries_left: u8,
}

impl<R: NeedsProof> Flow<R> {
    /// Begins a change.
    pub(super) fn begin(request: R) -> Result<Box<Proving<R>>, ProvenChangeError> {
        Self { request, tries_left: TRIES }.prove()
    }

    /// Has the caller prove who they are, while tries are left.
    pub(super) fn prove(self) -> Result<Box<Proving<R>>, ProvenChangeError> {
        let tries_left = self.tries_left.checked_sub(1).ok_or(ProvenChangeError::AccountChanging)?;
        let proof = self.request.proof().clone();
        Ok(Box::new(Proving { proof, flow: Self { tries_left, ..self } }))
    }

    /// What becomes of the change when its transaction has failed: it is refused, or begun anew.
    pub(super) fn after(self, failure: AccountChangeError) -> Result<Box<Proving<R>>, ProvenChangeError> {
        match failure {
            AccountChangeError::CallerSignedOut => Err(ProofError::SessionOver.into()),
            // It is as wrong as if it had come later.
            AccountChangeError::FactorUsed => Err(ProofError::Factor.into()),
            // Only the first can be: no code is used, no address, and no passkey added.
            AccountChangeError::AccountDiffers
            | AccountChangeError::CodeUsed
            | AccountChangeError::AddressTaken
            | AccountChangeError::PasskeyExists => self.prove(),
        }
    }
}
