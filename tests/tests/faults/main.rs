//! Faults between the functions and DynamoDB.
//!
//! A process of its own, since all clients of the SDK in a process share one account of retries. What fails here uses it
//! up, and the tests of `e2e` that wait for the SDK's resend would wait in vain. So here it is the client that repeats.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests fail by panicking, and print what to repeat; not every module does so in each of these ways"
)]

mod leaks;
mod mail;
mod run;
mod wire;
