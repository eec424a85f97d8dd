//! What is measured: a program, and the environment it is started in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Arguments, Failure};

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

/// A function's handler, as peers are deployed: AWS's own client of the Runtime API loads and calls it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handler {
    /// The folder in that of the peers, which would be the package.
    pub(crate) folder: &'static str,
    /// The file in there, without its ending, which exports `handler`.
    pub(crate) module: &'static str,
    /// The function's memory in MiB.
    pub(crate) memory_mib: u32,
}

impl Program {
    /// As Lambda's runtime for Node.js runs a handler.
    pub(crate) fn on_node(
        arguments: &Arguments,
        name: &str,
        handler: Handler,
        mut environment: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let client = arguments.peers.join("runtime/node_modules/aws-lambda-ric/index.mjs");
        let mut flags = heap(handler.memory_mib).to_vec();
        flags.push(text(&client)?);
        environment.extend(handler.environment(arguments)?);
        let executable = std::path::absolute(&arguments.node)?;
        Ok(Self { name: name.to_owned(), executable, arguments: flags, environment })
    }

    /// As Lambda's runtime for Python runs a handler.
    pub(crate) fn on_python(
        arguments: &Arguments,
        name: &str,
        handler: Handler,
        mut environment: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        environment.extend(handler.environment(arguments)?);
        environment.insert("PYTHONPATH".to_owned(), handler.package(arguments)?);
        let client = ["-m".to_owned(), "awslambdaric".to_owned(), handler.name()];
        let executable = std::path::absolute(&arguments.python)?;
        Ok(Self { name: name.to_owned(), executable, arguments: client.into(), environment })
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        command
    }
}

impl Handler {
    fn name(self) -> String {
        format!("{}.handler", self.module)
    }

    fn package(self, arguments: &Arguments) -> Result<String, Failure> {
        text(&arguments.peers.join(self.folder))
    }

    /// What Lambda tells its clients about the function.
    fn environment(self, arguments: &Arguments) -> Result<[(String, String); 3], Failure> {
        let memory = self.memory_mib.to_string();
        let variables = [
            ("LAMBDA_TASK_ROOT", self.package(arguments)?),
            ("_HANDLER", self.name()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory),
        ];
        Ok(variables.map(|(name, value)| (name.to_owned(), value)))
    }
}

/// What Lambda's `bootstrap` gives Node.js in a function of this memory: a twentieth of it for young objects, and what remains of nine
/// tenths for old ones.
fn heap(memory_mib: u32) -> [String; 2] {
    let young = memory_mib / 20;
    let old = memory_mib - memory_mib / 10;
    [format!("--max-semi-space-size={young}"), format!("--max-old-space-size={old}")]
}

fn text(path: &Path) -> Result<String, Failure> {
    Ok(std::path::absolute(path)?.display().to_string())
}
