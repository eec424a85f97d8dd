//! What is measured: a program, and the environment it is started in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// A program that asks Lambda's Runtime API for events.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its name in tables.
    pub(crate) name: String,
    /// The executable.
    pub(crate) executable: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// Its whole environment but for the Runtime API's address: nothing of this process's own gets in.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Program {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        command
    }
}
