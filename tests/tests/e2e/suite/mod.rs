//! The suite itself: its harness, its two engines and its fuzz targets.

mod engines;
mod fuzz_corpus;
mod harness;
