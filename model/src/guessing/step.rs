//! The actions in a state, and their results.

use std::sync::LazyLock;

use shared::Timestamp;
use shared::attempts::{Attempts, CountedIn, Lane};
use shared::conditional_write::ConditionalWrite;
use shared::email::Email;
use shared::flow::reservation::{self, Step};
use shared::ids::AttemptId;
use shared::refresh_token::RefreshKeys;

use super::{AT_ONCE, Action, LIMITS, Process, Request, Row, State, Success, Who, World};
use crate::token::KEY;

static LANE: LazyLock<Lane> = LazyLock::new(|| {
    Lane::common(&Email::from_table("a@b.example".to_owned()), &RefreshKeys::new(KEY, &[1; 32]))
});

/// The result of a request to DynamoDB.
enum Then {
    Request(Request),
    LetThrough,
    Over,
}

impl State {
    pub(crate) fn actions(&self, actions: &mut Vec<Action>) {
        let left = self.left;
        let mut offer = |is_left: u8, action: Action| {
            if is_left > 0 {
                actions.push(action);
            }
        };
        if self.processes.len() < AT_ONCE {
            offer(left.guesses, Action::Begin(Who::Stranger));
            offer(left.sign_ins, Action::Begin(Who::Owner));
        }
        offer(left.seconds, Action::Tick);
        for (index, process) in self.processes.iter().enumerate() {
            offer(1, Action::Next(index));
            offer(left.crashes, Action::Crash(index));
            // The subtraction is sent once.
            let resends = if process.next == Request::Settle { 0 } else { left.resends };
            offer(resends, Action::Unheard(index));
        }
    }
}

impl World {
    /// Returns the state after the action.
    pub(crate) fn after(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Begin(who) => {
                let left = match who {
                    Who::Stranger => &mut next.left.guesses,
                    Who::Owner => &mut next.left.sign_ins,
                };
                *left -= 1;
                next.begun += 1;
                let process = Process { who, id: next.begun, now: next.now, next: Request::CountFree };
                next.processes.push(process);
            }
            Action::Next(index) => {
                let process = next.processes.remove(index);
                self.proceed(&mut next, process);
            }
            Action::Unheard(index) => {
                next.left.resends -= 1;
                next.disturbed = true;
                let process = next.processes.get(index)?.clone();
                self.perform(&mut next, &process);
            }
            Action::Crash(index) => {
                next.left.crashes -= 1;
                next.disturbed = true;
                next.processes.remove(index);
            }
            Action::Tick => {
                next.left.seconds -= 1;
                next.now += 1;
            }
        }
        next.processes.sort_unstable();
        Some(next)
    }

    fn proceed(&self, next: &mut State, process: Process) {
        match (self.perform(next, &process), process.who) {
            (Then::Request(request), _) => next.processes.push(Process { next: request, ..process }),
            (Then::LetThrough, Who::Stranger) => next.compared += 1,
            // The password is right, and the transaction is not a request to this table.
            (Then::LetThrough, Who::Owner) => {
                next.processes.push(Process { next: Request::Settle, ..process })
            }
            (Then::Over, _) => {}
        }
    }

    fn perform(&self, state: &mut State, process: &Process) -> Then {
        let now = Timestamp::from_seconds(process.now.into());
        let start = reservation::start(LANE.clone(), AttemptId::from_bytes([process.id; 16]), LIMITS, now);
        let Step::CountFree(count) = start else { return Then::Over };
        let row: Option<Attempts> = state.row.map(Attempts::from);
        match process.next {
            Request::CountFree => {
                let answer = written(&mut state.row, count.write.apply(row.as_ref()));
                after(count.then(answer))
            }
            Request::Replace(read) => {
                let Step::Replace(replace) = count.then(ConditionalWrite::ConditionFailed(Some(read.into())))
                else {
                    return Then::Over;
                };
                let answer = written(&mut state.row, replace.write.apply(row.as_ref()));
                after(replace.then(answer))
            }
            Request::Settle => {
                self.settle(&mut state.row);
                Then::Over
            }
        }
    }

    fn settle(&self, row: &mut Option<Row>) {
        match self.success {
            // The product decides both: the transaction deletes a row that it forgets, and the subtraction follows.
            Success::TakesOne => {
                let counted = CountedIn::Common(LANE.clone());
                if counted.forgotten().is_some() {
                    *row = None;
                }
                if let Some(take_back) = counted.taken_back() {
                    let as_read = row.map(Attempts::from);
                    let _is_written = written(row, take_back.apply(as_read.as_ref()));
                }
            }
            Success::ForgetsAll => *row = None,
            Success::StaysCounted => {}
        }
    }
}

fn after(step: Step) -> Then {
    match step {
        Step::CountFree(_) => Then::Request(Request::CountFree),
        Step::Replace(replace) => Then::Request(Request::Replace(Row::from(&replace.write.read))),
        Step::Done(Ok(())) => Then::LetThrough,
        Step::Done(Err(_)) => Then::Over,
    }
}

fn written(row: &mut Option<Row>, answer: ConditionalWrite<Attempts>) -> ConditionalWrite<Attempts, ()> {
    match answer {
        ConditionalWrite::Written(new) => {
            *row = Some(Row::from(&new));
            ConditionalWrite::Written(())
        }
        ConditionalWrite::ConditionFailed(old) => ConditionalWrite::ConditionFailed(old),
    }
}
