//! `sam local invoke`, and the options that it shares with `sam local start-api`.

use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tests::project;

use crate::cases::Case;
use crate::tables::Tables;

/// How `sam` is called.
pub(crate) struct Sam {
    /// What the functions get in place of the empty variables of the template. Removed with this.
    variables: NamedTempFile,
    all: Value,
}

impl Sam {
    pub(crate) fn new(tables: &Tables) -> Result<Self, String> {
        let mut all: Value = serde_json::from_str(&project::read("events/env-vars.json"))
            .map_err(|error| error.to_string())?;
        all["Parameters"]["DYNAMODB_ENDPOINT"] = json!(tables.url_in_containers());
        Ok(Self { variables: written(&all)?, all })
    }

    /// `sam local`, to be completed.
    pub(crate) fn local(&self, command: &str) -> Command {
        Self::with(&self.variables, command)
    }

    fn with(variables: &NamedTempFile, command: &str) -> Command {
        let mut sam = Command::new("sam");
        sam.current_dir(project::path(".")).env("SAM_CLI_TELEMETRY", "0").args(["local", command]);
        // An option has to follow this one: it would take a name of a function for another parameter.
        sam.args(["--parameter-overrides", &format!("Architecture={}", architecture())]);
        sam.arg("--env-vars").arg(variables.path());
        sam.args(["--add-host", "host.docker.internal:host-gateway", "--skip-pull-image"]);
        sam
    }

    /// Calls a function in a container of its own.
    pub(crate) async fn invoke(&self, case: &Case) -> Result<Value, String> {
        let mut all = self.all.clone();
        for (name, value) in &case.settings {
            all["Parameters"][name] = value.as_str().into();
        }
        let variables = written(&all)?;
        let mut sam = Self::with(&variables, "invoke");
        sam.arg(&case.id).arg("--event").arg(&case.file);
        let ended =
            tokio::task::spawn_blocking(move || sam.output()).await.map_err(|error| error.to_string())?;
        let ended = ended.map_err(|error| format!("sam: {error}"))?;
        let (answer, log) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        serde_json::from_str(answer.trim()).map_err(|_| format!("no answer: {answer} {log}"))
    }
}

fn written(variables: &Value) -> Result<NamedTempFile, String> {
    let file = NamedTempFile::with_suffix(".json").and_then(|mut file| {
        write!(file, "{variables}")?;
        Ok(file)
    });
    file.map_err(|error| format!("a temporary file: {error}"))
}

/// What this machine runs, as Lambda calls it.
pub(crate) fn architecture() -> &'static str {
    if std::env::consts::ARCH == "aarch64" { "arm64" } else { std::env::consts::ARCH }
}
