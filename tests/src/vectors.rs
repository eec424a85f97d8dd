//! Test vectors by others: the files of `tests/vectors`, whose README states their sources.

pub mod libraries;
pub mod wycheproof;

use serde::de::DeserializeOwned;

use crate::project;

/// Reads a file of `tests/vectors`.
fn read<T: DeserializeOwned>(file: &str) -> T {
    let text = project::read(&format!("tests/vectors/{file}.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}
