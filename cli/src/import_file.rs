//! The import of a file: its lines go to the function in batches, a few at the same time.
//!
//! # Invariants
//! * Memory holds only the batches that are in flight.
//! * The state lists a line as done only after it is, and after it was reported if it was not imported.

mod addresses;
mod batches;
mod state;

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::time::Duration;

use admin::command::{Command, Event, Lines};
use futures_util::{StreamExt, TryStreamExt, stream};
use import::{BadLineError, Records, TableError};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use shared::email::Email;

use crate::arguments::{Format, ImportOptions, Output};
use crate::error::CliError;
use crate::show::{at, print};
use crate::target::Target;
use addresses::{Addresses, address};
use batches::{Batch, Batches};
use state::State;

/// The number of tries of a failing batch, and the pause before the second; the pause doubles for each further one.
const SENT: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The result of a line that is not a new account.
enum Problem {
    /// It cannot be imported, for these reasons.
    Refused(Vec<String>),
    /// The account exists already.
    Exists,
}

/// A completed batch, with the results of its lines.
struct Settled {
    last_line: u64,
    created: u64,
    /// The lines of a dry run that would create accounts, with their addresses.
    would_create: Vec<(u64, Email)>,
    /// Lines whose account exists as they would create it.
    same: Vec<u64>,
    problems: Vec<(u64, Problem)>,
}

/// Imports a file to its end.
///
/// # Errors
/// Returns [`CliError`] if it stops midway, or some lines are not imported.
pub(crate) async fn run(target: &Target, options: &ImportOptions, output: Output) -> Result<(), CliError> {
    let (file, bytes) =
        open(options).map_err(|error| CliError::Unopened(options.file.display().to_string(), error))?;
    let bar = bar(bytes);
    let records = records(bar.wrap_read(file), options)?;
    let mut state = State::begin(options, bytes, output.dry_run)?;
    let batches = Batches::new(records, state.next_line());
    let sent = stream::iter(batches).map(|batch| settle(target, batch, output.dry_run));
    let mut settled = std::pin::pin!(sent.buffered(usize::from(options.parallel)));
    let mut addresses = Addresses::default();
    loop {
        let mut batch = match settled.try_next().await {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                if !error.may_be_partly_done() {
                    state.forget_unless_begun()?;
                }
                return Err(error);
            }
        };
        if output.dry_run {
            batch.find_repeated(&mut addresses);
        }
        let problems = batch.problems(options.resume);
        problems.iter().try_for_each(|(line, problem)| problem.tell(*line, &bar, output))?;
        state.settle(&batch, &problems)?;
    }
    bar.finish_and_clear();
    state.end()?;
    summary(&state, output)?;
    match state.not_imported() {
        0 => Ok(()),
        lines => Err(CliError::NotImported(lines)),
    }
}

/// Opens the file, and returns its length.
fn open(options: &ImportOptions) -> std::io::Result<(File, u64)> {
    let file = File::open(&options.file)?;
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    Ok((file, found.len()))
}

fn records<R: Read>(file: R, options: &ImportOptions) -> Result<Records<BufReader<R>>, TableError> {
    let is_csv = options.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let reader = BufReader::new(file);
    match options.format {
        Some(Format::Csv) => Records::csv(reader),
        None if is_csv => Records::csv(reader),
        Some(Format::Jsonl) | None => Ok(Records::json_lines(reader)),
    }
}

/// Imports a batch, or finds out what would be imported.
async fn settle(
    target: &Target,
    batch: Result<Batch, TableError>,
    dry_run: bool,
) -> Result<Settled, CliError> {
    let Batch { last_line, mut lines, bad, .. } = batch?;
    let problems = bad.into_iter().map(|bad| (bad.number, Problem::of(&bad))).collect();
    let mut settled = Settled { last_line, created: 0, would_create: Vec::new(), same: Vec::new(), problems };
    let (mut attempts, mut pause) = (1, PAUSE);
    while !lines.is_empty() {
        let command =
            Command::ImportUsers { lines: Lines(lines.iter().map(|(_, line)| line.clone()).collect()) };
        let answer = target.send(&Event { dry_run, ..Event::about_none(command) }).await;
        match answer {
            Ok(answer) => {
                let outcomes = at(&answer, "lines").as_array().cloned().unwrap_or_default();
                if outcomes.is_empty() {
                    return Err(CliError::Failed("the answer says nothing of the lines".to_owned()));
                }
                // The answer has no results for lines after the last one: they are sent again.
                let done = lines.drain(..outcomes.len().min(lines.len()));
                done.zip(&outcomes).for_each(|((number, line), outcome)| {
                    settled.add(number, outcome, attempts > 1);
                    if dry_run && is_created(outcome) {
                        settled.would_create.extend(address(&line).map(|address| (number, address)));
                    }
                });
                attempts = 1;
            }
            Err(CliError::Failed(_) | CliError::FailedHere(..)) if attempts < SENT => {
                tokio::time::sleep(pause).await;
                (attempts, pause) = (attempts + 1, pause * 2);
            }
            Err(error) => return Err(error),
        }
    }
    settled.problems.sort_by_key(|(line, _)| *line);
    Ok(settled)
}

fn is_created(outcome: &Value) -> bool {
    *at(outcome, "outcome") == "created"
}

impl Settled {
    /// A batch that was sent before without an answer may have been done then.
    fn add(&mut self, line: u64, outcome: &Value, is_repeated: bool) {
        match at(outcome, "outcome").as_str().unwrap_or_default() {
            "created" => self.created += 1,
            "same" if is_repeated => self.created += 1,
            "same" => self.same.push(line),
            "exists" => self.problems.push((line, Problem::Exists)),
            _ => {
                let reasons = at(outcome, "reasons").as_array().into_iter().flatten();
                let reasons = reasons.filter_map(Value::as_str).map(str::to_owned).collect();
                self.problems.push((line, Problem::Refused(reasons)));
            }
        }
    }

    /// Counts an address of an earlier line as existing: the dry run has not created its account.
    fn find_repeated(&mut self, addresses: &mut Addresses) {
        for (line, address) in self.would_create.drain(..) {
            if !addresses.add(&address) {
                self.created -= 1;
                self.problems.push((line, Problem::Exists));
            }
        }
    }

    /// Returns the results to report. An account that exists as the line would create it was made by the resumed import.
    fn problems(&self, is_resumed: bool) -> Vec<(u64, &Problem)> {
        let same = self.same.iter().filter(|_| !is_resumed).map(|line| (*line, &Problem::Exists));
        let mut problems: Vec<_> =
            self.problems.iter().map(|(line, problem)| (*line, problem)).chain(same).collect();
        problems.sort_by_key(|(line, _)| *line);
        problems
    }
}

impl Problem {
    fn of(bad: &BadLineError) -> Self {
        Self::Refused(bad.reasons.iter().map(ToString::to_string).collect())
    }

    /// Reports on standard output as JSON for programs, and on standard error for people.
    fn tell(&self, line: u64, bar: &ProgressBar, output: Output) -> Result<(), CliError> {
        if output.json {
            return print(
                &match self {
                    Self::Refused(reasons) => {
                        json!({ "line": line, "outcome": "refused", "reasons": reasons })
                    }
                    Self::Exists => json!({ "line": line, "outcome": "exists" }),
                }
                .to_string(),
            );
        }
        let text = match self {
            Self::Refused(reasons) => reasons.join("; "),
            Self::Exists => "email has an account already, which is left as it is".to_owned(),
        };
        Ok(bar.suspend(|| writeln!(std::io::stderr(), "line {line}: {text}"))?)
    }
}

fn summary(state: &State, output: Output) -> Result<(), CliError> {
    let State { created, done_before, exists, refused, .. } = state;
    if output.json {
        return print(
            &json!({ "created": created, "done_before": done_before, "exists": exists, "refused": refused,
                     "dry_run": output.dry_run })
            .to_string(),
        );
    }
    let verb = if output.dry_run { "Would be created" } else { "Created" };
    print(&format!(
        "{verb}: {created}. Created before: {done_before}. Existing, left as they are: {exists}. Refused: {refused}."
    ))
}

/// Shows the progress on standard error, if that is a terminal.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {percent} % of the file, {elapsed}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
