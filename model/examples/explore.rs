//! Explores one world to bounds of your choice and reports its size, the branches it took, and the violations it found.
//!
//! ```sh
//! cargo run -p model --example explore -- young 3 1 1 2 1 2
//! cargo run -p model --example explore -- sign-in 2 1 1 1 1 1 1 1
//! ```
//!
//! The numbers are the fields of `refreshing::Bounds` and `signing_in::Bounds`, in their order.

#![expect(clippy::print_stdout, reason = "a report for a person")]

use std::error::Error;

use model::search::{Report, exhaust};
use model::{refreshing, signing_in};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let world = arguments.next().ok_or("sign-in, or a start: young, worn, old, lastgeneration, restored")?;
    let bounds = arguments.map(|bound| bound.parse()).collect::<Result<Vec<u8>, _>>()?;
    let report = if world == "sign-in" { explore_sign_ins(&bounds)? } else { explore(&world, &bounds)? };
    println!("{report}");
    for (name, trace) in report.violations {
        println!("\n{name}\n{trace}");
    }
    Ok(())
}

fn explore(start: &str, bounds: &[u8]) -> Result<Report, Box<dyn Error>> {
    let named = |known: &refreshing::Start| format!("{known:?}").eq_ignore_ascii_case(start);
    let start = refreshing::Start::ALL.into_iter().find(named).ok_or("no such start")?;
    let bounds = <[u8; 6]>::try_from(bounds).map_err(|_| "six bounds")?;
    let world = refreshing::World::new(start, bounds.into());
    let coverage = world.coverage.clone();
    let report = exhaust(world);
    println!("{coverage:#?}");
    Ok(report)
}

fn explore_sign_ins(bounds: &[u8]) -> Result<Report, Box<dyn Error>> {
    let bounds = <[u8; 8]>::try_from(bounds).map_err(|_| "eight bounds")?;
    Ok(exhaust(signing_in::World::new(bounds.into())))
}
