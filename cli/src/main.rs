//! The command `ratchet`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use cli::Arguments;

/// 0 if the command is done, 1 if it failed or was refused, and 2, by clap, for a usage error.
fn main() -> ExitCode {
    match cli::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_listens = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
