//! Many virtual users who refresh through a DynamoDB that fails on a seeded schedule; see `tests::fault_run`.
//!
//! ```text
//! cargo run -p tools --bin faults -- --users 32 --rotations 2000
//! ```
//!
//! Exit code 1 if a session was lost or forked, if a reuse was seen, or if the table has something else than the clients know.
#![expect(clippy::disallowed_methods, reason = "it measures how long it took")]

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use tests::fault_run::{FaultRun, Keys, Product};
use tests::log;

/// Refreshes through a DynamoDB that fails
#[derive(Parser)]
struct Arguments {
    /// The same seed brings the same faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many users refresh at once
    #[arg(long, default_value_t = 32)]
    users: u32,
    /// How often each of them refreshes at least
    #[arg(long, default_value_t = 2000)]
    rotations: u32,
    /// For how many seconds of real time DynamoDB is down, half way
    #[arg(long, default_value_t = 10)]
    outage: u64,
    /// They send retry keys, and sleep for hours between a lost answer and its repeat
    #[arg(long)]
    keys: bool,
}

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let Arguments { seed, users, rotations, outage, keys } = Arguments::parse();
    let mut out = io::stdout();
    writeln!(out, "{seed:>9}  seed")?;
    log::keep_no_lines();
    let begun = Instant::now();
    let outage = Duration::from_secs(outage);
    let report = FaultRun {
        seed,
        users,
        rotations,
        outage,
        keys: if keys { Keys::Stored } else { Keys::None },
        product: Product::AsItIs,
    }
    .run()
    .await;
    writeln!(out, "{report}")?;
    writeln!(out, "{:>9}  seconds", begun.elapsed().as_secs())?;
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
