//! The end-to-end suite: one folder or module per feature. The crate `tests` describes its surroundings.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking; not every module does so in each of these ways"
)]

mod account;
mod authorizer;
mod breached_passwords;
mod contract;
mod costs;
mod factors;
mod leaks;
mod oauth;
mod operations;
mod operators;
mod passkeys;
mod password;
mod refresh;
mod sessions;
mod sign_in;
mod story;
mod suite;
mod vectors;
