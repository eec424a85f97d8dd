//! Second factors: an authenticator app and recovery codes.

mod account;
mod enrolment;
mod last_code;
mod races;
pub(crate) mod sign_in;
mod step_up;
