//! Sessions: who sees them, and how they end.

mod access;
mod ended;
mod logout;
pub(crate) mod many;
mod races;
mod shown;
