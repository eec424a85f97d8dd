//! What talks to AWS: the DynamoDB client and one module per table.
//!
//! What always holds: each method is one conditional request that promises atomicity; a lost race is a value, never an
//! overwrite; nothing of a token but its nonce reaches a table.

mod attributes;
mod client;
mod error;
pub mod event;
pub mod sessions;
pub mod sign_in;
pub mod users;

pub use client::{client, client_for, open_connection};
pub use error::TableError;
