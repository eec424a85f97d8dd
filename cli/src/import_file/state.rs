//! How far an import has come: a file beside that of the accounts.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Problem, Settled};
use crate::arguments::ImportOptions;
use crate::error::CliError;

/// How far an import has come.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    /// The length of the file, by which another one is told.
    bytes: u64,
    /// All lines up to this one are done.
    line: u64,
    /// How many accounts have been made.
    pub(super) created: u64,
    /// How many had been before by an import that was resumed, and that its state did not say.
    pub(super) done_before: u64,
    /// How many were there already.
    pub(super) exists: u64,
    /// How many lines were refused.
    pub(super) refused: u64,
    /// Where it is kept. None for an import that changes nothing.
    #[serde(skip)]
    path: Option<PathBuf>,
}

impl State {
    /// The state of an import that begins, or of one that goes on.
    pub(super) fn begin(options: &ImportOptions, bytes: u64, dry_run: bool) -> Result<Self, CliError> {
        let path = beside(&options.file);
        let found = Self::read(&path)?;
        let line = options.from_line.unwrap_or(1).saturating_sub(1);
        match (found, options.resume) {
            (Some(found), true) if found.bytes == bytes => Ok(Self { path: Some(path), ..found }),
            (Some(_), true) => Err(CliError::NoState(format!(
                "{} has another length than when its import began: say --from-line NUMBER",
                options.file.display()
            ))),
            (None, true) => {
                Err(CliError::NoState(format!("there is no import to go on with: no {}", path.display())))
            }
            (Some(found), false) if options.from_line.is_none() && !dry_run => {
                Err(CliError::Unfinished(found.line.saturating_add(1)))
            }
            (Some(_) | None, false) => {
                let path = (!dry_run).then_some(path);
                let state = Self { bytes, line, path, ..Self::default() };
                state.write()?;
                Ok(state)
            }
        }
    }

    fn read(path: &Path) -> Result<Option<Self>, CliError> {
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| CliError::NoState(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The first line that is not done.
    pub(super) fn next_line(&self) -> u64 {
        self.line.saturating_add(1)
    }

    /// How many lines have not become accounts.
    pub(super) fn not_imported(&self) -> u64 {
        self.exists + self.refused
    }

    /// Takes note of a batch whose problems have been told.
    pub(super) fn settle(&mut self, batch: &Settled, told: &[(u64, &Problem)]) -> Result<(), CliError> {
        let exists = count(told.iter().filter(|(_, problem)| matches!(problem, Problem::Exists)).count());
        self.line = batch.last_line;
        self.created += batch.created;
        self.exists += exists;
        self.refused += count(told.len()) - exists;
        // Those that are the same and have not been told as accounts that exist.
        self.done_before += count(batch.same.len() + batch.problems.len()) - count(told.len());
        self.write()
    }

    /// The file is replaced at once: whoever is killed here leaves the old state or the new one.
    fn write(&self) -> Result<(), CliError> {
        let Some(path) = &self.path else { return Ok(()) };
        let new = path.with_extension("import-state-new");
        fs::write(&new, serde_json::to_string(self).unwrap_or_default())?;
        Ok(fs::rename(new, path)?)
    }

    /// The import is done.
    pub(super) fn end(&self) -> Result<(), CliError> {
        self.path.as_ref().map_or(Ok(()), |path| Ok(fs::remove_file(path)?))
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".import-state");
    name.into()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
