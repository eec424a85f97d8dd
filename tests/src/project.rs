//! The files of the project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use shared::key_set::KeySet;
use template::{Function, Stack, Variable};

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

/// The template, with its own defaults.
///
/// # Panics
/// If it can't be read.
#[must_use]
pub fn stack() -> Stack {
    template::read(TEMPLATE, &|_| None).unwrap_or_else(|error| panic!("{error}"))
}

/// The environment that the template gives a function, with these keys.
#[must_use]
pub fn environment(function: &Function, keys: &KeySet) -> BTreeMap<String, String> {
    let value = |variable: &Variable| match variable {
        Variable::Text(text) | Variable::Table(text) => Some(text.clone()),
        Variable::KeySet => Some(keys.to_json()),
        Variable::PublicKeys => Some(keys.public_jwk_set()),
        Variable::Unset { .. } => None,
    };
    let variables = function.environment.iter();
    variables.filter_map(|(name, variable)| Some((name.clone(), value(variable)?))).collect()
}
