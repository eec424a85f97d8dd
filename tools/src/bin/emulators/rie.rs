//! Lambda's Runtime Interface Emulator, which the SAM CLI brings along: the same program that calls the functions in a
//! container, here without one.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use shared::key_set::KeySet;
use tempfile::NamedTempFile;
use tests::{events, project};

use crate::cases::Case;
use crate::ses::Ses;
use crate::stop::Running;
use crate::tables::Tables;

/// The environment of a function.
pub(crate) type Environment = BTreeMap<String, String>;

/// One function under an emulator of its own, until this is dropped.
pub(crate) struct Emulator {
    /// Before the log: it is stopped first.
    _process: Running,
    log: NamedTempFile,
    url: String,
    http: reqwest::Client,
}

impl Emulator {
    /// Starts the emulator `program` for a binary. The function itself starts with the first event.
    pub(crate) fn start(program: &str, binary: &Path, environment: &Environment) -> Result<Self, String> {
        if !binary.exists() {
            return Err(format!("{} is not there", binary.display()));
        }
        let (api, runtime) = (free_address()?, free_address()?);
        let log = NamedTempFile::new().map_err(|error| format!("a temporary file: {error}"))?;
        // One open file for both streams, so that neither writes over the other.
        let output = || log.as_file().try_clone().map_err(|error| format!("a temporary file: {error}"));
        let mut command = Command::new(program);
        command.args(["--runtime-interface-emulator-address", &api, "--runtime-api-address", &runtime]);
        command.arg(binary).env_clear().envs(environment);
        command.stdout(output()?).stderr(output()?);
        let url = format!("http://{api}/2015-03-31/functions/function/invocations");
        Ok(Self { _process: Running::start(command)?, log, http: tests::client(&url), url })
    }

    /// Returns the function's answer or error. An error of the function is not one of this call, and the answer is empty
    /// if it does not start.
    pub(crate) async fn invoke(&self, event: &Value) -> Result<Value, String> {
        for _ in 0..100 {
            match self.http.post(&self.url).body(event.to_string()).send().await {
                // A start that fails is answered 502, without a body.
                Ok(answer) if answer.status() == StatusCode::BAD_GATEWAY => return Ok(Value::Null),
                Ok(answer) => {
                    let text = answer.text().await.map_err(|error| error.to_string())?;
                    return serde_json::from_str(&text).map_err(|_| format!("no JSON: {text}"));
                }
                // It does not listen yet.
                Err(error) if error.is_connect() => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(error) => return Err(error.to_string()),
            }
        }
        Err("the emulator does not listen".to_owned())
    }

    /// What the function has logged, and the emulator about it.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

/// The functions of the template, each started when first asked for.
pub(crate) struct Functions<'a> {
    program: &'a str,
    dynamodb: &'a str,
    ses: &'a str,
    running: BTreeMap<String, Emulator>,
}

impl<'a> Functions<'a> {
    pub(crate) fn new(program: &'a str, tables: &'a Tables, ses: &'a Ses) -> Self {
        Self { program, dynamodb: tables.url(), ses: ses.url(), running: BTreeMap::new() }
    }

    /// Returns the function of a case, with its settings.
    pub(crate) fn get(&mut self, case: &Case) -> Result<&Emulator, String> {
        let Case { function, settings, .. } = case;
        // One with settings of its own is no other's.
        let key = if settings.is_empty() { function.clone() } else { case.name() };
        if !self.running.contains_key(&key) {
            let emulator = start(self.program, function, |environment| {
                environment.insert("DYNAMODB_ENDPOINT".to_owned(), self.dynamodb.to_owned());
                let place = |value: &String| value.replace(events::SES_STUB, self.ses);
                environment.extend(settings.iter().map(|(name, value)| (name.clone(), place(value))));
            })?;
            self.running.insert(key.clone(), emulator);
        }
        self.running.get(&key).ok_or_else(|| format!("{function} does not run"))
    }
}

/// Starts a function in the environment of the template, but for what `change` does to it.
pub(crate) fn start(
    program: &str,
    function: &str,
    change: impl FnOnce(&mut Environment),
) -> Result<Emulator, String> {
    let keys = KeySet::parse(&project::read("events/key-set.json")).map_err(|error| error.to_string())?;
    let stack = project::stack();
    let function = stack.functions.iter().find(|known| known.binary == function);
    let function = function.ok_or("no such function in the template")?;
    let mut environment = project::environment(function, &keys);
    for (name, value) in [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_LAMBDA_FUNCTION_TIMEOUT", "10"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    change(&mut environment);
    Emulator::start(program, &built(&function.id), &environment)
}

/// What `sam build` has made of a function.
fn built(id: &str) -> PathBuf {
    project::path(".aws-sam/build").join(id).join("bootstrap")
}

fn free_address() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.to_string()).map_err(|error| error.to_string())
}
