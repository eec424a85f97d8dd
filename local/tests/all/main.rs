//! Starts the real server: in this process where that is enough, and the binary where its process matters.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod environment;
mod mail;
mod process;
#[cfg(unix)]
mod sigkill;
/// The program of the end-to-end tests, which depend on this crate.
#[path = "../../../tests/src/smtp.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "it is public there, and not all of it is used here"
)]
mod smtp;
mod start;
