//! The progress of an import: a file beside that of the accounts.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Problem, Settled};
use crate::arguments::ImportOptions;
use crate::error::CliError;

/// The progress of an import.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    /// The length of the file, by which another file is detected.
    bytes: u64,
    /// All lines up to this one are done.
    line: u64,
    /// The number of created accounts.
    pub(super) created: u64,
    /// The number of accounts that a resumed import had created but not recorded.
    pub(super) done_before: u64,
    /// The number of accounts that existed already.
    pub(super) exists: u64,
    /// The number of refused lines.
    pub(super) refused: u64,
    /// The path of the file. `None` for an import that changes nothing.
    #[serde(skip)]
    path: Option<PathBuf>,
    /// Whether something is done, so that there is something to resume.
    #[serde(skip)]
    has_begun: bool,
}

impl State {
    /// Returns the state of a new import, or of a resumed one.
    pub(super) fn begin(options: &ImportOptions, bytes: u64, dry_run: bool) -> Result<Self, CliError> {
        let path = beside(&options.file);
        let found = Self::read(&path)?;
        let line = options.from_line.unwrap_or(1).saturating_sub(1);
        match (found, options.resume) {
            (Some(found), true) if found.bytes == bytes => {
                Ok(Self { path: Some(path), has_begun: true, ..found })
            }
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

    /// Returns the first line that is not done.
    pub(super) fn next_line(&self) -> u64 {
        self.line.saturating_add(1)
    }

    /// Returns the number of lines that have not become accounts.
    pub(super) fn not_imported(&self) -> u64 {
        self.exists + self.refused
    }

    /// Records a batch whose problems have been reported.
    pub(super) fn settle(&mut self, batch: &Settled, told: &[(u64, &Problem)]) -> Result<(), CliError> {
        let exists = count(told.iter().filter(|(_, problem)| matches!(problem, Problem::Exists)).count());
        self.line = batch.last_line;
        self.has_begun = true;
        self.created += batch.created;
        self.exists += exists;
        self.refused += count(told.len()) - exists;
        // Accounts that are the same and were not reported as existing.
        self.done_before += count(batch.same.len() + batch.problems.len()) - count(told.len());
        self.write()
    }

    /// The file is replaced atomically: a kill here leaves the old state or the new one.
    fn write(&self) -> Result<(), CliError> {
        let Some(path) = &self.path else { return Ok(()) };
        let new = path.with_extension("import-state-new");
        fs::write(&new, serde_json::to_string(self).unwrap_or_default())?;
        Ok(fs::rename(new, path)?)
    }

    /// The import has stopped before anything was done: the file may be corrected, and the import begin anew.
    pub(super) fn forget_unless_begun(&self) -> Result<(), CliError> {
        if self.has_begun { Ok(()) } else { self.end() }
    }

    /// The import is complete.
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
