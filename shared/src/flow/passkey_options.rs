//! The options with which a browser makes a passkey: a challenge of a user who proves who they are.

use super::proof::{Proof, ProofError, Proven};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::authentication::AuthenticationMethods;
use crate::code::{Code, CodeId};
use crate::factor::FactorUse;
use crate::ids::UserId;
use crate::passkey::{self, Challenge, ChallengeKind, Creator, CredentialId, MAX_PASSKEYS, Passkey};

/// What a request for options begins with.
#[derive(Clone, Debug)]
pub struct PasskeyOptions {
    /// The proof that it needs.
    pub proof: Proof,
}

/// The next request to DynamoDB, the challenge to make, or the outcome.
pub enum Step {
    /// Have the caller prove who they are.
    Prove(Box<PasskeyOptions>),
    /// Use the second factor, which nothing that follows does.
    Use(Box<Using>),
    /// Query the user's passkeys, consistently.
    ReadPasskeys(Box<ReadingPasskeys>),
    /// Make the challenge.
    Make(Box<Making>),
    /// Put the challenge.
    Put(Box<Putting>),
    /// The proof was right, but there is no room: take the attempt from its count, or forget it with its lane.
    Settle(CountedIn),
    /// The challenge is there, or not.
    Done(Result<(), PasskeyOptionsError>),
}

/// Why there are no options, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyOptionsError {
    /// The proof is not given.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The user has [`MAX_PASSKEYS`].
    #[error("the user has as many passkeys as there can be")]
    TooMany,
}

/// A request whose second factor is still to be used.
pub struct Using {
    /// The use.
    pub used: FactorUse,
    /// What is mailed about it.
    pub mail: Option<Code>,
    flow: Flow,
}

/// A request that waits for the passkeys that there are.
pub struct ReadingPasskeys {
    flow: Flow,
}

/// A challenge to make.
pub struct Making {
    /// Those that there are: no authenticator is to make a second one.
    pub known: Vec<CredentialId>,
    flow: Flow,
}

/// A challenge to store.
pub struct Putting {
    /// The row.
    pub challenge: Challenge,
    counted: Option<CountedIn>,
}

struct Flow {
    request: PasskeyOptions,
    account: Account,
    counted: Option<CountedIn>,
    methods: AuthenticationMethods,
}

impl Step {
    /// Returns what follows [`Step::Settle`].
    #[must_use]
    pub fn settled() -> Self {
        failed(PasskeyOptionsError::TooMany)
    }
}

impl PasskeyOptions {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Prove(Box::new(self))
    }

    /// Takes the outcome of the proof.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(Proven { account, counted, used, methods, mail, .. }) => {
                let flow = Flow { request: self, account, counted, methods };
                // A refusal must not use the factor.
                if flow.account.passkeys >= MAX_PASSKEYS {
                    return flow.counted.map_or_else(Step::settled, Step::Settle);
                }
                match used {
                    Some(used) => Step::Use(Box::new(Using { used, mail, flow })),
                    None => flow.proven(),
                }
            }
            Err(error) => failed(error.into()),
        }
    }
}

impl Using {
    /// Returns the account as it was read.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.flow.account
    }

    /// Takes whether it was not used before.
    #[must_use]
    pub fn then(self, is_used: bool) -> Step {
        if is_used { self.flow.proven() } else { failed(ProofError::Factor.into()) }
    }
}

impl Flow {
    fn proven(self) -> Step {
        match self.account.passkeys {
            0 => Step::Make(Box::new(Making { known: Vec::new(), flow: self })),
            _ => Step::ReadPasskeys(Box::new(ReadingPasskeys { flow: self })),
        }
    }
}

impl ReadingPasskeys {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.account.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, passkeys: &[Passkey]) -> Step {
        Step::Make(Box::new(Making { known: passkey::ids(passkeys), flow: self.flow }))
    }
}

impl Making {
    /// Returns the account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.flow.account
    }

    /// Takes what must be known to verify the answer, and the key of the row.
    #[must_use]
    pub fn then(self, state: String, code_id: CodeId) -> Step {
        let Flow { request: PasskeyOptions { proof }, account, counted, methods } = self.flow;
        let Account { user_id, ended_version, .. } = account;
        let creator = Creator { user_id, ended_version, session_id: proof.caller, methods };
        let challenge = Challenge::new(code_id, ChallengeKind::Creation, Some(creator), state, proof.now);
        Step::Put(Box::new(Putting { challenge, counted }))
    }
}

impl Putting {
    /// Returns where the attempt is counted that has just succeeded. It is taken back beside the put, and if that fails, nothing
    /// else does.
    #[must_use]
    pub fn counted(&self) -> Option<&CountedIn> {
        self.counted.as_ref()
    }

    /// It is put.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(()))
    }
}

fn failed(error: PasskeyOptionsError) -> Step {
    Step::Done(Err(error))
}
