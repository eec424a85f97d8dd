//! Operations of the functions, each done on its own, for callgrind to count the instructions of.
//!
//! `instructions` names them; `instructions NAME` does one. `scripts/instructions` runs each under callgrind, which counts
//! what happens inside of `count::counted` alone, and compares with the figures in `counts.json`.
#![expect(clippy::expect_used, reason = "a bench whose own material is no good can only stop")]

mod count;
mod material;
mod operations;

use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "what it names, it names to a script")]
fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        operations::all().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    match operations::all().find(|(known, _)| *known == name) {
        Some((_, run)) => {
            run();
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}
