//! Flows: operations that need more than one request to DynamoDB, as state machines without I/O.
//!
//! A flow is an enum of steps. A step contains the next request to DynamoDB as a value, and takes the answer by its
//! method `then`, which returns the next step. The last step is `Done`. The functions drive flows with `aws`; the model
//! check drives the same flows with its own table, and stops, crashes and repeats them between any two steps.
//!
//! A failed request ends a flow: the driver drops it and answers 503, and the client repeats its request.
//!
//! # Invariants
//! * No flow waits, reads a clock or draws randomness: fresh ids and nonces come in with the answers.
//! * The order of requests, the number of tries and every decision are defined here and nowhere else.

use crate::ids::{SessionId, UserId};

pub mod account_change;
pub mod account_deletion;
pub mod address_request;
pub mod admission;
pub mod code_use;
pub mod end_sessions;
pub mod factor_change;
pub mod mail_count;
pub mod mail_request;
pub mod mail_reservation;
pub mod mailing;
pub mod operation;
pub mod passkey_creation;
pub mod passkey_options;
pub mod passkey_removal;
pub mod passkey_sign_in;
pub mod password_change;
pub mod proof;
pub mod proven_change;
pub mod refresh;
pub mod registration;
pub mod reservation;
pub mod sign_in;
pub mod sweep;
pub mod totp_confirmation;
pub mod totp_enrolment;

/// The caller, by the access token.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// The user.
    pub user_id: UserId,
    /// The session. It must be checked to live: an access token outlives it.
    pub session_id: SessionId,
}
