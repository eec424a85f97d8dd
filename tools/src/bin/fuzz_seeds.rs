//! Writes what the fuzzer begins with: `cargo run -p tools --bin fuzz_seeds -- DIRECTORY`. A directory of inputs a
//! target, and its dictionary beside it.

use std::path::PathBuf;
use std::{fs, io};

use tests::fuzz::{TARGETS, corpus};

fn main() -> io::Result<()> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    let directory = directory.ok_or_else(|| io::Error::other("which directory?"))?;
    for target in TARGETS {
        let seeds = directory.join(target.name);
        fs::create_dir_all(&seeds)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(seeds.join(format!("seed_{number}")), seed)?;
        }
        fs::write(directory.join(target.name).with_extension("dict"), corpus::dictionary(&target))?;
    }
    Ok(())
}
