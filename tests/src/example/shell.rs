//! A shell that runs one command after the other, as if they were typed.

use std::fmt;
use std::io::{BufRead, BufReader, Error, Lines, Result as IoResult, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const MARK: &str = "the command has ended with status";

/// A shell that people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Bash, as scripts have it.
    Bash,
    /// Zsh, interactive, as macOS has it: only there `#` begins no comment.
    Zsh,
}

impl Shell {
    /// Returns whether this machine has it.
    #[must_use]
    pub fn is_installed(self) -> bool {
        let version = Command::new(self.to_string()).arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &["--noprofile", "--norc"],
            // Without job control and its line editor, which would take the terminal that the tests run in.
            Self::Zsh => &["-f", "-i", "+m", "+Z", "+o", "promptsp", "+o", "promptcr"],
        }
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
        })
    }
}

/// One shell for all commands, since later ones use the variables of earlier ones.
pub(super) struct Session {
    shell: Shell,
    child: Child,
    stdin: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _directory: tempfile::TempDir,
}

impl Session {
    pub(super) fn start(shell: Shell) -> IoResult<Self> {
        let directory = tempfile::tempdir()?;
        let mut child = Command::new(shell.to_string())
            .args(shell.arguments())
            .current_dir(directory.path())
            .env("HOME", directory.path())
            .env("no_proxy", "*")
            .envs([("PS1", ""), ("PS2", "")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let missing = || Error::other("no pipe");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (mut stdin, stdout) = (stdin.ok_or_else(missing)?, stdout.ok_or_else(missing)?);
        writeln!(stdin, "exec 2>&1")?;
        Ok(Self { shell, child, stdin, output: BufReader::new(stdout).lines(), _directory: directory })
    }

    /// Returns what a command prints.
    pub(super) fn run(&mut self, command: &str) -> Result<String, String> {
        let shell = self.shell;
        let ended = |error| format!("{shell} has ended: {error}");
        // In a group, so that nothing of it reads what is written here next; and at once, since a shell that the command
        // ends reads no more. The mark comes on a line of its own, whatever the command has printed.
        let lines = format!("{{\n{command}\n}} </dev/null\nprintf '\\n%s\\n' \"{MARK} $?\"\n");
        self.stdin.write_all(lines.as_bytes()).map_err(ended)?;
        let mut printed = Vec::new();
        for line in &mut self.output {
            let line = line.map_err(ended)?;
            let Some(status) = line.strip_prefix(MARK) else {
                printed.push(line);
                continue;
            };
            // The mark's own line end: what was printed had one already, or has it now.
            printed.pop_if(|last| last.is_empty());
            let printed: String = printed.into_iter().map(|line| line + "\n").collect();
            return match status.trim() {
                "0" => Ok(printed),
                status => Err(format!("{command}\nhas failed with status {status}:\n{printed}")),
            };
        }
        Err(format!("{command}\nhas ended {shell}:\n{}", printed.join("\n")))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
