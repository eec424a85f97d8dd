//! What a caller proves who they are by.

use shared::Timestamp;
use shared::api::ProofFields;
use shared::attempts::Limits;
use shared::caller::Caller;
use shared::email::Email;
use shared::flow::admission::Attempt;
use shared::flow::mailing::Mailing;
use shared::flow::proof::Proof;
use shared::refresh_token::RefreshKeys;

/// Prepares an attempt to prove who one is, at the address that the access token names. `device_token` is the text that came along.
#[must_use]
pub fn attempt(
    caller: &Caller,
    device_token: Option<&str>,
    keys: &RefreshKeys,
    limits: Limits,
    now: Timestamp,
) -> Attempt {
    Attempt::new(Email::from_table(caller.email.clone()), device_token, keys, limits, now)
}

/// Prepares the proof of who asks. `used_up` is the mail that tells that the last recovery code was used, if mail is on.
#[must_use]
pub fn proof(caller: &Caller, fields: &ProofFields<'_>, attempt: Attempt, used_up: Option<Mailing>) -> Proof {
    Proof {
        user_id: caller.user_id,
        caller: caller.session_id,
        has_password: fields.current_password.is_some(),
        now: attempt.now,
        attempt,
        used_up,
    }
}
