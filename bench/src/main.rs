//! Measures Ratchet the way Lambda runs it, beside what could be used in its place, and holds the ratios against budgets.
//!
//! `scripts/bench` builds and installs what is measured here, runs this, and draws the tables and charts of
//! `docs/performance`.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock everywhere")]

mod budget;
mod contest;
mod dynamodb;
mod failure;
mod figures;
mod lambda;
mod openauth;
mod program;
mod ratchet;
mod requests;
mod rows;
mod samples;
mod suites;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use failure::Failure;
use figures::Measured;

/// Measures Ratchet beside what could be used in its place.
#[derive(Parser)]
struct Arguments {
    /// What is measured.
    suite: suites::Suite,
    /// How often each program is started, one after the other in turn.
    #[arg(long, default_value_t = 30)]
    rounds: usize,
    /// How many events a started program answers back to back, and how many at one in 5 ms, in each tenth round.
    #[arg(long, default_value_t = 1000)]
    events: usize,
    /// Where the functions are, as cargo-lambda leaves them.
    #[arg(long, default_value = "target/lambda")]
    functions: PathBuf,
    /// Another build of the same functions: suites `authorizer`, `refresh` and `starts` measure it too.
    #[arg(long, value_name = "NAME=FOLDER", value_parser = ratchet::build)]
    beside: Vec<ratchet::Build>,
    /// Where floors and the local server are, built for speed alone.
    #[arg(long, default_value = "target/fast")]
    binaries: PathBuf,
    /// Where peers are installed.
    #[arg(long, default_value = "bench/peers")]
    peers: PathBuf,
    /// Node.js, which runs some of them.
    #[arg(long)]
    node: PathBuf,
    /// Python with the packages of `scripts/requirements/bench.txt`, which runs others.
    #[arg(long, default_value = ".tools/bench/bin/python")]
    python: PathBuf,
    /// The file that the figures are written to, as JSON.
    #[arg(long)]
    output: PathBuf,
}

/// The file that is written: what was found out, and how often it was tried.
#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    measured: Measured,
    rounds: usize,
    events: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "it has no log")]
            {
                eprintln!("bench: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let measured = suites::run(arguments).await?;
    let written = Written { measured, rounds: arguments.rounds, events: arguments.events };
    let json = serde_json::to_string_pretty(&written).map_err(|error| error.to_string())?;
    Ok(std::fs::write(&arguments.output, json + "\n")?)
}
