//! A sign-in with a password at the template's cost: what the function does beside the hash, and the hash alone. And one with a
//! passkey.
//!
//! Accounts take turns, so that the list of sessions that a sign-in reads stays short, as it is for nearly everybody.

pub(super) mod hash;
mod passkey;

use tests::dynamodb::USERS;

use crate::budget::Budget;
use crate::contest::{Amount, Work};
use crate::dynamodb::DynamoDb;
use crate::figures::{Figures, Measured};
use crate::lambda::Environment;
use crate::program::Program;
use crate::requests::passkeys::{PasskeySignIns, RP_ID};
use crate::requests::sign_in::SignIns;
use crate::rows::Account;
use crate::samples::Samples;
use crate::suites::hash_times::without_hashes;
use crate::{Arguments, Failure, ratchet};

/// As many sign-ins as this begin at most a few sessions for each.
const ACCOUNTS: u32 = 1000;

/// The same of those with a passkey. All others have none.
const WITH_A_PASSKEY: u32 = 200;

/// Sign-ins before the first that is timed.
const WARM_UP: usize = 10;

/// A sign-in takes as long as some twenty refreshes.
const EVENTS_TO_A_SIGN_IN: usize = 10;

/// The most processor time that both requests of a sign-in with a passkey may take, as a share of one with a password.
const OF_A_PASSWORD: f64 = 0.33;

/// The most memory that a sign-in may take beside the hash.
const MEMORY_MIB: f64 = 14.0;

#[derive(Default)]
struct Times {
    cold: Samples,
    warm: Samples,
    /// What remains of each without its hash.
    rest: Samples,
    /// The hashes themselves, as the function says.
    hash: Samples,
    processor: Samples,
    peak_bytes: u64,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let dynamodb = DynamoDb::start().await?;
    let accounts: Vec<_> = (0..ACCOUNTS).map(Account::new).collect();
    let stored = hash::stored()?;
    dynamodb.put(USERS, accounts.iter().map(|account| account.row(&stored)).collect())?;
    let keys = ratchet::keys()?;
    let url = dynamodb.tls_url()?;
    let program = ratchet::function(arguments, "login", &keys, (&url, dynamodb.bundle()))?;
    let times = sign_ins(arguments, &program, &mut SignIns::new(accounts)?).await?;
    let mut program = ratchet::function(arguments, "passkeys", &keys, (&url, dynamodb.bundle()))?;
    program.environment.insert("RP_ID".to_owned(), RP_ID.to_owned());
    let others: Vec<_> = (ACCOUNTS..ACCOUNTS + WITH_A_PASSKEY).map(Account::new).collect();
    let mut work = PasskeySignIns::new(passkey::users(&dynamodb, &others, &stored)?)?;
    let by_passkey = passkey::Times::of(arguments, &program, &mut work).await?;
    let [ours, default] = hash::compare((arguments.events / EVENTS_TO_A_SIGN_IN).max(1), &stored)?;
    let [with_passkey, challenge] = by_passkey.figures();
    let programs = vec![
        times.figures("Ratchet"),
        with_passkey,
        challenge,
        alone("the hash in a sign-in, Ratchet", &times.hash),
        alone("the hash alone, Ratchet", &ours),
        alone("the hash alone, RustCrypto's default call", &default),
    ];
    let mut budgets = budgets(&times, &ours, &default);
    budgets.push(Budget::at_most(
        "processor time: both requests of a sign-in with a passkey to one with a password",
        OF_A_PASSWORD,
        "x",
        by_passkey.processor_ms() / times.processor.millis(0.5),
    ));
    Ok(Measured { suite: "login", programs, budgets, series: Vec::new() })
}

fn budgets(times: &Times, ours: &Samples, default: &Samples) -> Vec<Budget> {
    let share = times.rest.millis(0.5) / times.warm.millis(0.5);
    let memory = MEMORY_MIB + f64::from(hash::COST.memory_kib) / 1024.0;
    vec![
        Budget::at_most("warm: everything but the hash, of the total", 10.0, "%", share * 100.0),
        Budget::at_most(
            "the hash alone: ours to RustCrypto's default call",
            0.55,
            "x",
            ours.millis(0.5) / default.millis(0.5),
        ),
        Budget::memory("memory, peak, the hash's own 19 MiB included", memory, times.peak_bytes),
    ]
}

fn alone(name: &str, times: &Samples) -> Figures {
    let name = name.to_owned();
    Figures { name, warm_ms: times.millis(0.5), warm_p95_ms: times.millis(0.95), ..Figures::default() }
}

async fn sign_ins(arguments: &Arguments, program: &Program, work: &mut SignIns) -> Result<Times, Failure> {
    let mut times = Times::default();
    for round in 0..arguments.rounds {
        let event = work.event();
        let (mut environment, first) = Environment::start(program, &event).await?;
        work.check(&first.answer)?;
        times.cold.add(first.took);
        let amount = Amount { rounds: arguments.rounds, events: arguments.events };
        if amount.is_warm(round) {
            times.warm(&mut environment, work, (arguments.events / EVENTS_TO_A_SIGN_IN).max(1)).await?;
        }
        times.peak_bytes = times.peak_bytes.max(environment.usage()?.peak_bytes);
    }
    Ok(times)
}

impl Times {
    async fn warm(
        &mut self,
        environment: &mut Environment,
        work: &mut SignIns,
        events: usize,
    ) -> Result<(), Failure> {
        let mut took = Vec::new();
        let mut before = environment.usage()?.processor;
        for number in 0..WARM_UP + events {
            if number == WARM_UP {
                before = environment.usage()?.processor;
            }
            let timed = environment.invoke(&work.event()).await?;
            work.check(&timed.answer)?;
            took.push(timed.took);
        }
        let used = environment.usage()?.processor.saturating_sub(before);
        self.processor.add(used / u32::try_from(events).unwrap_or(u32::MAX));
        // One was of the start.
        let rests = without_hashes(&took, 1, environment)?;
        for (took, rest) in took.into_iter().zip(rests).skip(WARM_UP) {
            self.warm.add(took);
            self.rest.add(rest);
            self.hash.add(took.saturating_sub(rest));
        }
        Ok(())
    }

    fn figures(&self, name: &str) -> Figures {
        Figures {
            name: name.to_owned(),
            cold_ms: self.cold.millis(0.5),
            cold_p95_ms: self.cold.millis(0.95),
            warm_ms: self.warm.millis(0.5),
            warm_p95_ms: self.warm.millis(0.95),
            warm_processor_ms: self.processor.millis(0.5),
            peak_bytes: self.peak_bytes,
            ..Figures::default()
        }
    }
}
