//! A sign-in with a passkey: a request for a challenge, and one whose signature is verified. No hash runs.

use tests::Authenticator;
use tests::dynamodb::{PASSKEYS, USERS};

use super::{EVENTS_TO_A_SIGN_IN, WARM_UP};
use crate::contest::Amount;
use crate::dynamodb::DynamoDb;
use crate::figures::Figures;
use crate::lambda::Environment;
use crate::program::Program;
use crate::requests::passkeys::{self, PasskeySignIns};
use crate::rows::Account;
use crate::samples::Samples;
use crate::{Arguments, Failure};

/// What was measured of both requests.
#[derive(Default)]
pub(super) struct Times {
    cold: Samples,
    warm: Samples,
    processor: Samples,
    challenge: Samples,
    challenge_processor: Samples,
    peak_bytes: u64,
}

/// Gives each of these accounts a passkey, and puts them into the tables.
pub(super) fn users(
    dynamodb: &DynamoDb,
    accounts: &[Account],
    password_hash: &str,
) -> Result<Vec<Authenticator>, Failure> {
    let mut authenticators = Vec::new();
    let (mut users, mut rows) = (Vec::new(), Vec::new());
    for account in accounts {
        let mut authenticator = Authenticator::new();
        authenticator.create(&account.creation_options(), &passkeys::page());
        users.push(account.row_with_a_passkey(password_hash));
        rows.push(account.passkey(&authenticator, passkeys::RP_ID));
        authenticators.push(authenticator);
    }
    dynamodb.put(USERS, users)?;
    dynamodb.put(PASSKEYS, rows)?;
    Ok(authenticators)
}

impl Times {
    /// Measures the function.
    pub(super) async fn of(
        arguments: &Arguments,
        program: &Program,
        work: &mut PasskeySignIns,
    ) -> Result<Self, Failure> {
        let mut times = Self::default();
        // What a start is measured with answers a challenge of the environment before.
        let (_other, asked) = Environment::start(program, &work.options()).await?;
        work.keep(&asked.answer)?;
        for round in 0..arguments.rounds {
            let (mut environment, first) = Environment::start(program, &work.sign_in()?).await?;
            PasskeySignIns::check(&first.answer)?;
            times.cold.add(first.took);
            let amount = Amount { rounds: arguments.rounds, events: arguments.events };
            if amount.is_warm(round) {
                Self::default().take(&mut environment, work, WARM_UP).await?;
                times.take(&mut environment, work, (arguments.events / EVENTS_TO_A_SIGN_IN).max(1)).await?;
            }
            times.peak_bytes = times.peak_bytes.max(environment.usage()?.peak_bytes);
            let asked = environment.invoke(&work.options()).await?;
            work.keep(&asked.answer)?;
        }
        Ok(times)
    }

    /// All challenges first, so that the processor time of each kind of request can be told.
    async fn take(
        &mut self,
        environment: &mut Environment,
        work: &mut PasskeySignIns,
        number: usize,
    ) -> Result<(), Failure> {
        let of_each = u32::try_from(number).unwrap_or(u32::MAX);
        let before = environment.usage()?.processor;
        for _ in 0..number {
            let timed = environment.invoke(&work.options()).await?;
            work.keep(&timed.answer)?;
            self.challenge.add(timed.took);
        }
        let between = environment.usage()?.processor;
        for _ in 0..number {
            let timed = environment.invoke(&work.sign_in()?).await?;
            PasskeySignIns::check(&timed.answer)?;
            self.warm.add(timed.took);
        }
        let after = environment.usage()?.processor;
        self.challenge_processor.add(between.saturating_sub(before) / of_each);
        self.processor.add(after.saturating_sub(between) / of_each);
        Ok(())
    }

    /// Processor time of both requests, in milliseconds.
    pub(super) fn processor_ms(&self) -> f64 {
        self.processor.millis(0.5) + self.challenge_processor.millis(0.5)
    }

    pub(super) fn figures(&self) -> [Figures; 2] {
        [
            Figures {
                name: "Ratchet, with a passkey".to_owned(),
                cold_ms: self.cold.millis(0.5),
                cold_p95_ms: self.cold.millis(0.95),
                warm_ms: self.warm.millis(0.5),
                warm_p95_ms: self.warm.millis(0.95),
                warm_processor_ms: self.processor.millis(0.5),
                peak_bytes: self.peak_bytes,
                ..Figures::default()
            },
            Figures {
                name: "Ratchet, the challenge before it".to_owned(),
                warm_ms: self.challenge.millis(0.5),
                warm_p95_ms: self.challenge.millis(0.95),
                warm_processor_ms: self.challenge_processor.millis(0.5),
                ..Figures::default()
            },
        ]
    }
}
