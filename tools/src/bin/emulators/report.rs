//! One line for each case, and a count at the end.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

/// What came of a case, and after how many seconds.
pub(crate) type Timed = (Result<(), String>, f64);

/// What has passed so far.
#[derive(Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// Runs a case, and says what came of it.
    pub(crate) async fn add(&mut self, name: &str, case: impl Future<Output = Result<(), String>>) {
        self.record(name, timed(case).await);
    }

    /// Says what came of a case.
    pub(crate) fn record(&mut self, name: &str, (outcome, seconds): Timed) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                say(format_args!("ok    {name} ({seconds:.2} s)"));
            }
            Err(problem) => {
                self.failed += 1;
                say(format_args!("FAIL  {name} ({seconds:.2} s): {problem}"));
            }
        }
    }

    /// Says the count. Nothing at all is a failure too.
    pub(crate) fn end(self) -> ExitCode {
        say(format_args!("{} passed, {} failed", self.passed, self.failed));
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs a case, and measures how long it takes.
pub(crate) async fn timed(case: impl Future<Output = Result<(), String>>) -> Timed {
    let start = Instant::now();
    let outcome = case.await;
    (outcome, start.elapsed().as_secs_f64())
}

fn say(line: impl Display) {
    let _nobody_listens = writeln!(std::io::stdout(), "{line}");
}
