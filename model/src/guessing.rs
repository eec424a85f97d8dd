//! The third world: the common lane, in which a stranger guesses while the owner signs in from unknown
//! devices, each cut at its requests to DynamoDB. Time passes in seconds.

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

/// The maximum number of concurrent requests.
pub(crate) const AT_ONCE: usize = 2;

/// What a successful sign-in does to the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// The product: it subtracts itself from the count.
    TakesOne,
    /// A deliberate break: it clears all attempts.
    ForgetsAll,
    /// A deliberate break: it stays counted.
    StaysCounted,
}

/// The world, with its bounds.
#[derive(Clone, Debug)]
pub struct World {
    /// The behaviour of a success.
    pub success: Success,
    /// The bounds of actions.
    pub bounds: Bounds,
    focus: Option<Guarantee>,
}

/// The maximum number of each action.
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

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    row: Option<Row>,
    processes: Vec<Process>,
    /// The time, in seconds.
    now: u8,
    /// The number of requests that have begun, which gives their ids.
    begun: u8,
    /// The number of the stranger's compared passwords.
    compared: u8,
    /// Whether an answer or request was lost, so that an attempt may stay counted unnecessarily.
    disturbed: bool,
    left: Bounds,
}

/// The row of the lane, in the part that differs between rows written within seconds of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    failures: u32,
    blocked_until: i64,
    reserved_by: u8,
}

/// A request in flight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    who: Who,
    id: u8,
    /// Its single clock reading.
    now: u8,
    next: Request,
}

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A stranger, who knows only the address.
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
    /// The session exists: settle the count.
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
    /// Returns a world of the product.
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

/// Returns the maximum number of passwords that a single stranger can have compared up to this second.
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

/// Without a request in flight, the row counts only the stranger's attempts. If something was lost, it may count more.
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
