//! Programs measured side by side: in every round each of them once, so that whatever slows the machine slows them all.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use tokio::time::{Instant, MissedTickBehavior};

use crate::Failure;
use crate::figures::Figures;
use crate::lambda::{Environment, Timed};
use crate::program::Program;
use crate::samples::Samples;

/// Events go out at this rate when they are paced: one in 5 ms.
const PACE: Duration = Duration::from_millis(5);

/// Turns that started programs take.
const TURNS: usize = 20;

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

/// All of them with their places, in the order of this round: a program starts later after one that has filled the caches, so
/// none always follows the same one.
pub(crate) fn in_turn<T>(all: &mut [T], round: usize) -> Vec<(usize, &mut T)> {
    let mut order: Vec<_> = all.iter_mut().enumerate().collect();
    order.shuffle(&mut StdRng::seed_from_u64(u64::try_from(round).unwrap_or_default()));
    order
}

/// Measures all of them.
pub(crate) async fn hold(contenders: &mut [Contender], amount: Amount) -> Result<(), Failure> {
    for round in 0..amount.rounds {
        let mut started = BTreeMap::new();
        for (place, contender) in in_turn(contenders, round) {
            let environment = contender.start().await?;
            contender.take_memory(&environment)?;
            if amount.is_warm(round) {
                started.insert(place, environment);
            }
        }
        if amount.is_warm(round) {
            let mut started: Vec<_> = started.into_values().collect();
            take_turns(contenders, &mut started, amount.events).await?;
        }
    }
    Ok(())
}

/// Started programs answer so many events of each kind, a few at a time.
async fn take_turns(
    contenders: &mut [Contender],
    started: &mut [Environment],
    events: usize,
) -> Result<(), Failure> {
    let often = events.div_ceil(TURNS);
    let mut pairs: Vec<_> = contenders.iter_mut().zip(started).collect();
    for (contender, environment) in &mut pairs {
        contender.warm_up(environment).await?;
    }
    for _ in 0..TURNS {
        for (contender, environment) in &mut pairs {
            contender.back_to_back(environment, often).await?;
            contender.at_a_pace(environment, often).await?;
        }
        // So that nobody always comes after the same one, which may have left something to be cleared up.
        pairs.rotate_left(1);
    }
    for (contender, environment) in pairs {
        contender.take_memory(environment)?;
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

    async fn warm_up(&mut self, environment: &mut Environment) -> Result<(), Failure> {
        for _ in 0..WARM_UP {
            self.invoke(environment).await?;
        }
        Ok(())
    }

    async fn back_to_back(&mut self, environment: &mut Environment, events: usize) -> Result<(), Failure> {
        let before = environment.usage()?.processor;
        for _ in 0..events {
            let took = self.invoke(environment).await?;
            self.warm.add(took);
        }
        let used = environment.usage()?.processor.saturating_sub(before);
        self.warm_processor.add(used / u32::try_from(events).unwrap_or(u32::MAX));
        Ok(())
    }

    async fn at_a_pace(&mut self, environment: &mut Environment, events: usize) -> Result<(), Failure> {
        let mut ticks = tokio::time::interval_at(Instant::now() + PACE, PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..events {
            awake(ticks.tick()).await;
            let took = awake(self.invoke(environment)).await?;
            self.paced.add(took);
        }
        Ok(())
    }

    fn take_memory(&mut self, environment: &Environment) -> Result<(), Failure> {
        self.peak_bytes = self.peak_bytes.max(environment.usage()?.peak_bytes);
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

/// Waits without sleeping, so that only the program has to wake up: how long this one would take to is not the program's.
async fn awake<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
            return output;
        }
        tokio::task::yield_now().await;
    }
}
