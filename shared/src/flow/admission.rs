//! Admission: the account is read while the attempt is counted. Then one password may be compared.
//!
//! # Invariants
//! Known and unknown addresses cause the same requests.

use super::reservation::{self, BlockedError, Reserved};
use crate::Timestamp;
use crate::account::Account;
use crate::attempts::{CountedIn, Lane, Limits};
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::ids::AttemptId;
use crate::refresh_token::RefreshKeys;

/// An attempt to prove one's identity.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address of the account.
    pub email: Email,
    /// The common lane of this address.
    pub common: Lane,
    /// The lane of the device, if the request has a genuine device token.
    pub device: Option<(DeviceToken, Lane)>,
    /// The settings.
    pub limits: Limits,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next requests to DynamoDB, or the outcome.
pub enum Step {
    /// Read the account, and reserve the attempt at the same time.
    ReadAndReserve(Reading),
    /// Reserve the attempt in the common lane.
    Reserve(Reserving),
    /// The attempt is counted, or blocked.
    Done(Result<Admitted, BlockedError>),
}

/// A counted attempt.
pub struct Admitted {
    /// The account, if there is one.
    pub account: Option<Account>,
    /// Where the attempt is counted.
    pub counted: CountedIn,
}

/// An attempt whose account is being read. The lane is chosen before the account is known.
#[derive(Debug)]
pub struct Reading {
    attempt: Attempt,
}

/// The device token is from before a change of the account, or of a deleted account. The answer of its lane is ignored:
/// the attempt is counted in the common lane, as without a token.
pub struct Reserving {
    attempt: Attempt,
    account: Option<Account>,
}

impl Attempt {
    /// Prepares an attempt. `device_token` is the text in the request; it counts if it was made for this address.
    #[must_use]
    pub fn new(
        email: Email,
        device_token: Option<&str>,
        keys: &RefreshKeys,
        limits: Limits,
        now: Timestamp,
    ) -> Self {
        let device = device_token.and_then(|text| DeviceToken::parse(text, &email, keys).ok());
        let device = device.map(|device| (device, Lane::of_device(&email, &device, keys)));
        Self { common: Lane::common(&email, keys), device, email, limits, now }
    }

    /// Returns the device token of the request, if it was made for this address.
    #[must_use]
    pub fn known_device(&self) -> Option<DeviceToken> {
        self.device.as_ref().map(|(device, _)| *device)
    }

    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::ReadAndReserve(Reading { attempt: self })
    }

    fn reservation(&self, lane: &Lane, by: AttemptId) -> reservation::Step {
        reservation::start(lane.clone(), by, self.limits, self.now)
    }
}

impl Reading {
    /// Returns the address of the account to read, consistently.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.attempt.email
    }

    /// Returns the first step of the reservation. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> reservation::Step {
        self.attempt.reservation(self.attempt.lane(), by)
    }

    /// Takes both answers.
    #[must_use]
    pub fn then(self, account: Option<Account>, reserved: Reserved) -> Step {
        let is_stale = |device: &DeviceToken| !account.as_ref().is_some_and(|account| device.is_of(account));
        match &self.attempt.device {
            Some((device, _)) if is_stale(device) => {
                Step::Reserve(Reserving { attempt: self.attempt, account })
            }
            Some(_) | None => {
                let counted = self.attempt.counted_in();
                Step::Done(reserved.map(|()| Admitted { account, counted }))
            }
        }
    }
}

impl Attempt {
    fn lane(&self) -> &Lane {
        self.device.as_ref().map_or(&self.common, |(_, lane)| lane)
    }

    fn counted_in(&self) -> CountedIn {
        match &self.device {
            Some((_, lane)) => CountedIn::Device(lane.clone()),
            None => CountedIn::Common(self.common.clone()),
        }
    }
}

impl Reserving {
    /// Returns the first step of the reservation. `by` is a fresh id.
    #[must_use]
    pub fn reservation(&self, by: AttemptId) -> reservation::Step {
        self.attempt.reservation(&self.attempt.common, by)
    }

    /// Takes the answer.
    #[must_use]
    pub fn then(self, reserved: Reserved) -> Step {
        let Self { attempt, account } = self;
        let counted = CountedIn::Common(attempt.common);
        Step::Done(reserved.map(|()| Admitted { account, counted }))
    }
}
