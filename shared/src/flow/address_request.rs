//! A request for another address, by a user who knows the password and has a living session. A mail asks the new address to
//! confirm it; the old one stays in force until then.
//!
//! # Invariants
//! * A free and a taken address cause the same requests and get the same answer.
//! * A new address gets no more mail than any other, and one account cannot send more mail to all new addresses together than one
//!   address gets in a day.
//! * A second factor is used last, when only the row of the mail is still to be written: a request that the lanes refuse uses none.

use super::mail_request::{Admitted, MailRequest, Recipient};
use super::mail_reservation::{self, Reserved};
use super::mailing::Mailing;
use super::proof::{Proof, ProofError, Proven};
use super::reservation::BlockedError;
use crate::Seconds;
use crate::account::Account;
use crate::attempts::{CountedIn, Lane};
use crate::code::{Code, Purpose};
use crate::email::Email;
use crate::factor::FactorUse;
use crate::ids::AttemptId;
use crate::mail_lane::{Limits, TakeBack};
use crate::refresh_token::RefreshKeys;

/// The input of a request for another address.
#[derive(Clone, Debug)]
pub struct AddressRequest {
    /// The required proof.
    pub proof: Proof,
    /// The mail: [`Purpose::ChangeAddress`].
    pub mailing: Mailing,
    /// The new address.
    pub new_email: Email,
    /// The lanes in which the mail is counted.
    pub lanes: Lanes,
    /// The settings.
    pub limits: Limits,
}

/// The lanes that count a request for another address.
#[derive(Clone, Debug)]
pub struct Lanes {
    /// The lane of the user, for all addresses.
    pub user: Lane,
    /// The lane of the new address, for all users.
    pub address: Lane,
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Have the caller prove their identity.
    Prove(Box<Proving>),
    /// Count the mail in the lane of the user.
    Count(Box<Counting>),
    /// Request the mail, without its row.
    Ask(Box<Asking>),
    /// Use the second factor.
    Use(Box<Using>),
    /// Write the row that triggers the mail.
    Put(Box<Putting>),
    /// Subtract the mail from the lanes that have counted it.
    TakeBack(TakingBack),
    /// The mail is requested, or refused.
    Done(Result<(), AddressRequestError>),
}

/// The reason why no mail is requested, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRequestError {
    /// The proof failed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// There were too many mails.
    #[error("too many requests for mail")]
    Mails(BlockedError),
}

/// A request that waits for its proof.
pub struct Proving {
    request: AddressRequest,
}

/// A request with a proof.
pub struct Counting {
    request: AddressRequest,
    account: Account,
    counted: Option<CountedIn>,
    used: Option<UsedFactor>,
}

/// A request that is counted in the lane of its user.
pub struct Asking {
    request: AddressRequest,
    account: Account,
    used: Option<UsedFactor>,
}

/// The second factor of a request.
struct UsedFactor {
    used: FactorUse,
    mail: Option<Code>,
}

/// An admitted request whose second factor is still to be used.
pub struct Using {
    /// The account as it was read.
    pub account: Account,
    /// The use.
    pub used: FactorUse,
    /// What is mailed about it.
    pub mail: Option<Code>,
    putting: Putting,
}

/// An admitted request, whose mail is still to be triggered.
pub struct Putting {
    /// The row.
    pub code: Code,
    /// The writes that subtract the mail from its lanes if the row is not written.
    pub taken_back: [TakeBack; 2],
}

/// A mail that is not sent. The lanes that have counted it must not lose it.
pub struct TakingBack {
    /// The writes.
    pub writes: Vec<TakeBack>,
    error: AddressRequestError,
}

impl Lanes {
    /// Returns the lanes for a user and an address.
    #[must_use]
    pub fn new(proof: &Proof, new_email: &Email, keys: &RefreshKeys) -> Self {
        Self {
            user: Lane::of_mail_by(proof.user_id, Purpose::ChangeAddress, keys),
            address: Lane::of_mail(Purpose::ChangeAddress, new_email, keys),
        }
    }
}

impl AddressRequest {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Prove(Box::new(Proving { request: self }))
    }
}

impl Proving {
    /// Returns the proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.request.proof
    }

    /// Takes the outcome of the proof.
    #[must_use]
    pub fn then(self, proven: Result<Proven, ProofError>) -> Step {
        match proven {
            Ok(Proven { account, counted, used, mail, .. }) => {
                let used = used.map(|used| UsedFactor { used, mail });
                Step::Count(Box::new(Counting { request: self.request, account, counted, used }))
            }
            Err(error) => Step::Done(Err(error.into())),
        }
    }
}

impl Counting {
    /// Returns where the attempt is counted that has just succeeded, if one is. It is taken back beside the count of the mail, and if
    /// that fails, nothing else does.
    #[must_use]
    pub fn counted(&self) -> Option<&CountedIn> {
        self.counted.as_ref()
    }

    /// Returns the first step of the count. `by` is a fresh id. A user who has mistyped an address need not wait for the
    /// next mail.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> mail_reservation::Step {
        let AddressRequest { lanes, limits, mailing, .. } = &self.request;
        let limits = Limits { interval: Seconds(0), ..*limits };
        mail_reservation::start(lanes.user.clone(), by, limits, mailing.now)
    }

    /// Takes the answer.
    #[must_use]
    pub fn then(self, reserved: Reserved) -> Step {
        let Self { request, account, used, .. } = self;
        match reserved {
            Ok(_) => Step::Ask(Box::new(Asking { request, account, used })),
            Err(blocked) => Step::Done(Err(AddressRequestError::Mails(blocked))),
        }
    }
}

impl Asking {
    /// Returns the request for the mail.
    #[must_use]
    pub fn request(&self) -> MailRequest {
        let AddressRequest { mailing, new_email, lanes, limits, .. } = &self.request;
        MailRequest {
            mailing: mailing.clone(),
            email: new_email.clone(),
            recipient: Recipient::Moving(Box::new(self.account.clone())),
            common: lanes.address.clone(),
            device: None,
            all: None,
            limits: *limits,
        }
    }

    /// Returns the write that subtracts the mail from the lane of the user if it is not sent.
    #[must_use]
    pub fn taken_back(&self) -> TakeBack {
        TakeBack { lane: self.request.lanes.user.clone() }
    }

    /// Takes its outcome.
    #[must_use]
    pub fn then(self, admitted: Result<Box<Admitted>, BlockedError>) -> Step {
        let of_user = self.taken_back();
        let Self { account, used, .. } = self;
        match admitted {
            Ok(admitted) => {
                let Admitted { code, taken_back } = *admitted;
                let putting = Putting { code, taken_back: [of_user, taken_back] };
                match used {
                    Some(UsedFactor { used, mail }) => {
                        Step::Use(Box::new(Using { account, used, mail, putting }))
                    }
                    None => Step::Put(Box::new(putting)),
                }
            }
            Err(blocked) => {
                let error = AddressRequestError::Mails(blocked);
                Step::TakeBack(TakingBack { writes: vec![of_user], error })
            }
        }
    }
}

impl Using {
    /// Returns the writes that subtract the mail from its lanes if the factor can't be used.
    #[must_use]
    pub fn taken_back(&self) -> &[TakeBack] {
        &self.putting.taken_back
    }

    /// Takes whether it was not used before.
    #[must_use]
    pub fn then(self, is_used: bool) -> Step {
        if is_used {
            Step::Put(Box::new(self.putting))
        } else {
            let error = ProofError::Credentials.into();
            Step::TakeBack(TakingBack { writes: self.putting.taken_back.into(), error })
        }
    }
}

impl Putting {
    /// Marks the row as written.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(()))
    }
}

impl TakingBack {
    /// The mail is subtracted, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Err(self.error))
    }
}
