//! The committed corpus: what the fuzzer has found beyond the seeds, a directory a target, `fuzz/corpus/<target>/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::Target;
use crate::project;

/// The corpus of every directory there is, by its name.
///
/// # Panics
/// If it can't be read.
#[must_use]
pub fn committed() -> BTreeMap<String, Vec<(PathBuf, Vec<u8>)>> {
    let directories = fs::read_dir(project::path("fuzz/corpus")).expect("fuzz/corpus");
    let entries = directories.map(|entry| entry.expect("an entry of fuzz/corpus"));
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), files(entry.path()))).collect()
}

fn files(directory: PathBuf) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// The target's words, as libFuzzer reads a dictionary.
#[must_use]
pub fn dictionary(target: &Target) -> String {
    let escaped = |word: &&str| word.bytes().map(|byte| format!("\\x{byte:02X}")).collect::<String>();
    target.words.iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}
