//! `cargo run`: the whole stack in one process.
//!
//! In reading order: the crate `template` states what to serve, [`Options`] vary from one start to the next, and
//! [`start`] puts the parts together. `functions` is the one table of handlers, `gateway` an API Gateway in front of
//! them, `engine` and `tables` the embedded DynamoDB behind them, `page` the web page beside it, `password_check` a part of it. `streams`
//! calls the functions for the changes of tables, and their mail goes through `outbox` to `inbox`.
//!
//! # Invariants
//! * Routes, settings, tables and answers of the gateway are read from `template.yaml` and listed nowhere else.
//! * The clock, the environment and randomness come in through [`Options`].

mod banner;
mod data_directory;
mod engine;
mod error;
mod functions;
mod gateway;
mod inbox;
mod keys;
mod options;
mod outbox;
mod page;
mod password_check;
mod private_file;
mod server;
mod service;
mod settings;
mod streams;
mod tables;

pub use error::StartError;
pub use functions::client_of;
pub use options::{Clock, Data, DynamoDb, Mail, Options, Randomness, Settings};
pub use server::{Server, start};
