//! `cargo run -p sim`: prints the table of docs/rotation.md, with the reader's own numbers if they are given as options.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use sim::figures::{self, Figures};
use sim::{Options, table};

/// Simulates honest devices and thieves under Ratchet's rule of refresh and under those of its peers.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Also write the figures to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() {
    let Arguments { options, json } = Arguments::parse();
    if let Err(error) = options.check() {
        fail(ErrorKind::ValueValidation, &error.to_string());
    }
    let figures = figures::run(&options);
    let printed = std::io::stdout().write_all(table::text(&figures).as_bytes());
    if let Err(error) = printed {
        fail(ErrorKind::Io, &error.to_string());
    }
    if let Some(path) = json
        && let Err(error) = write(&path, &figures)
    {
        fail(ErrorKind::Io, &format!("{}: {error}", path.display()));
    }
}

fn write(path: &Path, figures: &Figures) -> Result<(), Box<dyn std::error::Error>> {
    Ok(std::fs::write(path, figures::json(figures)?)?)
}

fn fail(kind: ErrorKind, message: &str) -> ! {
    Arguments::command().error(kind, message).exit()
}
