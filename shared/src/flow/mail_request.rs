//! A request for a mail: it is counted, and a row of the codes table triggers the mail.
//!
//! # Invariants
//! * Known and unknown addresses cause the same requests: the row of the address is read while the mail is counted, and a row is
//!   written whether there is an account or not.
//! * The request itself sends no mail.

use super::mail_count::{self, Counted};
use super::mail_reservation::{self, Reserved};
use super::mailing::Mailing;
use super::reservation::BlockedError;
use crate::account::{Account, Entry};
use crate::attempts::Lane;
use crate::code::{Code, Pending, Purpose};
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::{AttemptId, UserId};
use crate::mail_lane::{CountAll, Limits, Mails, TakeBack};
use crate::refresh_token::RefreshKeys;

/// The input of a request for a mail.
#[derive(Clone)]
pub struct MailRequest {
    /// The mail.
    pub mailing: Mailing,
    /// The address whose row is read.
    pub email: Email,
    /// The recipient.
    pub recipient: Recipient,
    /// The common lane for such mails to this address.
    pub common: Lane,
    /// The lane of the device, if the request has a genuine device token.
    pub device: Option<(DeviceToken, Lane)>,
    /// The total of all mail that is requested without a session. `None` for a request with a session.
    pub all: Option<CountAll>,
    /// The settings.
    pub limits: Limits,
}

/// The recipient of the mail.
#[derive(Clone)]
pub enum Recipient {
    /// The user of the account.
    User,
    /// The user of the account, if the access token is theirs and the address is unverified.
    Unproven(UserId),
    /// The person who wants an account with this address. If there is one, its user is told instead.
    Registrant(Pending),
    /// The reader of the mail there, if this account may move to the address. If it is taken, its owner is told instead.
    Moving(Box<Account>),
}

/// The next request to DynamoDB, or the outcome.
pub enum Step {
    /// Read the row of the address, and count the mail at the same time.
    ReadAndReserve(Box<Reading>),
    /// Count the mail in the common lane.
    Reserve(Box<Reserving>),
    /// Count the mail in the total.
    Count(Box<Counting>),
    /// The mail is admitted, and its row triggers it; or it is blocked.
    Done(Result<Box<Admitted>, BlockedError>),
}

/// A request that waits for the account and the count.
pub struct Reading {
    request: MailRequest,
}

/// The device token is of another account, or from before a change that ended sessions. The mail is counted in
/// the common lane, as without a token.
pub struct Reserving {
    request: MailRequest,
    entry: Option<Entry>,
}

/// A mail that its lane has counted or blocked.
pub struct Counting {
    first: mail_count::Step,
    asked: Asked,
}

/// A mail that is being counted in the total.
pub struct Asked {
    request: MailRequest,
    entry: Option<Entry>,
}

/// An admitted mail, whose row is still to be written to the codes table.
pub struct Admitted {
    /// The row that triggers it.
    pub code: Code,
    /// The write that subtracts the mail from its lane if the row is not written: the mail may be the last one of the
    /// day, and nobody would have its code.
    pub taken_back: TakeBack,
}

impl MailRequest {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::ReadAndReserve(Box::new(Reading { request: self }))
    }

    /// Returns the lane of the device of a device token. The token counts if it was made for this address.
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

    /// Returns the row of an admitted mail.
    fn code(self, entry: Option<Entry>, row: &Mails) -> Code {
        let Self { mailing, email, recipient, limits, .. } = self;
        let nobody = || mailing.for_purpose(Purpose::Nobody).to_address(email.clone());
        let mut code = match (recipient, entry) {
            (Recipient::User, Some(Entry::Account(account))) if !account.is_disabled() => {
                mailing.to(&account)
            }
            (Recipient::Unproven(user_id), Some(Entry::Account(account)))
                if account.user_id == user_id && account.email_verified_at.is_none() =>
            {
                mailing.to(&account)
            }
            (Recipient::User | Recipient::Unproven(_), _) => nobody(),
            (Recipient::Moving(moving), entry) => to_new_address(&mailing, email, entry, &moving),
            (Recipient::Registrant(_), Some(Entry::Account(_))) => {
                mailing.for_purpose(Purpose::AddressTaken).to_address(email)
            }
            (Recipient::Registrant(_), Some(Entry::Tombstone(left))) if !left.is_over(mailing.now) => {
                mailing.for_purpose(Purpose::AddressTaken).to_address(email)
            }
            (Recipient::Registrant(pending), _) => {
                Code { pending: Some(pending), ..mailing.to_address(email) }
            }
        };
        // A stranger who uses up the day of a lane must not keep the owner from a working code.
        if row.is_last(&limits) {
            code.expires_at = code.expires_at.max(row.expires_at);
        }
        code
    }
}

fn to_new_address(mailing: &Mailing, email: Email, entry: Option<Entry>, moving: &Account) -> Code {
    let taken = mailing.for_purpose(Purpose::AddressTaken);
    match entry {
        Some(Entry::Account(owner)) => taken.to(&owner),
        Some(Entry::Tombstone(left)) if left.keeps_out(moving.user_id, mailing.now) => {
            taken.to_address(email)
        }
        Some(Entry::Tombstone(_)) | None => mailing.to_new_address(moving, email),
    }
}

impl Reading {
    /// Returns the address whose row must be read, consistently.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.request.email
    }

    /// Returns the first step of the count. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> mail_reservation::Step {
        self.request.reservation(self.lane(), by)
    }

    /// Returns the write that subtracts the mail from its lane if the row cannot be read.
    #[must_use]
    pub fn taken_back(&self) -> TakeBack {
        TakeBack { lane: self.lane().clone() }
    }

    fn lane(&self) -> &Lane {
        self.request.device.as_ref().map_or(&self.request.common, |(_, lane)| lane)
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, entry: Option<Entry>, reserved: Reserved) -> Step {
        let request = self.request;
        let is_of = |device: &DeviceToken| match &entry {
            Some(Entry::Account(account)) => device.is_of(account),
            Some(Entry::Tombstone(_)) | None => false,
        };
        match &request.device {
            // The total is a limit for strangers, and a device that has signed in is not one.
            Some((device, lane)) if is_of(device) => {
                let lane = lane.clone();
                counted(MailRequest { all: None, ..request }, entry, lane, reserved)
            }
            Some(_) => Step::Reserve(Box::new(Reserving { request, entry })),
            None => {
                let lane = request.common.clone();
                counted(request, entry, lane, reserved)
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
        counted(self.request, self.entry, lane, reserved)
    }
}

fn counted(mut request: MailRequest, entry: Option<Entry>, lane: Lane, reserved: Reserved) -> Step {
    let first = mail_count::start(reserved, lane, request.all.take(), request.limits);
    Step::Count(Box::new(Counting { first, asked: Asked { request, entry } }))
}

impl Counting {
    /// Returns the first step of the count, and what takes its outcome.
    #[must_use]
    pub fn begin(self) -> (mail_count::Step, Asked) {
        (self.first, self.asked)
    }
}

impl Asked {
    /// Takes the outcome.
    #[must_use]
    pub fn then(self, counted: Result<Counted, BlockedError>) -> Step {
        match counted {
            Ok(Counted { row, taken_back }) => {
                let code = self.request.code(self.entry, &row);
                Step::Done(Ok(Box::new(Admitted { code, taken_back })))
            }
            Err(blocked) => Step::Done(Err(blocked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Tombstone;
    use crate::refresh_token::{Nonce, RefreshKeyId};
    use crate::{Seconds, Timestamp};

    const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);

    fn email(name: &str) -> Email {
        Email::from_table(format!("{name}@example.com"))
    }

    fn account(name: &str, user: u8) -> Account {
        let user_id = UserId::from_bytes([user; 16]);
        let account = Account::new(email(name), user_id, "Ada".to_owned(), NOW);
        Account { email_verified_at: Some(NOW), ..account }
    }

    /// Returns the row for a request of user 1 to move to "new", which has this entry.
    fn put(entry: Option<Entry>) -> Code {
        let keys = RefreshKeys::new(RefreshKeyId(1), &[7; 32]);
        let mailing = Mailing {
            purpose: Purpose::ChangeAddress,
            code_id: crate::code::CodeId::from_bytes([3; 16]),
            nonce: Nonce::from_bytes([4; 12]),
            key_id: RefreshKeyId(1),
            locale: None,
            now: NOW,
        };
        let request = MailRequest {
            mailing,
            email: email("new"),
            recipient: Recipient::Moving(Box::new(account("old", 1))),
            common: Lane::of_mail(Purpose::ChangeAddress, &email("new"), &keys),
            device: None,
            all: None,
            limits: Limits { interval: Seconds(60), per_day: 5 },
        };
        let Step::ReadAndReserve(read) = request.start() else { panic!() };
        assert_eq!(read.email(), &email("new"));
        let counted = Mails::first(AttemptId::from_bytes([5; 16]), NOW);
        let Step::Count(count) = read.then(entry, Ok(counted)) else { panic!() };
        let (mail_count::Step::Done(counted), count) = count.begin() else { panic!() };
        let Step::Done(Ok(admitted)) = count.then(counted) else { panic!() };
        admitted.code
    }

    #[test]
    fn a_free_address_is_asked_and_the_owner_of_a_taken_one_is_told() {
        let week_ago = Timestamp::from_seconds(NOW.seconds() - 7 * 86_400);
        let left = |user, at| Some(Entry::Tombstone(Tombstone::new(UserId::from_bytes([user; 16]), at)));
        for free in [None, left(1, NOW), left(2, week_ago)] {
            let code = put(free);
            assert_eq!((code.purpose, code.recipient()), (Purpose::ChangeAddress, &email("new")));
            assert!(code.is_of(&account("old", 1)));
        }
        for taken in [Some(Entry::Account(Box::new(account("new", 2)))), left(2, NOW)] {
            let code = put(taken);
            assert_eq!((code.purpose, code.recipient()), (Purpose::AddressTaken, &email("new")));
            assert!(code.new_email.is_none() && !code.purpose.has_code());
        }
    }
}
