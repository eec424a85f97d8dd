//! Compares passwords with hashes of other systems, and holds the time against that of a hash of Ratchet's own.
//!
//! ```sh
//! cargo run --release --manifest-path bench/Cargo.toml -p wrapped
//! ```
//!
//! Each is compared in turns with one of Ratchet's own at the template's cost, so that both see the same machine. What is
//! printed is the median of the ratios: the figures of `docs/moving-in.md`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock, and reports to a person"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::config;
use shared::password::{Digest, HashCost, Hasher, OldFunction, OldHash, Password};

/// How often each is compared.
const TURNS: usize = 11;

/// What the other systems use, and the most that is taken.
const FUNCTIONS: [(&str, OldFunction); 14] = [
    ("PBKDF2, SHA-1, 1,000 iterations", pbkdf2(Digest::Sha1, 1_000)),
    ("PBKDF2, SHA-256, 10,000 iterations", pbkdf2(Digest::Sha256, 10_000)),
    ("PBKDF2, SHA-256, 600,000 iterations", pbkdf2(Digest::Sha256, 600_000)),
    ("PBKDF2, SHA-256, 1,000,000 iterations", pbkdf2(Digest::Sha256, 1_000_000)),
    ("PBKDF2, SHA-256, 2,000,000 iterations", pbkdf2(Digest::Sha256, 2_000_000)),
    ("PBKDF2, SHA-512, 100,000 iterations", pbkdf2(Digest::Sha512, 100_000)),
    ("PBKDF2, SHA-512, 2,000,000 iterations", pbkdf2(Digest::Sha512, 2_000_000)),
    ("bcrypt, cost 10", OldFunction::Bcrypt { cost: 10 }),
    ("bcrypt, cost 12", OldFunction::Bcrypt { cost: 12 }),
    ("bcrypt, cost 14", OldFunction::Bcrypt { cost: 14 }),
    ("scrypt, N 2^16, r 8, p 2", OldFunction::Scrypt { log_n: 16, r: 8, p: 2 }),
    ("Firebase, memory cost 14, rounds 8", OldFunction::FirebaseScrypt { log_n: 14, r: 8 }),
    ("Argon2id, 4 MiB, 3 passes", argon2id(4_096, 3)),
    ("Argon2id, 256 MiB, 10 passes", argon2id(262_144, 10)),
];

const fn pbkdf2(digest: Digest, iterations: u32) -> OldFunction {
    OldFunction::Pbkdf2 { digest, iterations }
}

const fn argon2id(memory_kib: u32, iterations: u32) -> OldFunction {
    OldFunction::Argon2id(HashCost { memory_kib, iterations, parallelism: 1 })
}

fn main() -> ExitCode {
    let Some((hasher, password)) = ready() else { return ExitCode::FAILURE };
    println!("| other system's function | times one of Ratchet's own | of |\n|---|--:|--:|");
    for (name, function) in FUNCTIONS {
        let Some((ratio, own)) = ratio(&hasher, &password, function) else { return ExitCode::FAILURE };
        println!("| {name} | {ratio:.1} | {own:.1?} |");
    }
    ExitCode::SUCCESS
}

fn ready() -> Option<(Hasher, Password)> {
    Some((config::hasher(&|_| None).ok()?, Password::parse("correct horse battery staple").ok()?))
}

/// The median of the ratios, and the time of one of Ratchet's own then.
fn ratio(hasher: &Hasher, password: &Password, function: OldFunction) -> Option<(f64, Duration)> {
    let length = if matches!(function, OldFunction::Bcrypt { .. }) { 23 } else { 32 };
    let old = OldHash::new(function, &[7; 16], &vec![9; length]).ok()?;
    let mut rng = StdRng::seed_from_u64(1);
    let (own, wrapped) = (hasher.hash(password, &mut rng).ok()?, hasher.wrap(&old, &mut rng).ok()?);
    let took = |stored: &str| {
        let began = Instant::now();
        hasher.verify(password, Some(stored)).ok()?;
        Some(began.elapsed())
    };
    let mut ratios = Vec::new();
    for _ in 0..TURNS {
        let own = took(&own)?;
        ratios.push((took(&wrapped)?.as_secs_f64() / own.as_secs_f64(), own));
    }
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    ratios.get(TURNS / 2).copied()
}
