//! The command `ratchet`: operations on accounts for operators.
//!
//! A command line becomes events of the function `admin`, one or page by page. They are sent to the function of a stack, or
//! handled by the same code in this process, on the tables of `cargo run`.
//!
//! # Invariants
//! This crate does not access tables or decide what a command does.

pub mod arguments;
mod aws_cli;
mod error;
mod import_file;
mod local_stack;
mod run;
mod show;
mod target;

pub use arguments::Arguments;
pub use error::CliError;
pub use run::run;
