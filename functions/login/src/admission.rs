//! Who may have a password compared: the attempt is counted in its lane while the account is read.

use aws::attempts::Reservation;
use aws::users::User;
use rand::CryptoRng;
use shared::Timestamp;
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::ids::AttemptId;
use shared::refresh_token::RefreshKeys;
use shared::sign_in::Lane;

use crate::{App, LoginError};

/// An attempt, as far as it decides on its lane.
pub(crate) struct Guess<'a> {
    pub(crate) email: &'a Email,
    /// The device token, if one came along that was made for this address.
    pub(crate) device: Option<DeviceToken>,
    pub(crate) keys: &'a RefreshKeys,
}

/// An attempt that is counted.
pub(crate) struct Admitted {
    pub(crate) user: Option<User>,
    /// Where, and so what a success deletes.
    pub(crate) lane: Lane,
}

/// Reads the account and counts the attempt at the same time, whatever the account is.
///
/// The lane must be chosen before the account is known. If the device token then turns out to be from before a change of
/// the account, what its lane says is nobody's concern: the attempt is counted in the common lane, as without a token.
pub(crate) async fn admit(
    app: &App,
    guess: &Guess<'_>,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Admitted, LoginError> {
    let common = || Lane::common(guess.email, guess.keys);
    let of_device = |device| Lane::of_device(guess.email, device, guess.keys);
    let mut lane = guess.device.as_ref().map_or_else(common, of_device);
    let attempt = AttemptId::random(rng);
    let (user, reserved) = tokio::join!(
        app.tables.users().get(guess.email),
        app.attempts.reserve(&lane, attempt, now, &app.limits)
    );
    let (user, mut reserved) = (user?, reserved?);
    if guess.device.is_some_and(|device| !is_current(device, user.as_ref())) {
        lane = common();
        reserved = app.attempts.reserve(&lane, attempt, now, &app.limits).await?;
    }
    match reserved {
        Reservation::Granted => Ok(Admitted { user, lane }),
        Reservation::Blocked { retry_after } => Err(LoginError::Blocked { retry_after }),
    }
}

fn is_current(device: DeviceToken, user: Option<&User>) -> bool {
    user.is_some_and(|user| user.version == device.version)
}
