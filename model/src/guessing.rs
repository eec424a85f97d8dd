//! The third world: the lane of everybody, in which a stranger guesses while the owner signs in from devices that are not
//! known, each cut at its requests to DynamoDB. Time passes in seconds.

mod step;

use shared::attempts::{Attempts, Limits, decide};
use shared::ids::AttemptId;
use shared::{Seconds, Timestamp};
use stateright::{Model, Property};

use crate::guarantee::Guarantee;
use crate::search::{Focus, focused};

/// Small, so that a few seconds reach the longest delay.
pub(crate) const LIMITS: Limits = Limits {
    free_attempts: 2,
    first_delay: Seconds(1),
    longest_delay: Seconds(4),
    remember: Seconds(86_400),
};

/// How many requests are under way at once, at most.
pub(crate) const AT_ONCE: usize = 2;

/// What a sign-in that succeeds does with the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// The product: it takes itself from the count.
    TakesOne,
    /// A deliberate break: it forgets all attempts.
    ForgetsAll,
    /// A deliberate break: it stays counted.
    StaysCounted,
}

/// The world, with its bounds.
#[derive(Clone, Debug)]
pub struct World {
    /// What a success does.
    pub success: Success,
    /// How much may happen.
    pub bounds: Bounds,
    focus: Option<Guarantee>,
}

/// How often each thing may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Guesses that a stranger begins.
    pub guesses: u8,
    /// Sign-ins that the owner begins.
    pub sign_ins: u8,
    /// Requests that end between two steps.
    pub crashes: u8,
    /// Answers of DynamoDB that are lost, so that the SDK sends the request again.
    pub resends: u8,
    /// Seconds that pass.
    pub seconds: u8,
}

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    row: Option<Row>,
    processes: Vec<Process>,
    /// The time, in seconds.
    now: u8,
    /// How many requests have begun: their ids.
    begun: u8,
    /// Passwords of the stranger that were compared.
    compared: u8,
    /// Whether something was lost, so that an attempt may stay counted that need not.
    disturbed: bool,
    left: Bounds,
}

/// The row of the lane: what differs between rows that are written within seconds of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    failures: u32,
    blocked_until: i64,
    reserved_by: u8,
}

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    who: Who,
    id: u8,
    /// Its one reading of the clock.
    now: u8,
    next: Request,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Somebody who knows the address alone.
    Stranger,
    /// The owner, who makes no typing errors.
    Owner,
}

/// The next request to DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Request {
    /// Count the attempt if it is free.
    CountFree,
    /// Count it after the delay, in place of the row that was read.
    Replace(Row),
    /// The session exists: what follows for the count.
    Settle,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody begins.
    Begin(Who),
    /// A request makes its next request to DynamoDB.
    Next(usize),
    /// The same, and the answer is lost: it will be sent again.
    Unheard(usize),
    /// A request ends between two steps.
    Crash(usize),
    /// A second passes.
    Tick,
}

impl World {
    /// A world of the product.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { success: Success::TakesOne, bounds, focus: None }
    }
}

impl Focus for World {
    fn on(mut self, guarantee: Guarantee) -> Self {
        self.focus = Some(guarantee);
        self
    }
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let left = self.bounds;
        let (row, processes) = (None, Vec::new());
        vec![State { row, processes, now: 0, begun: 0, compared: 0, disturbed: false, left }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        state.actions(actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.after(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let properties = vec![
            Property::always(Guarantee::NoMoreGuesses.name(), |_, state: &State| {
                state.compared <= without_the_owner(state.now)
            }),
            Property::always(Guarantee::OwnerLeavesNoCount.name(), |_, state: &State| leaves_no_count(state)),
        ];
        focused(properties, self.focus)
    }
}

/// How many passwords somebody can have compared up to this second who is alone, and never waits longer than needed.
fn without_the_owner(until: u8) -> u8 {
    let (mut row, mut compared) = (None, 0);
    for second in 0..=until {
        let now = Timestamp::from_seconds(second.into());
        loop {
            let by = AttemptId::from_bytes([compared; 16]);
            let shared::attempts::AttemptDecision::Reserve(next) = decide(row.as_ref(), by, now, &LIMITS)
            else {
                break;
            };
            row = Some(next);
            compared += 1;
        }
    }
    compared
}

/// With no request under way, the row counts the stranger's attempts and no others. If something was lost, it may count more.
fn leaves_no_count(state: &State) -> bool {
    let counted = state.row.map_or(0, |row| row.failures);
    let strangers = u32::from(state.compared);
    !state.processes.is_empty() || counted == strangers || (state.disturbed && counted > strangers)
}

impl From<&Attempts> for Row {
    fn from(attempts: &Attempts) -> Self {
        let [reserved_by, ..] = *attempts.reserved_by.as_bytes();
        Self { failures: attempts.failures, blocked_until: attempts.blocked_until.millis(), reserved_by }
    }
}

impl From<Row> for Attempts {
    fn from(row: Row) -> Self {
        Self {
            failures: row.failures,
            blocked_until: Timestamp::from_millis(row.blocked_until),
            reserved_by: AttemptId::from_bytes([row.reserved_by; 16]),
            expires_at: Timestamp::default() + LIMITS.remember,
        }
    }
}
