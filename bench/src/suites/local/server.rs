//! A server in a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::Failure;
use crate::lambda::{Process, Usage};

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers until this is dropped.
pub(super) struct Server {
    /// Where.
    pub(super) url: String,
    process: Process,
}

impl Server {
    /// Starts it, and waits until it has written its URL to its standard output.
    pub(super) async fn start(
        executable: &Path,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        // A file, since nobody reads what it logs afterwards.
        let output = NamedTempFile::new()?;
        let mut command = Command::new(executable);
        command.args(arguments).env_clear().envs(environment);
        command.stdin(Stdio::null()).stdout(output.reopen()?).stderr(Stdio::null());
        let process = Process::spawn(command)?;
        let url = tokio::time::timeout(PATIENCE, written(output.path())).await;
        let url = url.map_err(|_| format!("{} has not said where it answers", executable.display()))??;
        Ok(Self { url, process })
    }

    pub(super) fn usage(&self) -> Result<Usage, Failure> {
        self.process.usage()
    }
}

async fn written(output: &Path) -> Result<String, Failure> {
    loop {
        if let Some(url) = url(&std::fs::read_to_string(output)?) {
            return Ok(url);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The first URL that ends with its line.
fn url(text: &str) -> Option<String> {
    let (lines, _unfinished) = text.rsplit_once('\n')?;
    lines.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_counts_when_its_line_is_whole() {
        let expected = Some("http://127.0.0.1:3000".to_owned());
        assert_eq!(url("API       http://127.0.0.1:3000\nPage      http://x/\n"), expected);
        assert_eq!(url("http://127.0.0.1:3000\n"), expected);
        assert_eq!(url("http://127.0.0.1:30"), None);
        assert_eq!(url(""), None);
    }
}
