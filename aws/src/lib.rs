//! Access to AWS: the clients, one module per table, and one for the secret with the keys.
//!
//! # Invariants
//! * A session is created and moved by one conditional request.
//! * A lost race is a value, never an overwrite.
//! * Of a token only its nonce is stored.

pub mod account_tables;
mod account_update;
pub mod accounts;
pub mod attempts;
mod attributes;
mod backend;
mod client;
pub mod codes;
mod conflict;
mod error;
mod factors;
mod mail_lanes;
pub mod passkeys;
pub mod secret;
pub mod sessions;
pub mod tables;
pub mod users;

pub use backend::Backend;
pub use client::{client, client_for, config, config_for, open_connection, readable_table};
pub use error::{ServiceError, TableError};
