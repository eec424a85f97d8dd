//! Execution environments: a process behind a Runtime API of its own, as Lambda runs a function.
//!
//! The time of an answer is taken here, from the moment that an event is handed out until the whole answer has arrived.
//! For the first event it begins before the process does, so that it is what a cold start adds to a request.

mod api;
mod usage;

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tempfile::NamedTempFile;

use crate::Failure;
use crate::program::Program;
use api::{Outcome, RuntimeApi};
pub(crate) use usage::Usage;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that answers one event after another, until this is dropped.
pub(crate) struct Environment {
    program: String,
    process: Process,
    api: RuntimeApi,
    log: NamedTempFile,
}

/// An answer, and how long it took.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) answer: Bytes,
    pub(crate) took: Duration,
}

/// A process, until this is dropped.
pub(crate) struct Process(Child);

impl Environment {
    /// Starts the process, and hands it its first event.
    pub(crate) async fn start(program: &Program, event: &Bytes) -> Result<(Self, Timed), Failure> {
        let start = Start::new(program).await?;
        let asked = start.api.hand_out(event.clone());
        let began = Instant::now();
        let mut environment = start.spawn(program)?;
        let answer = environment.answer(asked).await?;
        let timed = Timed { took: began.elapsed(), answer };
        Ok((environment, timed))
    }

    /// Starts the process, and takes the time until it asks for an event. It gets none.
    pub(crate) async fn idle(program: &Program) -> Result<(Self, Duration), Failure> {
        let start = Start::new(program).await?;
        let began = Instant::now();
        let environment = start.spawn(program)?;
        match tokio::time::timeout(PATIENCE, environment.api.is_asked()).await {
            Ok(()) => Ok((environment, began.elapsed())),
            Err(_) => Err(environment.failure("asks for no event in 30 seconds")),
        }
    }

    /// Hands out one more event.
    pub(crate) async fn invoke(&mut self, event: &Bytes) -> Result<Timed, Failure> {
        let began = Instant::now();
        let asked = self.api.hand_out(event.clone());
        let answer = self.answer(asked).await?;
        Ok(Timed { took: began.elapsed(), answer })
    }

    /// What the process has used so far.
    pub(crate) fn usage(&self) -> Result<Usage, Failure> {
        self.process.usage()
    }

    /// What the process has written so far.
    pub(crate) fn log(&self) -> Result<String, Failure> {
        Ok(std::fs::read_to_string(self.log.path())?)
    }

    async fn answer(&mut self, asked: api::Asked) -> Result<Bytes, Failure> {
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Outcome::Answer(answer))) => Ok(answer),
            Ok(Ok(Outcome::Error(error))) => Err(self.failure(&String::from_utf8_lossy(&error))),
            Ok(Err(_)) => Err(self.failure("the Runtime API has ended")),
            Err(_) => Err(self.failure("no answer in 30 seconds")),
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let log = self.log().unwrap_or_default();
        Failure::from(format!("{}: {what}\n{log}", self.program))
    }
}

/// All that comes before the process.
struct Start {
    api: RuntimeApi,
    log: NamedTempFile,
    command: Command,
}

impl Start {
    async fn new(program: &Program) -> Result<Self, Failure> {
        let api = RuntimeApi::start().await?;
        let log = NamedTempFile::new()?;
        let mut command = program.command();
        command.env("AWS_LAMBDA_RUNTIME_API", api.address().to_string());
        command.stdin(Stdio::null()).stdout(append(&log)?).stderr(append(&log)?);
        Ok(Self { api, log, command })
    }

    fn spawn(self, program: &Program) -> Result<Environment, Failure> {
        let process = Process::spawn(self.command)?;
        Ok(Environment { program: program.name.clone(), process, api: self.api, log: self.log })
    }
}

/// For each stream a handle of its own that writes at the end.
fn append(file: &NamedTempFile) -> Result<File, Failure> {
    Ok(File::options().append(true).open(file.path())?)
}

impl Process {
    pub(crate) fn spawn(mut command: Command) -> Result<Self, Failure> {
        Ok(Self(command.spawn().map_err(|error| format!("{command:?}: {error}"))?))
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> Result<Usage, Failure> {
        Usage::of(self.0.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already can't be killed, and is waited for all the same.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}
