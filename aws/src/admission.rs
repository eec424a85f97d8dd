//! Who may have a password compared: the attempt is counted in its lane while the account is read.

use aws_sdk_dynamodb::Client;
use rand::CryptoRng;
use shared::config::{self, ConfigError, Lookup};
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::ids::AttemptId;
use shared::refresh_token::RefreshKeys;
use shared::sign_in::{Lane, Limits};
use shared::{Seconds, Timestamp};

use crate::TableError;
use crate::attempts::{Attempts, Reservation};
use crate::users::{User, Users};

/// The tables and limits that decide.
#[derive(Clone, Debug)]
pub struct Admission {
    users: Users,
    /// The attempts, to forget after a success.
    pub attempts: Attempts,
    limits: Limits,
}

/// An attempt, as far as it decides on its lane.
#[derive(Clone, Copy)]
pub struct Guess<'a> {
    /// The account.
    pub email: &'a Email,
    /// The device token, if one came along that was made for this address.
    pub device: Option<DeviceToken>,
    /// The keys that name lanes.
    pub keys: &'a RefreshKeys,
}

/// An attempt that is counted.
pub struct Admitted {
    /// The account, if there is one.
    pub user: Option<User>,
    /// Where it is counted, and so what a success forgets.
    pub lane: Lane,
}

/// No password may be compared now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// There were too many attempts.
    #[error("too many attempts")]
    Blocked {
        /// How long to wait, at least a second.
        retry_after: Seconds,
    },
    /// Whether there were is not known.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Admission {
    /// Over the table of users and the table of attempts that the settings name, with their limits.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn from_settings(lookup: Lookup<'_>, users: &Users, client: Client) -> Result<Self, ConfigError> {
        let table = config::table(lookup, "SIGN_IN_ATTEMPTS_TABLE")?;
        let attempts = Attempts::new(client, table);
        Ok(Self { users: users.clone(), attempts, limits: config::sign_in_limits(lookup)? })
    }

    /// Reads the account and counts the attempt at the same time, whatever the account is.
    ///
    /// The lane must be chosen before the account is known. If the device token then turns out to be from before a change
    /// of the account, what its lane says is nobody's concern: the attempt is counted in the common lane, as without a
    /// token.
    ///
    /// # Errors
    /// [`NotAdmitted`]. The attempt goes on in neither case.
    pub async fn admit(
        &self,
        guess: Guess<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Admitted, NotAdmitted> {
        let common = || Lane::common(guess.email, guess.keys);
        let of_device = |device| Lane::of_device(guess.email, device, guess.keys);
        let mut lane = guess.device.as_ref().map_or_else(common, of_device);
        let attempt = AttemptId::random(rng);
        let reserving = self.attempts.reserve(&lane, attempt, now, &self.limits);
        let (user, reserved) = tokio::join!(self.users.get(guess.email), reserving);
        let (user, mut reserved) = (user?, reserved?);
        if guess.device.is_some_and(|device| !is_current(device, user.as_ref())) {
            lane = common();
            reserved = self.attempts.reserve(&lane, attempt, now, &self.limits).await?;
        }
        match reserved {
            Reservation::Granted => Ok(Admitted { user, lane }),
            Reservation::Blocked { retry_after } => Err(NotAdmitted::Blocked { retry_after }),
        }
    }
}

fn is_current(device: DeviceToken, user: Option<&User>) -> bool {
    user.is_some_and(|user| user.version == device.version)
}
