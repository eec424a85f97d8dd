//! The end-to-end suite: one module per feature. What surrounds it is described in the crate `tests`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking; not every module does so in each of these ways"
)]

mod attempts_and_table;
mod authorizer;
mod authorizer_samples;
mod browsers;
mod cookies;
mod costs;
mod device_lane;
mod engines;
mod event_files;
mod fuzz_corpus;
mod guessing;
mod guessing_at_the_function;
mod harness;
mod leaks;
mod lifetimes;
mod login_function;
mod logout;
mod lost_answers;
mod lost_counts;
mod metadata;
mod metrics;
mod new_passwords;
mod operations;
mod password;
mod password_function;
mod password_races;
mod protected_routes;
mod readme;
mod refresh_beside_access_token;
mod regions;
mod replays;
mod request_counts;
mod request_errors;
mod restored_tables;
mod reuse;
mod rule_and_table;
mod security_events;
mod sessions;
mod sessions_access;
mod sessions_ended;
mod sessions_many;
mod sessions_races;
mod sign_in;
mod story;
mod template;
