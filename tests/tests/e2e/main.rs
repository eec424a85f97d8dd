//! The end-to-end suite: one module per feature. What surrounds it is described in the crate `tests`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking; not every module does so in each of these ways"
)]

mod authorizer;
mod browsers;
mod event_files;
mod fuzz_corpus;
mod harness;
mod leaks;
mod lifetimes;
mod logout;
mod lost_answers;
mod metadata;
mod protected_routes;
mod readme;
mod refresh_beside_access_token;
mod replays;
mod request_counts;
mod request_errors;
mod restored_tables;
mod reuse;
mod rule_and_table;
mod sign_in;
mod story;
mod template;
