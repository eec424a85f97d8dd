//! Calls a function with the records of a stream, as Lambda does.
//!
//! # Invariants
//! * Records are processed in order: the next one waits until the previous one is processed or given up.
//! * A record that the function reports as failed, and those after it, are repeated with growing delays.
//! * A running call is never cut off.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::{Seconds, Timestamp};

use super::bell::Bell;
use super::place::Place;
use super::record::Record;
use super::source::Source;
use crate::functions::StreamFunction;
use crate::options::Clock;
use crate::service::StopSignal;

/// `BatchSize` of the template.
const BATCH: usize = 5;
/// `MaximumRecordAgeInSeconds` of the template, its only limit on retries. The age counts from the first call, because
/// the clock of an external DynamoDB may show any time.
const AGE: Seconds = Seconds(900);
/// The delay of the first retry. It doubles up to the maximum.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The interval at which a stream is read without a ring, for rows that others put into the table. It is long, because one read
/// takes 5 ms of CPU in a build without optimisation, for every server that a test has started.
const POLL: Duration = Duration::from_secs(5);

/// The inputs of a reader.
pub(super) struct Reader {
    pub(super) function_id: String,
    pub(super) function: StreamFunction,
    pub(super) source: Source,
    pub(super) place: Place,
    pub(super) clock: Clock,
    pub(super) state: State,
}

/// The state of a reader.
#[derive(Default)]
pub(super) struct State {
    /// Records that were read but not processed.
    pending: VecDeque<Record>,
    failing: Option<Failing>,
    /// Whether the last read of the stream failed, which is logged once.
    is_cut_off: bool,
}

/// The record that failed last.
struct Failing {
    sequence_number: String,
    since: Timestamp,
    retries: u32,
    /// The function has not reported which record failed. The records are then sent one by one, as with
    /// `BisectBatchOnFunctionError`.
    is_whole_batch: bool,
}

/// The next action.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Read more records.
    More,
    /// Wait: nothing is left.
    Idle,
    /// Repeat the record after this time.
    Again(Duration),
}

/// The result of a call of the function.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It has processed all records.
    Done,
    /// It has processed this many records, and reports the next one as failed.
    FailedAfter(usize),
    /// It has failed entirely.
    Failed(String),
}

impl Reader {
    /// Reads until it is stopped.
    pub(super) async fn run(mut self, bell: Arc<Bell>, mut stopped: StopSignal) {
        loop {
            bell.begin();
            let next = loop {
                let next = self.step().await;
                if next != Next::More {
                    break next;
                }
                tokio::select! {
                    biased;
                    () = &mut stopped => return,
                    () = std::future::ready(()) => {}
                }
            };
            let (wait, is_idle) = match next {
                Next::Again(wait) => (wait, false),
                Next::More | Next::Idle => (POLL, true),
            };
            if is_idle {
                bell.end();
            }
            tokio::select! {
                () = &mut stopped => return,
                () = bell.rung(), if is_idle => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn step(&mut self) -> Next {
        if self.state.pending.is_empty() {
            match self.source.next(i32::try_from(BATCH).unwrap_or(i32::MAX), &mut self.place).await {
                Ok(records) => {
                    self.state.is_cut_off = false;
                    self.state.pending = records.into();
                }
                Err(message) => self.log_cut_off(&message),
            }
        }
        let batch = self.state.batch();
        if batch.is_empty() {
            return Next::Idle;
        }
        match call(&self.function, &batch, (self.clock)()).await {
            Outcome::Done => {
                self.done_with(batch.len());
                Next::More
            }
            Outcome::FailedAfter(done) => {
                self.done_with(done);
                self.failed(false)
            }
            Outcome::Failed(problem) => {
                tracing::error!(function = self.function_id, problem, "a function has failed");
                self.failed(true)
            }
        }
    }

    /// Removes the first records, which are processed.
    fn done_with(&mut self, count: usize) {
        let last = self.state.pending.drain(..count).next_back();
        if let Some(Record { shard, sequence_number, .. }) = last {
            self.place.advance(&shard, &sequence_number);
            self.state.failing = None;
        }
    }

    /// Handles the failure of the first record: it is repeated, or given up.
    fn failed(&mut self, is_whole_batch: bool) -> Next {
        let Some(first) = self.state.pending.front() else {
            return Next::More;
        };
        let now = (self.clock)();
        let (since, retries) = match &self.state.failing {
            Some(failing) if failing.sequence_number == first.sequence_number => {
                (failing.since, failing.retries.saturating_add(1))
            }
            Some(_) | None => (now, 0),
        };
        if now.seconds_since(since) >= i64::from(AGE.0) {
            let sequence_number = &first.sequence_number;
            tracing::error!(function = self.function_id, sequence_number, "a record of a stream is given up");
            self.done_with(1);
            return Next::More;
        }
        let sequence_number = first.sequence_number.clone();
        self.state.failing = Some(Failing { sequence_number, since, retries, is_whole_batch });
        Next::Again(FIRST_WAIT.saturating_mul(2_u32.saturating_pow(retries)).min(LONGEST_WAIT))
    }

    fn log_cut_off(&mut self, message: &str) {
        if !self.state.is_cut_off {
            tracing::warn!(function = self.function_id, message, "the stream of a table can't be read");
        }
        self.state.is_cut_off = true;
    }
}

impl State {
    /// Returns the records of the next call.
    fn batch(&self) -> Vec<Record> {
        let is_whole_batch = self.failing.as_ref().is_some_and(|failing| failing.is_whole_batch);
        let size = if is_whole_batch { 1 } else { BATCH };
        self.pending.iter().take(size).cloned().collect()
    }
}

/// Calls the function in a task of its own, so that a panic ends only that.
async fn call(function: &StreamFunction, batch: &[Record], now: Timestamp) -> Outcome {
    let records: Vec<_> = batch.iter().map(|record| &record.event).collect();
    match tokio::spawn(function(json!({ "Records": records }), now)).await {
        Ok(Ok(answer)) => outcome(&answer, batch),
        Ok(Err(problem)) => Outcome::Failed(problem),
        Err(panic) => Outcome::Failed(panic.to_string()),
    }
}

/// Reads the answer of a function with `ReportBatchItemFailures`. A failure that names no record of the batch applies to the
/// whole batch.
fn outcome(answer: &Value, batch: &[Record]) -> Outcome {
    let failures = answer.get("batchItemFailures").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let index = |failure: &Value| {
        let named = failure.get("itemIdentifier")?.as_str()?;
        batch.iter().position(|record| record.sequence_number == named)
    };
    let indexes: Option<Vec<usize>> = failures.iter().map(index).collect();
    match indexes.map(|indexes| indexes.into_iter().min()) {
        Some(None) => Outcome::Done,
        Some(Some(first)) => Outcome::FailedAfter(first),
        None => Outcome::Failed("it names a record that it was not given".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// The answer of a function for the sequence numbers that it is called with.
    type Answer = fn(&[String]) -> Result<Value, String>;

    /// Returns a reader whose function gives such an answer.
    struct Bench {
        reader: Reader,
        calls: Arc<Mutex<Vec<Vec<String>>>>,
        seconds: Arc<AtomicI64>,
    }

    impl Bench {
        fn new(records: u8, answer: Answer) -> Self {
            let (calls, seconds) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(AtomicI64::new(0)));
            let (noted, read) = (Arc::clone(&calls), Arc::clone(&seconds));
            let function: StreamFunction = Arc::new(move |event, _| {
                let records = event["Records"].as_array().unwrap();
                let numbers: Vec<_> =
                    records.iter().map(|record| record.as_str().unwrap().to_owned()).collect();
                noted.lock().unwrap().push(numbers.clone());
                Box::pin(async move { answer(&numbers) })
            });
            let pending = (1..=records).map(|number| Record {
                sequence_number: number.to_string(),
                shard: "shard".to_owned(),
                event: number.to_string().into(),
            });
            let reader = Reader {
                function_id: "F".to_owned(),
                function,
                source: Source::empty(),
                place: Place::open(None, None, "arn:stream").0,
                clock: Arc::new(move || Timestamp::from_seconds(read.load(Ordering::SeqCst))),
                state: State { pending: pending.collect(), ..State::default() },
            };
            Self { reader, calls, seconds }
        }

        fn after(&self) -> Option<&str> {
            self.reader.place.after("shard")
        }

        fn calls(&self) -> Vec<String> {
            self.calls.lock().unwrap().iter().map(|numbers| numbers.join(" ")).collect()
        }
    }

    fn failures(numbers: &[&str]) -> Result<Value, String> {
        let failures: Vec<_> = numbers.iter().map(|number| json!({ "itemIdentifier": number })).collect();
        Ok(json!({ "batchItemFailures": failures }))
    }

    #[tokio::test]
    async fn all_records_are_done_with_in_batches() {
        let mut bench = Bench::new(7, |_| failures(&[]));
        assert_eq!(bench.reader.step().await, Next::More);
        assert_eq!(bench.after(), Some("5"));
        assert_eq!(bench.reader.step().await, Next::More);
        assert_eq!(bench.reader.step().await, Next::Idle);
        assert_eq!((bench.after(), bench.calls().len()), (Some("7"), 2));
    }

    #[tokio::test]
    async fn the_first_record_that_failed_and_those_behind_it_come_again_each_time_later() {
        let mut bench = Bench::new(4, |_| failures(&["3", "2"]));
        let waits = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
        for wait in waits.map(|millis| Next::Again(Duration::from_millis(millis))) {
            assert_eq!(bench.reader.step().await, wait);
            assert_eq!(bench.after(), Some("1"));
        }
        assert_eq!(bench.calls()[..3], ["1 2 3 4", "2 3 4", "2 3 4"]);
        bench.seconds.store(i64::from(AGE.0), Ordering::SeqCst);
        assert_eq!(bench.reader.step().await, Next::More, "it is given up");
        assert_eq!(bench.after(), Some("2"));
        // The next one starts anew. Its function reports a record that it was not given, so it is sent alone.
        assert_eq!(bench.reader.step().await, Next::Again(FIRST_WAIT));
        assert_eq!(bench.calls().last().map(String::as_str), Some("3 4"));
        assert_eq!(bench.reader.step().await, Next::Again(FIRST_WAIT * 2));
        assert_eq!(bench.calls().last().map(String::as_str), Some("3"));
    }

    #[tokio::test]
    async fn a_record_that_is_too_old_is_given_up() {
        let mut bench = Bench::new(1, |_| failures(&["1"]));
        bench.reader.step().await;
        bench.seconds.store(i64::from(AGE.0) - 1, Ordering::SeqCst);
        assert!(matches!(bench.reader.step().await, Next::Again(_)));
        bench.seconds.store(i64::from(AGE.0), Ordering::SeqCst);
        assert_eq!(bench.reader.step().await, Next::More);
        assert_eq!(bench.after(), Some("1"));
    }

    /// Adds up the delays without waiting.
    #[tokio::test]
    async fn a_function_that_fails_for_a_minute_is_done_with_each_record_once() {
        let mut bench = Bench::new(7, |_| failures(&[]));
        let done = Arc::<Mutex<Vec<_>>>::default();
        let noted = Arc::clone(&done);
        bench.reader.function = Arc::new(move |event, now| {
            let records = event["Records"].as_array().unwrap();
            let numbers: Vec<_> = records.iter().map(|record| record.as_str().unwrap().to_owned()).collect();
            if now < Timestamp::from_seconds(60) {
                return Box::pin(async move { failures(&[&numbers[0]]) });
            }
            noted.lock().unwrap().extend(numbers);
            Box::pin(async { failures(&[]) })
        });
        let mut waited = Duration::ZERO;
        loop {
            match bench.reader.step().await {
                Next::Again(wait) => waited += wait,
                Next::More => {}
                Next::Idle => break,
            }
            bench.seconds.store(i64::try_from(waited.as_secs()).unwrap(), Ordering::SeqCst);
        }
        assert!((60..120).contains(&waited.as_secs()), "{waited:?}");
        assert_eq!(*done.lock().unwrap(), ["1", "2", "3", "4", "5", "6", "7"]);
    }

    #[tokio::test]
    async fn after_an_error_or_a_panic_records_come_one_by_one() {
        let answers: [Answer; 2] = [
            |numbers| if numbers.contains(&"2".to_owned()) { Err("no".to_owned()) } else { failures(&[]) },
            |numbers| if numbers.contains(&"2".to_owned()) { panic!("no") } else { failures(&[]) },
        ];
        for answer in answers {
            let mut bench = Bench::new(3, answer);
            assert_eq!(bench.reader.step().await, Next::Again(FIRST_WAIT));
            assert_eq!(bench.reader.step().await, Next::More);
            assert_eq!(bench.after(), Some("1"));
            assert_eq!(bench.reader.step().await, Next::Again(FIRST_WAIT));
            assert_eq!(bench.calls(), ["1 2 3", "1", "2 3"]);
        }
    }

    #[test]
    fn batches_and_their_age_are_those_of_the_template() {
        let template = include_str!("../../../template.yaml");
        let (_, stream) = template.split_once("Stream: !GetAtt CodesTable.StreamArn").unwrap();
        let expected = [
            format!("BatchSize: {BATCH}"),
            "MaximumRetryAttempts: -1".to_owned(),
            format!("MaximumRecordAgeInSeconds: {}", AGE.0),
        ];
        for line in expected {
            assert!(stream.lines().any(|there| there.trim() == line), "{line}");
        }
    }
}
