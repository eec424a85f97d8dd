//! Runs a command line.

use std::io::{ErrorKind, Write, stderr};

use admin::command::{Address, Command, Event};
use clap::CommandFactory;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use shared::email::Email;

use crate::arguments::{Arguments, Asked, Output};
use crate::error::CliError;
use crate::show::{self, print};
use crate::target::Target;

/// Runs a command line to its end.
///
/// # Errors
/// Returns [`CliError`] with the reason.
pub fn run(arguments: Arguments) -> Result<(), CliError> {
    let Arguments { target, output, topic } = arguments;
    match topic.asked() {
        Asked::Completions(shell) => {
            // The generator panics if it can't write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "ratchet", &mut script);
            read_enough(std::io::stdout().write_all(&script).map_err(CliError::from))
        }
        Asked::One(event) => {
            let target = Target::find(&target)?;
            read_enough(block_on(one(&target, Event { dry_run: output.dry_run, ..event }, output)))
        }
        Asked::Import(options) => {
            let target = Target::find(&target)?;
            block_on(crate::import_file::run(&target, &options, output))
        }
        Asked::Pages(command) => {
            let target = Target::find(&target)?;
            let is_work_left = matches!(command, Command::EndAllSessions { .. });
            let result = block_on(pages(&target, command, output));
            if is_work_left { result } else { read_enough(result) }
        }
    }
}

/// A reader such as `head` that closes the output has what it wants. Only for commands whose work is done by then.
fn read_enough(result: Result<(), CliError>) -> Result<(), CliError> {
    match result {
        Err(CliError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn block_on(work: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn one(target: &Target, event: Event, output: Output) -> Result<(), CliError> {
    let answer = target.send(&event).await?;
    let text = if output.json { answer.to_string() } else { show::answer(&event.command, &answer) };
    print(&text)
}

/// Sends the event of each page, and prints the page before it requests the next one.
async fn pages(target: &Target, command: Command, output: Output) -> Result<(), CliError> {
    let bar = bar(&command);
    let (mut event, mut shown, mut without_totp) = (Event::about_none(command), Vec::new(), 0);
    event.dry_run = output.dry_run;
    loop {
        let answer = target.send(&event).await?;
        let users = show::at(&answer, "users").as_array().cloned().unwrap_or_default();
        bar.inc(u64::try_from(users.len()).unwrap_or_default());
        for user_id in show::at(&answer, "without_totp").as_array().into_iter().flatten() {
            without_totp += 1;
            bar.suspend(|| writeln!(stderr(), "{}: without the authenticator app", show::text(user_id)))?;
        }
        match (&event.command, output.json) {
            (Command::EndAllSessions { .. }, true) => print(&answer.to_string())?,
            (Command::ListUsers { .. }, true) | (Command::ExportUsers { .. }, _) => {
                users.iter().try_for_each(|user| print(&user.to_string()))?;
            }
            (_, _) => shown.extend(users),
        }
        let Some(next) = answer.get("next").and_then(Value::as_str) else { break };
        turn(&mut event.command, Address(Email::from_table(next.to_owned())));
    }
    bar.finish_and_clear();
    if without_totp > 0 {
        return Err(CliError::WithoutTotp(without_totp));
    }
    match (&event.command, output.json) {
        (Command::ListUsers { .. }, false) => print(&show::users(&shown)),
        (Command::EndAllSessions { .. }, false) => {
            let ended = if output.dry_run { "would end" } else { "have ended" };
            print(&format!("All sessions {ended}. Users: {}", shown.len()))
        }
        (_, _) => Ok(()),
    }
}

/// Returns the command for the next page.
fn turn(command: &mut Command, next: Address) {
    if let Command::ListUsers { after, .. }
    | Command::EndAllSessions { after, .. }
    | Command::ExportUsers { after, .. } = command
    {
        *after = Some(next);
    }
}

/// Shows the progress on standard error, if that is a terminal. The number of accounts is not known before the end.
fn bar(command: &Command) -> ProgressBar {
    let is_long = matches!(command, Command::EndAllSessions { .. } | Command::ExportUsers { .. });
    let bar = if is_long { ProgressBar::no_length() } else { return ProgressBar::hidden() };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} users, {elapsed}") {
        bar.set_style(style);
    }
    bar
}
