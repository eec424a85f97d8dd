//! Searches for the registration whose password takes longest to judge, and holds it against a password hash.
//!
//! ```sh
//! cargo run --release --manifest-path bench/Cargo.toml -p judging -- --candidates 2000
//! ```
//!
//! A judgement is what `POST /register` does before it hashes, and anybody may ask for it. It begins with passwords of
//! signs, short words and repetitions, and changes those that took longest, step by step.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock, and reports to a person"
)]

mod candidate;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::config;
use shared::email::Email;
use shared::password::{OwnWords, Password, Rules};

use candidate::Candidate;

/// Searches for the password that takes longest to judge.
#[derive(Parser)]
struct Arguments {
    /// How many registrations are tried.
    #[arg(long, default_value_t = 2000)]
    candidates: usize,
    /// Another seed tries others.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times as long as a password hash a judgement may take.
    #[arg(long, default_value_t = 2.0)]
    most: f64,
}

/// How many of the first candidates are changed further.
const KEPT: usize = 6;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut rng = StdRng::seed_from_u64(arguments.seed);
    let worst = search(arguments.candidates, &mut rng);
    let Some((took, worst)) = worst else { return ExitCode::FAILURE };
    let Some(hash) = hash(&mut rng) else { return ExitCode::FAILURE };
    let times = took.as_secs_f64() / hash.as_secs_f64();
    println!("worst judgement: {took:?}, {times:.2} password hashes of {hash:?}");
    println!("password {:?}\nname     {:?}\nemail    {:?}", worst.password, worst.name, worst.email);
    if times <= arguments.most { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The first third is drawn; the rest are changes of what took longest of it.
fn search(candidates: usize, rng: &mut StdRng) -> Option<(Duration, Candidate)> {
    let drawn = (0..candidates / 3).map(|_| Candidate::draw(rng));
    let mut kept: Vec<_> = drawn.map(|candidate| (time(&candidate), candidate)).collect();
    kept.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    kept.truncate(KEPT);
    for (took, worst) in &mut kept {
        for _ in 0..(candidates - candidates / 3) / KEPT {
            let changed = worst.changed(rng);
            let longer = time(&changed);
            if longer > *took {
                (*took, *worst) = (longer, changed);
            }
        }
    }
    kept.into_iter().max_by_key(|(took, _)| *took)
}

/// The shortest of three runs: others use the machine too.
fn time(candidate: &Candidate) -> Duration {
    let runs = (0..3).map(|_| {
        let started = Instant::now();
        judge(candidate);
        started.elapsed()
    });
    runs.min().unwrap_or_default()
}

fn judge(Candidate { email, name, password }: &Candidate) {
    let (Ok(email), Ok(password)) = (Email::parse(email), Password::parse(password)) else { return };
    let rules = Rules { min_length: 8, min_score: 0 };
    drop(std::hint::black_box(password.check_new(rules, &OwnWords::new(&email, name))));
}

fn hash(rng: &mut StdRng) -> Option<Duration> {
    let hasher = config::hasher(&|_| None).ok()?;
    let password = Password::parse("correct horse battery staple").ok()?;
    let mut run = || {
        let started = Instant::now();
        hasher.hash(&password, rng).ok().map(|_| started.elapsed())
    };
    (0..10).filter_map(|_| run()).min()
}
