//! A request for a mail: it is counted, and a row of the table of codes has it sent.
//!
//! # Invariants
//! * Known and unknown addresses take the same requests: the account is read while the mail is counted, and a row is put whether
//!   there is an account or not.
//! * Nothing is mailed on the path of the request itself.

use super::mail_reservation::{self, Reserved};
use super::mailing::Mailing;
use super::reservation::BlockedError;
use crate::account::Account;
use crate::attempts::Lane;
use crate::code::{Code, Pending, Purpose};
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::{AttemptId, UserId};
use crate::mail_lane::{CountAll, Limits, Mails, TakeBack};
use crate::refresh_token::RefreshKeys;

/// What a request for a mail begins with.
#[derive(Clone)]
pub struct MailRequest {
    /// The mail.
    pub mailing: Mailing,
    /// The address of the account.
    pub email: Email,
    /// Who is mailed.
    pub recipient: Recipient,
    /// The lane of everybody who asks for such a mail.
    pub common: Lane,
    /// The lane of the device, if a genuine device token came along.
    pub device: Option<(DeviceToken, Lane)>,
    /// The count of all mail that is asked for without a session. None for one with a session.
    pub all: Option<CountAll>,
    /// The settings.
    pub limits: Limits,
}

/// Who is mailed at an address. Nobody else is.
#[derive(Clone)]
pub enum Recipient {
    /// The user of the account.
    User,
    /// The user of the account, if it is this one, by the access token.
    This(UserId),
    /// Whoever wants an account with this address. If it has one, its user is told so.
    Registrant(Pending),
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Read the account, and count the mail at the same time.
    ReadAndReserve(Box<Reading>),
    /// Count the mail in the common lane.
    Reserve(Box<Reserving>),
    /// Count the mail among all.
    CountAll(Box<CountingAll>),
    /// Take the mail from the count of its lane.
    TakeBack(TakingBack),
    /// Put a row into the table of codes.
    Put(Box<Putting>),
    /// The mail is on its way, or blocked.
    Done(Result<Box<Code>, BlockedError>),
}

/// A request that waits for the account and the count.
pub struct Reading {
    request: MailRequest,
}

/// The device token turned out to be of another account, or from before a change that ended sessions. The mail is counted in
/// the common lane, as without a token.
pub struct Reserving {
    request: MailRequest,
    account: Option<Account>,
}

/// A mail that its lane lets through.
pub struct CountingAll {
    /// The write.
    pub write: CountAll,
    counted: Counted,
}

/// A mail that is too many among all of this minute. Its lane must not lose it.
pub struct TakingBack {
    /// The write.
    pub write: TakeBack,
    blocked: BlockedError,
}

/// A mail that is let through.
pub struct Putting {
    /// The row that has it sent.
    pub code: Code,
}

struct Counted {
    request: MailRequest,
    account: Option<Account>,
    lane: Lane,
    row: Mails,
}

impl MailRequest {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::ReadAndReserve(Box::new(Reading { request: self }))
    }

    /// Returns the lane of the device, by the text of a device token. It counts if it was made for this address.
    #[must_use]
    pub fn device_lane(
        purpose: Purpose,
        email: &Email,
        device_token: Option<&str>,
        keys: &RefreshKeys,
    ) -> Option<(DeviceToken, Lane)> {
        let device = DeviceToken::parse(device_token?, email, keys).ok()?;
        Some((device, Lane::of_mail_from(&device, purpose, email, keys)))
    }

    fn reservation(&self, lane: &Lane, by: AttemptId) -> mail_reservation::Step {
        mail_reservation::start(lane.clone(), by, self.limits, self.mailing.now)
    }

    /// The row whose mail the lane has let through.
    fn code(self, account: Option<&Account>, row: &Mails) -> Code {
        let Self { mailing, email, recipient, limits, .. } = self;
        let nobody = || mailing.for_purpose(Purpose::Nobody).to_address(email.clone());
        let mut code = match (recipient, account) {
            (Recipient::User, Some(account)) => mailing.to(account),
            (Recipient::This(user_id), Some(account)) if account.user_id == user_id => mailing.to(account),
            (Recipient::User, None) | (Recipient::This(_), _) => nobody(),
            (Recipient::Registrant(pending), None) => {
                Code { pending: Some(pending), ..mailing.to_address(email) }
            }
            (Recipient::Registrant(_), Some(_)) => {
                mailing.for_purpose(Purpose::AddressTaken).to_address(email)
            }
        };
        // A stranger who uses up the day of a lane can't keep the owner from a code that works.
        if row.mails >= limits.per_day {
            code.expires_at = code.expires_at.max(row.expires_at);
        }
        code
    }
}

impl Reading {
    /// Returns the address of the account to read, consistently.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.request.email
    }

    /// Returns the first step of the count. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> mail_reservation::Step {
        let lane = self.request.device.as_ref().map_or(&self.request.common, |(_, lane)| lane);
        self.request.reservation(lane, by)
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, account: Option<Account>, reserved: Reserved) -> Step {
        let request = self.request;
        let is_of = |device: &DeviceToken| account.as_ref().is_some_and(|account| device.is_of(account));
        match &request.device {
            Some((device, lane)) if is_of(device) => {
                let lane = lane.clone();
                counted(request, account, lane, reserved)
            }
            Some(_) => Step::Reserve(Box::new(Reserving { request, account })),
            None => {
                let lane = request.common.clone();
                counted(request, account, lane, reserved)
            }
        }
    }
}

impl Reserving {
    /// Returns the first step of the count. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> mail_reservation::Step {
        self.request.reservation(&self.request.common, by)
    }

    /// Takes the answer.
    #[must_use]
    pub fn then(self, reserved: Reserved) -> Step {
        let lane = self.request.common.clone();
        counted(self.request, self.account, lane, reserved)
    }
}

fn counted(mut request: MailRequest, account: Option<Account>, lane: Lane, reserved: Reserved) -> Step {
    match (reserved, request.all.take()) {
        (Err(blocked), _) => Step::Done(Err(blocked)),
        (Ok(row), Some(write)) => {
            Step::CountAll(Box::new(CountingAll { write, counted: Counted { request, account, lane, row } }))
        }
        (Ok(row), None) => Step::Put(Box::new(Putting { code: request.code(account.as_ref(), &row) })),
    }
}

impl CountingAll {
    /// Takes DynamoDB's answer: whether it is counted.
    #[must_use]
    pub fn then(self, is_counted: bool) -> Step {
        let Counted { request, account, lane, row } = self.counted;
        if is_counted {
            return Step::Put(Box::new(Putting { code: request.code(account.as_ref(), &row) }));
        }
        let blocked = BlockedError { retry_after: self.write.retry_after() };
        Step::TakeBack(TakingBack { write: TakeBack { lane }, blocked })
    }
}

impl Putting {
    /// It is written.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Ok(Box::new(self.code)))
    }
}

impl TakingBack {
    /// It is taken back, or stays counted.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done(Err(self.blocked))
    }
}
