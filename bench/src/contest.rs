//! Programs measured side by side: in every round each of them once, so that whatever slows the machine slows them all.

use std::time::Duration;

use axum::body::Bytes;
use tokio::time::MissedTickBehavior;

use crate::Failure;
use crate::figures::Figures;
use crate::lambda::{Environment, Timed};
use crate::program::Program;
use crate::samples::Samples;

/// Events go out at this rate when they are paced: one in 5 ms.
const PACE: Duration = Duration::from_millis(5);

/// Answers before the first that is timed, which is for programs that compile while they run.
const WARM_UP: usize = 300;

/// What a program is asked, and what it must answer.
pub(crate) trait Work {
    /// The next event.
    fn event(&mut self) -> Bytes;

    /// Checks the answer to the event that was last made.
    ///
    /// # Errors
    /// [`Failure`] says what is wrong with it.
    fn check(&mut self, answer: &Bytes) -> Result<(), Failure>;
}

/// A program, its work, and what has been measured of it.
pub(crate) struct Contender {
    program: Program,
    work: Box<dyn Work>,
    cold: Samples,
    warm: Samples,
    paced: Samples,
    cold_processor: Samples,
    warm_processor: Samples,
    peak_bytes: u64,
}

/// How often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    /// Starts of each program.
    pub(crate) rounds: usize,
    /// Events of each kind in each tenth round; none if it is 0.
    pub(crate) events: usize,
}

impl Amount {
    /// Whether a round has events after the first: each tenth, and the last.
    pub(crate) fn is_warm(self, round: usize) -> bool {
        self.events > 0 && (round % 10 == 9 || round + 1 == self.rounds)
    }
}

/// Measures all of them.
pub(crate) async fn hold(contenders: &mut [Contender], amount: Amount) -> Result<(), Failure> {
    for round in 0..amount.rounds {
        for contender in &mut *contenders {
            let mut environment = contender.start().await?;
            if amount.is_warm(round) {
                contender.answer(&mut environment, amount.events).await?;
            }
            contender.peak_bytes = contender.peak_bytes.max(environment.usage()?.peak_bytes);
        }
    }
    Ok(())
}

impl Contender {
    pub(crate) fn new(program: Program, work: impl Work + 'static) -> Self {
        Self {
            program,
            work: Box::new(work),
            cold: Samples::default(),
            warm: Samples::default(),
            paced: Samples::default(),
            cold_processor: Samples::default(),
            warm_processor: Samples::default(),
            peak_bytes: 0,
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        Figures {
            name: self.program.name.clone(),
            cold_ms: self.cold.millis(0.5),
            cold_p95_ms: self.cold.millis(0.95),
            warm_ms: self.warm.millis(0.5),
            warm_p95_ms: self.warm.millis(0.95),
            paced_ms: self.paced.millis(0.5),
            paced_p95_ms: self.paced.millis(0.95),
            cold_processor_ms: self.cold_processor.millis(0.5),
            warm_processor_ms: self.warm_processor.millis(0.5),
            peak_bytes: self.peak_bytes,
            ..Figures::default()
        }
    }

    async fn start(&mut self) -> Result<Environment, Failure> {
        let event = self.work.event();
        let (environment, first) = Environment::start(&self.program, &event).await?;
        let took = self.checked(&first)?;
        self.cold.add(took);
        self.cold_processor.add(environment.usage()?.processor);
        Ok(environment)
    }

    async fn answer(&mut self, environment: &mut Environment, events: usize) -> Result<(), Failure> {
        for _ in 0..WARM_UP {
            self.invoke(environment).await?;
        }
        let before = environment.usage()?.processor;
        for _ in 0..events {
            let took = self.invoke(environment).await?;
            self.warm.add(took);
        }
        let used = environment.usage()?.processor.saturating_sub(before);
        self.warm_processor.add(used / u32::try_from(events).unwrap_or(u32::MAX));
        let mut ticks = tokio::time::interval(PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..events {
            ticks.tick().await;
            let took = self.invoke(environment).await?;
            self.paced.add(took);
        }
        Ok(())
    }

    async fn invoke(&mut self, environment: &mut Environment) -> Result<Duration, Failure> {
        let event = self.work.event();
        let timed = environment.invoke(&event).await?;
        self.checked(&timed)
    }

    fn checked(&mut self, timed: &Timed) -> Result<Duration, Failure> {
        self.work.check(&timed.answer).map_err(|failure| format!("{}: {failure}", self.program.name))?;
        Ok(timed.took)
    }
}
