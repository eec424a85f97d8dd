//! The end-to-end suite: one module per feature. What surrounds it is described in the crate `tests`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking; not every module does so in each of these ways"
)]

mod harness;
mod replays;
mod request_counts;
mod story;
