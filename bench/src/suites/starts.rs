//! The start of every function: what Lambda waits for before it hands out the first event.

use crate::contest;
use crate::dynamodb::DynamoDb;
use crate::figures::{Figures, Measured};
use crate::lambda::Environment;
use crate::program::Program;
use crate::samples::Samples;
use crate::{Arguments, Failure, ratchet};

/// A function, and what has been measured of it.
struct Starter {
    program: Program,
    start: Samples,
    processor: Samples,
    peak_bytes: u64,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let keys = ratchet::default_keys()?;
    let dynamodb = DynamoDb::start().await?;
    let url = dynamodb.tls_url()?;
    let mut starters = Vec::new();
    for name in tests::project::OWN {
        let program = ratchet::function(arguments, name, &keys, (&url, dynamodb.bundle()))?;
        let program = Program { name: name.to_owned(), ..program };
        let others = arguments.beside.iter().map(|build| build.replace(&program, name));
        let others = others.collect::<Result<Vec<_>, _>>()?;
        starters.extend([program].into_iter().chain(others).map(Starter::new));
    }
    for round in 0..arguments.rounds {
        for (_, starter) in contest::in_turn(&mut starters, round) {
            starter.start().await?;
        }
    }
    let programs = starters.iter().map(Starter::figures).collect();
    Ok(Measured { suite: "starts", programs, budgets: Vec::new(), series: Vec::new() })
}

impl Starter {
    fn new(program: Program) -> Self {
        Self { program, start: Samples::default(), processor: Samples::default(), peak_bytes: 0 }
    }

    async fn start(&mut self) -> Result<(), Failure> {
        let (environment, took) = Environment::idle(&self.program).await?;
        let usage = environment.usage()?;
        self.start.add(took);
        self.processor.add(usage.processor);
        self.peak_bytes = self.peak_bytes.max(usage.peak_bytes);
        Ok(())
    }

    fn figures(&self) -> Figures {
        Figures {
            name: self.program.name.clone(),
            start_ms: self.start.millis(0.5),
            start_p95_ms: self.start.millis(0.95),
            start_processor_ms: self.processor.millis(0.5),
            peak_bytes: self.peak_bytes,
            ..Figures::default()
        }
    }
}
