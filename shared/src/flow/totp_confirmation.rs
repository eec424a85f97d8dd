//! The confirmation of an authenticator app: its user shows that it has the secret. From then on it is asked for.
//!
//! # Invariants
//! * A code is counted before it is compared, in the lanes of passwords: it is short enough to guess.
//! * Only the session that began to set the app up can confirm it. A change that ends the session ends that too.
//! * The app, its recovery codes and the end of the other sessions come together or not at all.

use super::Asking;
use super::account_change::{
    AccountChange, AccountChangeError, Becomes, Changed, PasskeyWrites, SessionPolicy,
};
use super::admission::{Admitted, Attempt};
use super::mailing::Mailing;
use super::proven_change::TRIES;
use super::reservation::BlockedError;
use super::sign_in::{Fresh, Opening};
use crate::account::Account;
use crate::attempts::CountedIn;
use crate::authentication::AuthenticationMethods;
use crate::data_key::DataKeys;
use crate::factor::{Factors, PendingTotp, RecoveryCodes, Totp, TotpCode, TotpSecret};
use crate::ids::{SessionId, UserId};
use crate::session::OwnSessions;
use crate::{Seconds, Timestamp};

/// What a confirmation begins with.
#[derive(Clone)]
pub struct TotpConfirmation {
    /// Who asks.
    pub asking: Asking,
    /// Whose code is compared, and where that is counted.
    pub attempt: Attempt,
    /// The code.
    pub code: TotpCode,
    /// The recovery codes that the account gets, in place of others.
    pub recovery_codes: RecoveryCodes,
    /// What the new session begins with. Its methods are those of the session that asks, by which its user has signed in.
    pub opening: Opening,
    /// What is drawn for it.
    pub fresh: Fresh,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
    /// How many other sessions the transaction ends: [`super::account_change::ENDED_AT_ONCE`].
    pub room: usize,
    /// The mail that tells of it, if mail is on.
    pub notice: Option<Mailing>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, the code to compare, or the outcome.
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Box<Querying>),
    /// Read the account and count the attempt.
    Admit(Box<Admitting>),
    /// Compare the code.
    Verify(Box<Verifying>),
    /// Change the account.
    Change(Box<Changing>),
    /// The confirmation is over.
    Done(Result<Box<Changed>, TotpConfirmationError>),
}

/// Why an app is not confirmed, beyond DynamoDB not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TotpConfirmationError {
    /// The session that asks has ended.
    #[error("the session has ended")]
    SessionOver,
    /// The code is wrong, or no app is being set up.
    #[error("wrong code, or no app that is being set up")]
    Code,
    /// The data key of the app that is being set up is missing. The client gets the answer of [`TotpConfirmationError::Code`].
    #[error("the data key of the second factor is missing")]
    DataKeyMissing,
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// How long to wait, in seconds, at least one.
        retry_after: Seconds,
    },
    /// The account changed each time before the change was made.
    #[error("the account kept changing")]
    AccountChanging,
}

/// A confirmation that waits for the user's sessions.
pub struct Querying {
    flow: Flow,
}

/// A confirmation that waits for admission.
pub struct Admitting {
    flow: Flow,
    others: Vec<SessionId>,
}

/// A confirmation whose code is being compared.
pub struct Verifying {
    flow: Flow,
    others: Vec<SessionId>,
    account: Option<Account>,
    counted: CountedIn,
}

/// A change of the account under way.
pub struct Changing {
    /// The change.
    pub change: AccountChange,
    flow: Flow,
}

#[derive(Clone)]
struct Flow {
    request: TotpConfirmation,
    tries_left: u8,
}

impl TotpConfirmation {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Flow { request: self, tries_left: TRIES }.query()
    }
}

impl Flow {
    fn query(mut self) -> Step {
        let Some(tries_left) = self.tries_left.checked_sub(1) else {
            return failed(TotpConfirmationError::AccountChanging);
        };
        self.tries_left = tries_left;
        Step::Query(Box::new(Querying { flow: self }))
    }
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.flow.request.asking.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let mut flow = self.flow;
        let TotpConfirmation { asking, opening, now, .. } = &mut flow.request;
        let Some(session) = own.find_living(asking.session_id, *now) else {
            return failed(TotpConfirmationError::SessionOver);
        };
        *opening = opening.instead_of(session);
        let others = own.all_but(asking.session_id);
        Step::Admit(Box::new(Admitting { flow, others }))
    }
}

impl Admitting {
    /// Returns the attempt to admit.
    #[must_use]
    pub fn attempt(&self) -> &Attempt {
        &self.flow.request.attempt
    }

    /// Takes the outcome of the admission.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        let Self { flow, others } = self;
        match admitted {
            Ok(Admitted { account, counted }) => {
                // The address may by now belong to somebody else's account.
                let user_id = flow.request.asking.user_id;
                let account = account.filter(|account| account.user_id == user_id);
                Step::Verify(Box::new(Verifying { flow, others, account, counted }))
            }
            Err(BlockedError { retry_after }) => failed(TotpConfirmationError::Blocked { retry_after }),
        }
    }
}

impl Verifying {
    /// Compares the code with those of the app that is being set up.
    #[must_use]
    pub fn then(self, keys: &DataKeys) -> Step {
        let Self { flow, others, account, counted } = self;
        let Some(read) = account else { return failed(TotpConfirmationError::Code) };
        match flow.request.confirmed(&read, keys) {
            Ok(totp) => {
                let change = flow.request.change(read, totp, others, counted);
                Step::Change(Box::new(Changing { change, flow }))
            }
            Err(error) => failed(error),
        }
    }
}

impl TotpConfirmation {
    fn confirmed(&self, account: &Account, keys: &DataKeys) -> Result<Totp, TotpConfirmationError> {
        let pending = account.factors.pending_totp.as_ref();
        let can_be = |pending: &&PendingTotp| pending.can_be_confirmed_by(self.asking.session_id, self.now);
        let PendingTotp { secret, .. } = pending.filter(can_be).ok_or(TotpConfirmationError::Code)?;
        let user_id = account.user_id;
        let opened = TotpSecret::opened(secret, user_id, keys).map_err(|error| {
            tracing::error!(event = "data_key_missing", %user_id, %error);
            TotpConfirmationError::DataKeyMissing
        })?;
        let last_step = opened.step_of(&self.code, self.now).ok_or(TotpConfirmationError::Code)?;
        Ok(Totp { secret: secret.clone(), confirmed_at: self.now, last_step })
    }

    fn change(&self, read: Account, totp: Totp, others: Vec<SessionId>, counted: CountedIn) -> AccountChange {
        let factors = Factors {
            totp: Some(totp),
            pending_totp: None,
            recovery_codes: Some(self.recovery_codes.clone()),
        };
        let methods = self.opening.methods.with(AuthenticationMethods::ONE_TIME_PASSWORD);
        let opening = Opening { methods, ..self.opening.clone() };
        let profile = read.next_version_ending_sessions().profile();
        let begun = Box::new(opening.open(read.user_id, profile, self.fresh));
        AccountChange {
            becomes: Becomes::Account(Box::new(Account { factors, ..read.clone() })),
            sessions: SessionPolicy::EndAllBut { known: others, begun, keep: self.keep },
            caller: Some(self.asking.session_id),
            code: None,
            mails: self.notice.iter().filter_map(|notice| notice.notice_to(&read)).collect(),
            frees: Vec::new(),
            passkeys: PasskeyWrites::default(),
            read,
            counted: Some(counted),
            used: None,
            room: self.room,
            now: self.now,
        }
    }
}

impl Changing {
    /// Takes its outcome.
    #[must_use]
    pub fn then(self, changed: Result<Changed, AccountChangeError>) -> Step {
        match changed {
            Err(AccountChangeError::CallerSignedOut) => failed(TotpConfirmationError::SessionOver),
            Ok(changed) => Step::Done(Ok(Box::new(changed))),
            // Only the first can be: no mailed code is used, no factor, and no address.
            Err(
                AccountChangeError::AccountDiffers
                | AccountChangeError::CodeUsed
                | AccountChangeError::FactorUsed
                | AccountChangeError::AddressTaken
                | AccountChangeError::PasskeyExists,
            ) => self.flow.query(),
        }
    }
}

fn failed(error: TotpConfirmationError) -> Step {
    Step::Done(Err(error))
}
