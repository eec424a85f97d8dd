//! A sign-in: the attempt is counted, the password compared, and the session created if the account has not changed.
//!
//! # Invariants
//! * No password is compared before its attempt is counted, and no second factor before the password.
//! * A session is created only if the account has not changed since the sign-in read it, so that a stalled sign-in cannot
//!   outlive a password change.
//! * A second factor is used by the write that creates the session: of two sign-ins with one code one comes into being.

use super::admission::{Admitted, Attempt};
use super::mailing::Mailing;
use super::reservation::BlockedError;
use super::sweep;
use crate::account::Account;
use crate::attempts::{CountedIn, TakeBack};
use crate::authentication::AuthenticationMethods;
use crate::code::Code;
use crate::factor::{Checked, FactorKinds, FactorUse, Presented};
use crate::ids::{SessionId, UserId};
use crate::refresh_token::{Nonce, RefreshKeyId};
use crate::session::{Device, Lifetimes, NewSession, Profile, Session, Summary};
use crate::{Seconds, Timestamp};

/// The number of tries of a sign-in, password included, if its account keeps changing.
const TRIES: u8 = 3;

/// The input of a sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The account whose password is tried, and the lane that counts the attempt.
    pub attempt: Attempt,
    /// The settings of the session.
    pub opening: Opening,
    /// `SESSIONS_PER_USER`: the maximum number of sessions.
    pub keep: usize,
    /// The notice of a sign-in from an unknown device, if it is enabled.
    pub notice: Option<Mailing>,
    /// The mail that tells that the last recovery code was used, if mail is on.
    pub used_up: Option<Mailing>,
}

/// The settings of a new session, without the account and random values.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The key that makes the first refresh token.
    pub key_id: RefreshKeyId,
    /// How long the session lives.
    pub lifetimes: Lifetimes,
    /// How the user signs in.
    pub methods: AuthenticationMethods,
    /// When the user proved their identity by them: now, at a sign-in.
    pub authenticated_at: Timestamp,
    /// The device that signs in.
    pub device: Device,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The random values of a session.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// Its id.
    pub session_id: SessionId,
    /// The nonce of its first refresh token.
    pub nonce: Nonce,
}

/// The next request to DynamoDB, the password to compare, or the outcome.
pub enum Step {
    /// Read the account and count the attempt.
    Admit(Admitting),
    /// Compare the password. One hash runs, whether there is an account or not.
    Verify(Verifying),
    /// Take the attempt from its count: the password is right, and a second factor is asked for.
    TakeBack(TakingBack),
    /// Create the session.
    Create(Box<Creating>),
    /// Sweep the user's sessions.
    Sweep(Box<Sweeping>),
    /// The sign-in is over.
    Done(Result<SignedIn, SignInError>),
}

/// A successful sign-in.
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
}

/// The reason why a sign-in failed, other than a failure of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// There is no such account, or the password is wrong.
    #[error("unknown email, or wrong password")]
    Credentials,
    /// The password is right, and the second factor is wrong or was used before. The client must not learn the difference to
    /// [`SignInError::Credentials`].
    #[error("right password, wrong second factor")]
    Factor,
    /// The data key of the second factor is missing. The client gets the answer of [`SignInError::Credentials`].
    #[error("the data key of the second factor is missing")]
    DataKeyMissing,
    /// The password is right, and one of these is asked for too.
    #[error("a second factor is asked for")]
    FactorRequired(FactorKinds),
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// The seconds to wait, at least one.
        retry_after: Seconds,
    },
    /// The account changed before each creation of the session.
    #[error("the account kept changing")]
    AccountChanging,
}

impl From<BlockedError> for SignInError {
    fn from(BlockedError { retry_after }: BlockedError) -> Self {
        Self::Blocked { retry_after }
    }
}

/// The result of comparing a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is wrong, or there is no account.
    Wrong,
    /// It is right.
    Right,
    /// It is right, but was hashed at another cost or by another system: this is its hash at the current cost.
    Rehashed(String),
}

/// A sign-in that waits for admission.
pub struct Admitting {
    /// The attempt to admit.
    pub attempt: Attempt,
    flow: Flow,
}

/// A sign-in whose password is being compared.
pub struct Verifying {
    flow: Flow,
    account: Option<Account>,
    counted: CountedIn,
}

/// A sign-in that is over, since a second factor is asked for.
pub struct TakingBack {
    /// The write. If it fails, the attempt stays counted.
    pub write: TakeBack,
    factors: FactorKinds,
}

/// A transaction that creates a session if the account has not changed since it was read.
pub struct Creating {
    flow: Flow,
    /// The account as it was read.
    pub account: Account,
    /// The hash that replaces the account's, if any.
    pub rehashed: Option<String>,
    /// The use of the second factor, if the account has one.
    pub used: Option<FactorUse>,
    /// The new session.
    pub session: Session,
    /// Where the attempt is counted.
    pub counted: CountedIn,
    /// The mail about it.
    pub mails: Vec<Code>,
}

/// The result of a transaction that creates a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The session exists.
    Created,
    /// The account has changed since it was read.
    AccountDiffers,
    /// The second factor was used meanwhile.
    FactorUsed,
}

/// A successful sign-in, followed by a sweep.
pub struct Sweeping {
    keep: usize,
    counted: CountedIn,
    account: Account,
    session: Session,
}

struct Flow {
    request: SignIn,
    tries_left: u8,
}

impl SignIn {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Flow { request: self, tries_left: TRIES }.admit()
    }
}

impl Flow {
    fn admit(self) -> Step {
        match self.tries_left.checked_sub(1) {
            Some(tries_left) => {
                let attempt = self.request.attempt.clone();
                Step::Admit(Admitting { attempt, flow: Self { tries_left, ..self } })
            }
            None => Step::Done(Err(SignInError::AccountChanging)),
        }
    }

    /// Returns whether the device is known, that is, has a lane of its own.
    fn mails(&self, account: &Account, counted: &CountedIn, used: Option<&FactorUse>) -> Vec<Code> {
        let notice = match counted {
            CountedIn::Common(_) => self.request.notice.as_ref(),
            CountedIn::Device(_) => None,
        };
        let used_up = self.request.used_up.as_ref().filter(|_| used.is_some_and(FactorUse::is_last_code));
        notice.into_iter().chain(used_up).filter_map(|mailing| mailing.notice_to(account)).collect()
    }
}

impl Admitting {
    /// Takes the outcome of the admission.
    #[must_use]
    pub fn then(self, admitted: Result<Admitted, BlockedError>) -> Step {
        match admitted {
            Ok(Admitted { account, counted }) => {
                Step::Verify(Verifying { flow: self.flow, account, counted })
            }
            Err(blocked) => Step::Done(Err(blocked.into())),
        }
    }
}

impl Verifying {
    /// Returns the hash to compare with. `None` if there is no account, or it has no password or is disabled: the typed password
    /// is hashed all the same.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        self.account.as_ref()?.usable_password_hash()
    }

    /// Takes what the comparison came to, and the second factor that came along. It is checked only if the password is right.
    #[must_use]
    pub fn then(self, compared: Compared, presented: Presented<'_>, fresh: Fresh) -> Step {
        let rehashed = match compared {
            Compared::Wrong => return Step::Done(Err(SignInError::Credentials)),
            Compared::Right => None,
            Compared::Rehashed(hash) => Some(hash),
        };
        let Self { flow, account: Some(account), counted } = self else {
            return Step::Done(Err(SignInError::Credentials));
        };
        let used = match account.factors.check(account.user_id, presented) {
            Checked::NotNeeded => None,
            Checked::Right(used) => Some(used),
            Checked::Wrong => return Step::Done(Err(SignInError::Factor)),
            Checked::KeyMissing => return Step::Done(Err(SignInError::DataKeyMissing)),
            Checked::Missing(factors) => {
                return Step::TakeBack(TakingBack { write: counted.taken_back_alone(), factors });
            }
        };
        let opening = flow.request.opening.with_factor(used.as_ref());
        let session = opening.open(account.user_id, account.profile(), fresh);
        let mails = flow.mails(&account, &counted, used.as_ref());
        Step::Create(Box::new(Creating { flow, account, rehashed, used, session, counted, mails }))
    }
}

impl TakingBack {
    /// It is taken back, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Err(SignInError::FactorRequired(self.factors)))
    }
}

impl Creating {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, created: Created) -> Step {
        let Self { flow, account, session, counted, .. } = self;
        let keep = flow.request.keep;
        match created {
            Created::Created => Step::Sweep(Box::new(Sweeping { keep, counted, account, session })),
            Created::AccountDiffers => flow.admit(),
            // It is as wrong as if it had come later. The attempt stays counted, and no other hash runs for it.
            Created::FactorUsed => Step::Done(Err(SignInError::Factor)),
        }
    }
}

impl Sweeping {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// Returns the first step of the sweep.
    #[must_use]
    pub fn sweep(&self) -> sweep::Step {
        sweep::start(&self.account, Some((&self.session, self.keep)))
    }

    /// Returns the writes that run beside the sweep. A failure of these has no other effect.
    #[must_use]
    pub fn taken_back(&self) -> Option<TakeBack> {
        self.counted.taken_back()
    }

    /// The sweep is done.
    #[must_use]
    pub fn then(self) -> Step {
        let Self { account, session, .. } = self;
        Step::Done(Ok(SignedIn { account, session }))
    }
}

impl Opening {
    /// The same of a user who has used a second factor too, if they have.
    #[must_use]
    pub fn with_factor(&self, used: Option<&FactorUse>) -> Self {
        let methods = match used {
            Some(_) => self.methods.with(AuthenticationMethods::ONE_TIME_PASSWORD),
            None => self.methods,
        };
        Self { methods, ..self.clone() }
    }

    /// Returns a new session of a user.
    #[must_use]
    pub fn open(&self, user_id: UserId, profile: Profile, fresh: Fresh) -> Session {
        let Self { key_id, lifetimes, methods: amr, authenticated_at, device, now } = self.clone();
        let Fresh { session_id, nonce } = fresh;
        let begun = Session::begin(NewSession {
            user_id,
            session_id,
            key_id,
            nonce,
            lifetimes,
            amr,
            profile,
            device,
            now,
        });
        Session { authenticated_at, ..begun }
    }

    /// Returns the same for a session that takes the place of `asking`, in which its user proved their identity.
    #[must_use]
    pub fn instead_of(&self, asking: &Summary) -> Self {
        Self { authenticated_at: asking.authenticated_at, ..self.clone() }
    }
}

impl Fresh {
    /// Draws both values.
    pub fn random(rng: &mut impl rand::CryptoRng) -> Self {
        Self { session_id: SessionId::random(rng), nonce: Nonce::random(rng) }
    }
}
