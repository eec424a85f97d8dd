//! `cargo run -p sim`: prints the table of docs/rotation.md, with the reader's own numbers if options say so.

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;
use sim::{Options, figures, table};

/// Simulates honest devices and thieves under Ratchet's rule of refresh and under those of its peers.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Also write the figures to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { options, json } = Arguments::parse();
    options.check()?;
    let figures = figures::run(&options);
    std::io::stdout().write_all(table::text(&figures).as_bytes())?;
    if let Some(path) = json {
        std::fs::write(path, figures::json(&figures)?)?;
    }
    Ok(())
}
