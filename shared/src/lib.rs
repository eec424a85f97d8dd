//! The token logic of Ratchet: every decision, without sockets and AWS clients.
//!
//! In reading order: values ([`time`], [`ids`], [`email`], [`name`]), the two tokens ([`access_token`], [`refresh_token`]) and
//! their keys ([`key_set`], and beside them [`data_key`]), the rule of refresh ([`session`], [`retry_key`]), passwords ([`password`]) and how often they may be
//! guessed ([`attempts`], [`device_token`]), passkeys ([`passkey`]), what is mailed ([`code`]) and how often ([`mail_lane`]), operations that ask DynamoDB more than once ([`flow`]), the HTTP contract
//! ([`api`]), who calls a protected route ([`caller`]), how they have signed in ([`authentication`]) and with which roles ([`role`], [`route_roles`]) and custom claims ([`custom_claims`]), and what surrounds a request
//! ([`config`], [`log`], [`metrics`], [`refusal`]).
//!
//! # Invariants
//! * Nothing here reads a clock or the environment.
//! * Ids, nonces and salts come from the generator that is passed in. aws-lc uses its own for ES256 and RS256
//!   signatures.
//! * Raw tokens and passwords have types whose `Debug` shows nothing.

pub mod access_token;
pub mod account;
pub mod api;
pub mod attempts;
pub mod authentication;
pub mod caller;
pub mod code;
pub mod conditional_write;
pub mod config;
pub mod custom_claims;
pub mod data_key;
pub mod device_token;
pub mod email;
pub mod factor;
pub mod flow;
pub mod ids;
pub mod issue;
pub mod key_set;
pub mod log;
pub mod mail_lane;
pub mod metrics;
pub mod name;
pub mod passkey;
pub mod password;
pub mod refresh_token;
pub mod refusal;
pub mod retry_key;
pub mod role;
pub mod route_roles;
mod safe_url;
pub mod session;
mod text;
pub mod time;

pub use time::{Seconds, Stopwatch, Timestamp};

/// The surroundings of one request: the clock, read once, and a random generator.
///
/// The runtime makes it for functions; tests make it of a time and a seed of their choice.
#[derive(Debug)]
pub struct Invocation {
    /// The single clock reading of this request.
    pub now: Timestamp,
    /// A cryptographically secure generator, seeded by the operating system for this request.
    pub rng: rand::rngs::StdRng,
    /// Measures how long a password hash takes.
    pub stopwatch: Stopwatch,
}
