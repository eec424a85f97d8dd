//! The worked example of a Markdown file: its commands are run, and must say what it says that they do.
//!
//! The example stands between the comments `<!-- example:start -->` and `<!-- example:end -->`. Of its code blocks those
//! marked `bash` count. In them
//!
//! * a command whose last line ends with `# => TEXT` must have TEXT in its output,
//! * `sleep SECONDS` moves the server's clock and takes no time.
//!
//! The last line before the example that has `cargo run` in it starts the server: it is not run, but the variables in
//! front are the server's settings.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use shared::Seconds;

use crate::TestClock;

/// Where the example says that the server is.
const ADDRESS: &str = "127.0.0.1:3000";
const MARK: &str = "the command has ended with status";

/// An example, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    /// What the server is started with.
    pub settings: Vec<(String, String)>,
    /// What is done then.
    pub steps: Vec<Step>,
}

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The command, which may have several lines.
    pub command: String,
    /// What its output must contain.
    pub expected: Option<String>,
}

impl Example {
    /// Finds the example in a Markdown file.
    ///
    /// # Errors
    /// A sentence about what is missing.
    pub fn read(markdown: &str) -> Result<Self, String> {
        let start = markdown.split_once("<!-- example:start -->");
        let (before, after) = start.ok_or("there is no comment <!-- example:start -->")?;
        let end = after.split_once("<!-- example:end -->");
        let (example, _) = end.ok_or("there is no comment <!-- example:end --> after the start")?;
        let server = before.lines().rfind(|line| line.contains("cargo run"));
        let server = server.ok_or("there is no line with \"cargo run\" before the example")?;
        let commands = commands(&bash_blocks(example))?;
        Ok(Self { settings: assignments(server), steps: commands.into_iter().map(Step::read).collect() })
    }

    /// Runs the commands against the server at `base_url`, whose clock is `clock`. Waits for them: not to be called
    /// on a thread that the server needs.
    ///
    /// # Errors
    /// The first command that failed or whose output is not as expected, and the output.
    pub fn run(&self, base_url: &str, clock: &TestClock) -> Result<(), String> {
        let address = base_url.trim_start_matches("http://");
        let mut bash = Bash::start().map_err(|error| format!("bash does not start: {error}"))?;
        for Step { command, expected } in &self.steps {
            if let Some(seconds) = command.strip_prefix("sleep ").and_then(|rest| rest.trim().parse().ok()) {
                clock.advance(Seconds(seconds));
                continue;
            }
            let (output, status) = bash.run(&command.replace(ADDRESS, address))?;
            if status != "0" {
                return Err(format!("{command}\nhas failed with status {status}:\n{output}"));
            }
            if let Some(text) = expected.as_ref().filter(|text| !output.contains(*text)) {
                return Err(format!("{command}\nmust say {text:?}, not:\n{output}"));
            }
        }
        Ok(())
    }
}

impl Step {
    fn read(command: String) -> Self {
        let last = command.lines().last().unwrap_or_default();
        let expected = last.rsplit_once("# => ").map(|(_, text)| text.trim().to_owned());
        Self { command, expected }
    }
}

fn bash_blocks(markdown: &str) -> String {
    let mut text = String::new();
    let mut within = None;
    for line in markdown.lines() {
        match (within, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => within = Some(info.trim() == "bash"),
            (Some(_), Some(_)) => within = None,
            (Some(true), None) => text.extend([line, "\n"]),
            (Some(false) | None, None) => {}
        }
    }
    text
}

/// Takes lines together until bash finds them complete.
fn commands(text: &str) -> Result<Vec<String>, String> {
    let mut commands = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if lines.is_empty() && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        lines.push(line);
        let so_far = lines.join("\n");
        if !line.ends_with('\\') && is_complete(&so_far)? {
            commands.push(so_far);
            lines.clear();
        }
    }
    if lines.is_empty() { Ok(commands) } else { Err(format!("a command does not end: {}", lines.join("\n"))) }
}

fn is_complete(command: &str) -> Result<bool, String> {
    let check = Command::new("bash").args(["-n", "-c", command]).stderr(Stdio::null()).status();
    check.map(|status| status.success()).map_err(|error| format!("bash does not start: {error}"))
}

fn assignments(command: &str) -> Vec<(String, String)> {
    let words = command.split_whitespace().map_while(|word| word.split_once('='));
    words.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// One bash for all commands, since later ones use the variables of earlier ones.
struct Bash {
    child: Child,
    stdin: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _directory: tempfile::TempDir,
}

impl Bash {
    fn start() -> std::io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(directory.path())
            .env("HOME", directory.path())
            .env("no_proxy", "*")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("no pipe");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (mut stdin, stdout) = (stdin.ok_or_else(missing)?, stdout.ok_or_else(missing)?);
        writeln!(stdin, "exec 2>&1")?;
        Ok(Self { child, stdin, output: BufReader::new(stdout).lines(), _directory: directory })
    }

    /// The output of a command, and its status.
    fn run(&mut self, command: &str) -> Result<(String, String), String> {
        // In a group, so that nothing of it reads what is written here next; and at once, since a bash that the command
        // ends reads no more.
        let lines = format!("{{\n{command}\n}} </dev/null\nstatus=$?; echo; echo \"{MARK} $status\"\n");
        let written = self.stdin.write_all(lines.as_bytes());
        written.map_err(|error| format!("bash has ended: {error}"))?;
        let mut output = String::new();
        for line in &mut self.output {
            let line = line.map_err(|error| format!("bash has ended: {error}"))?;
            if let Some(status) = line.strip_prefix(MARK) {
                return Ok((output, status.trim().to_owned()));
            }
            output.extend([&line, "\n"]);
        }
        Err(format!("{command}\nhas ended bash:\n{output}"))
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
