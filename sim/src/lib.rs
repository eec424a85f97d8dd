//! Simulates honest devices and thieves under Ratchet's rule of refresh and under those of its peers.
//!
//! Time is virtual, and every number depends only on the options and the seed. Ratchet's rule is the product's own: the flow
//! and the writes of `shared`, on a row in memory. The rules of peers are small functions that follow their documentation.
//! `docs/rotation.md` explains the result.

mod delays;
mod device;
pub mod figures;
mod options;
pub mod rules;
pub mod table;
mod thief;
mod world;

pub use delays::{Delays, DelaysError};
pub use options::{Options, OptionsError};
pub use thief::Kind;

/// A point in virtual time, or a length of time, in milliseconds.
pub(crate) type Millis = i64;

pub(crate) const SECOND: Millis = 1000;
pub(crate) const MINUTE: Millis = 60 * SECOND;
pub(crate) const HOUR: Millis = 60 * MINUTE;
pub(crate) const DAY: Millis = 24 * HOUR;
