//! The files of the project.

use std::path::{Path, PathBuf};

/// The template that the service is made of.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The path of a file, given from the top of the repository.
#[must_use]
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// The text of a file, given from the top of the repository.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
