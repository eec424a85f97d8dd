//! The worked example of a Markdown file: its commands are run, and their output is compared.
//!
//! The example is between the comments `<!-- example:start -->` and `<!-- example:end -->`. Of its code blocks
//!
//! * those marked `bash` are commands, whose state later blocks share,
//! * one marked `text` is the whole output of the previous block; a block without one prints nothing,
//! * `sleep SECONDS` moves the server's clock and takes no time.
//!
//! Comments are refused: zsh, in which people type these commands, treats them as arguments.
//!
//! The last line before the example that contains `cargo run` starts the server: it is not run, but the variables in
//! front of it are the server's settings.

mod shell;

use std::process::{Command, Stdio};

use shared::Seconds;

use crate::TestClock;
use shell::Session;
pub use shell::Shell;

/// The URL of the server in the example.
const ADDRESS: &str = "127.0.0.1:3000";

/// An example, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    /// The settings of the server.
    pub settings: Vec<(String, String)>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One block of commands.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The commands, each of which may have several lines.
    pub commands: Vec<String>,
    /// The expected output.
    pub expected: String,
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
        Ok(Self { settings: assignments(server), steps: steps(example)? })
    }

    /// Returns the example with one text replaced in every command.
    #[must_use]
    pub fn replacing(mut self, text: &str, by: &str) -> Self {
        for command in self.steps.iter_mut().flat_map(|step| &mut step.commands) {
            *command = command.replace(text, by);
        }
        self
    }

    /// Runs the commands in a shell, with the server at `base_url`, whose clock is `clock`. It blocks: do not call
    /// it on a thread that the server needs.
    ///
    /// # Errors
    /// The first command that failed, or the first block that printed something else, and the output.
    pub fn run(&self, shell: Shell, base_url: &str, clock: &TestClock) -> Result<(), String> {
        let address = base_url.trim_start_matches("http://");
        let mut session =
            Session::start(shell).map_err(|error| format!("{shell} does not start: {error}"))?;
        for Step { commands, expected } in &self.steps {
            let mut printed = String::new();
            for command in commands {
                match seconds_of_sleep(command) {
                    Some(seconds) => clock.advance(Seconds(seconds)),
                    None => printed += &session.run(&command.replace(ADDRESS, address))?,
                }
            }
            if !printed.lines().eq(expected.lines()) {
                let block = commands.join("\n");
                return Err(format!("{block}\nmust print\n{expected}\nnot\n{printed}"));
            }
        }
        Ok(())
    }
}

fn seconds_of_sleep(command: &str) -> Option<u32> {
    command.strip_prefix("sleep ")?.trim().parse().ok()
}

fn steps(markdown: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for (language, text) in code_blocks(markdown) {
        match (language, steps.last_mut()) {
            ("bash", _) => steps.push(Step { commands: commands(&text)?, expected: String::new() }),
            ("text", Some(step)) => step.expected = text,
            _ => {}
        }
    }
    Ok(steps)
}

/// Returns the code blocks, each with the text after its opening fence.
fn code_blocks(markdown: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut within = None;
    for line in markdown.lines() {
        within = match (within, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => Some((language.trim(), String::new())),
            (Some(block), Some(_)) => {
                blocks.push(block);
                None
            }
            (Some((language, text)), None) => Some((language, text + line + "\n")),
            (None, None) => None,
        }
    }
    blocks
}

/// Joins lines until bash finds the command complete.
fn commands(text: &str) -> Result<Vec<String>, String> {
    let mut commands = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if lines.is_empty() && line.trim().is_empty() {
            continue;
        }
        if line.split_whitespace().any(|word| word.starts_with('#')) {
            return Err(format!("zsh does not take a comment for one: {line}"));
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
