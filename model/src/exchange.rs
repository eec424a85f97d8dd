//! One refresh, cut at its requests to DynamoDB: the product's own flow, driven with the model's table.
//!
//! Between any two steps other requests run, time passes, or the function crashes. A flow is determined by its input
//! and the answers so far. A state therefore stores these, and the flow is rebuilt from them for each step.

use shared::Timestamp;
use shared::conditional_write::ConditionalWrite;
use shared::flow::refresh::{Counting, How, RefreshError, Refreshed, Rotating, Step};
use shared::session::{EndReason, RefusalReason, Session};

use crate::rule::Rule;
use crate::table;
use crate::token::{Key, Row, Token, nonce};

/// A refresh in the function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange {
    /// The presented token.
    pub presented: Token,
    /// The retry key in the request.
    pub key: Option<Key>,
    /// Whether the function does not know retry keys, because it was rolled back.
    pub is_keyless_function: bool,
    /// Its single clock reading.
    pub now: Timestamp,
    /// The nonce that it has written, whether or not it knows that.
    pub wrote: Option<u8>,
    at: At,
}

/// Its progress.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum At {
    /// These rows were returned with failed conditions.
    Heard(Vec<Option<Row>>),
    /// The session is about to be deleted. Earlier answers no longer matter.
    Ending(EndReason),
}

/// The answer to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// 200 with this refresh token.
    Success(Token),
    /// 400 `invalid_grant`.
    Refused,
    /// 503: the client tries again.
    Unavailable,
}

/// The result of a request to DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The session moved forward.
    Rotated,
    /// The late replay is counted.
    ReplayedLate,
    /// The proven replay is counted.
    ReplayedProven,
    /// The condition of the rotation failed, and the flow decided.
    Decided(Decided),
    /// The count of a replay lost a race, and the flow decided again.
    LostRace(Decided),
    /// The session was deleted.
    Deleted,
}

/// The decision of the flow about a returned row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    OwnWrite,
    PromptReplay,
    LateReplay,
    ProvenReplay,
    /// A proven replay that must be counted.
    CountProvenReplay,
    Refuse(RefusalReason),
    End(EndReason),
    /// The rule said "rotate" for a row that had just failed the condition.
    ConditionBroken,
    /// The row had changed too often.
    GaveUp,
}

/// The next step after a request to DynamoDB.
pub(crate) enum Next {
    Request(Exchange),
    Answer(Answer),
}

impl Exchange {
    /// Returns a refresh that has just read the clock.
    pub(crate) fn begin(presented: Token, key: Option<Key>, now: Timestamp) -> Self {
        Self { presented, key, is_keyless_function: false, now, wrote: None, at: At::Heard(Vec::new()) }
    }

    /// Returns the retry key, if the function knows retry keys.
    pub(crate) fn recorded_key(&self) -> Option<Key> {
        self.key.filter(|_| !self.is_keyless_function)
    }

    /// Returns whether the session is about to be deleted.
    pub(crate) fn is_ending(&self, rule: &Rule) -> bool {
        matches!(self.step(rule, 0), Step::End(_))
    }

    /// Makes the next request. `name` names the nonce, in case it is written now.
    pub(crate) fn perform(mut self, rule: &Rule, row: &mut Option<Row>, name: u8) -> (Event, Next) {
        match self.step(rule, name) {
            Step::Rotate(rotate) => match self.rotate(rule, row, &rotate) {
                ConditionalWrite::Written(new) => {
                    (Event::Rotated, self.after(rotate.then(ConditionalWrite::Written(new.session()))))
                }
                ConditionalWrite::ConditionFailed(read) => {
                    let (decided, next) = self.hear(rule, read, name);
                    (Event::Decided(decided), next)
                }
            },
            Step::CountLateReplay(count) => {
                let answer = table::count_late_replay(row, &count.write);
                self.counted(rule, count, answer, Event::ReplayedLate, name)
            }
            Step::CountProvenReplay(count) => {
                let answer = table::count_proven_replay(row, &count.write);
                self.counted(rule, count, answer, Event::ReplayedProven, name)
            }
            Step::End(end) => {
                *row = None;
                (Event::Deleted, self.after(end.then()))
            }
            done @ Step::Done(_) => (Event::Decided(Decided::GaveUp), self.after(done)),
        }
    }

    /// Takes the answer to a count, which is `event` if it was written.
    fn counted<W>(
        self,
        rule: &Rule,
        count: Counting<W>,
        answer: ConditionalWrite<Row>,
        event: Event,
        name: u8,
    ) -> (Event, Next) {
        match answer {
            ConditionalWrite::Written(new) => {
                (event, self.after(count.then(ConditionalWrite::Written(new.session()))))
            }
            ConditionalWrite::ConditionFailed(read) => {
                let (decided, next) = self.hear(rule, read, name);
                (Event::LostRace(decided), next)
            }
        }
    }

    /// Makes the next request and loses its answer: the SDK will repeat it. Returns the effect of the
    /// write, if there was one.
    pub(crate) fn perform_unheard(&mut self, rule: &Rule, row: &mut Option<Row>, name: u8) -> Option<Event> {
        match self.step(rule, name) {
            Step::Rotate(rotate) => written(&self.rotate(rule, row, &rotate), Event::Rotated),
            Step::CountLateReplay(count) => {
                written(&table::count_late_replay(row, &count.write), Event::ReplayedLate)
            }
            Step::CountProvenReplay(count) => {
                written(&table::count_proven_replay(row, &count.write), Event::ReplayedProven)
            }
            Step::End(_) => row.take().map(|_| Event::Deleted),
            Step::Done(_) => None,
        }
    }

    fn rotate(&mut self, rule: &Rule, row: &mut Option<Row>, rotate: &Rotating) -> ConditionalWrite<Row> {
        let answer = table::rotate(rule, row, &rotate.rotation, self.is_keyless_function);
        if let ConditionalWrite::Written(row) = &answer {
            self.wrote = Some(Token::of(&row.newest_token()).nonce);
        }
        answer
    }

    /// Takes a row that failed a condition.
    fn hear(mut self, rule: &Rule, read: Option<Row>, name: u8) -> (Decided, Next) {
        if let At::Heard(heard) = &mut self.at {
            heard.push(read);
        }
        let step = self.step(rule, name);
        if let Step::End(end) = &step {
            self.at = At::Ending(end.reason);
        }
        (decided(&step), self.after(step))
    }

    /// Returns the flow's next step, according to the rule under check. `name` names the nonce, if it has no name.
    fn step(&self, rule: &Rule, name: u8) -> Step {
        let heard = match &self.at {
            At::Heard(heard) => heard,
            At::Ending(reason) => return Step::End(Rule::ending(self.presented, *reason)),
        };
        // Each resend has the same nonce. No row contains a nonce that was never written.
        let fresh = match self.wrote {
            Some(wrote) => nonce(wrote),
            None if heard.is_empty() => nonce(name),
            None => Token::nobodys_nonce(),
        };
        let fresh = if heard.is_empty() { fresh } else { rule.recognised(fresh) };
        let last = heard.last().and_then(Option::as_ref);
        let key = rule.key(self.presented, self.recorded_key(), last);
        let mut step = rule.refresh(self.presented, key, fresh, self.now).start();
        for row in heard {
            let failed = ConditionalWrite::ConditionFailed(row.as_ref().map(|row| self.read(rule, row)));
            step = match step {
                Step::Rotate(rotate) => rotate.then(failed),
                Step::CountLateReplay(count) => count.then(failed),
                Step::CountProvenReplay(count) => count.then(failed),
                over @ (Step::End(_) | Step::Done(_)) => over,
            };
        }
        rule.mutated(step, self.presented)
    }

    /// Removes keys for a function that does not know them.
    fn read(&self, rule: &Rule, row: &Row) -> Session {
        let session = rule.read(row.session());
        if self.is_keyless_function { Session { attempts: [None; 3], ..session } } else { session }
    }

    fn after(self, step: Step) -> Next {
        match step {
            Step::Rotate(_) | Step::CountLateReplay(_) | Step::CountProvenReplay(_) | Step::End(_) => {
                Next::Request(self)
            }
            Step::Done(Ok(Refreshed { successor, .. })) => {
                Next::Answer(Answer::Success(Token::of(&successor)))
            }
            Step::Done(Err(RefreshError::Refused(_) | RefreshError::Ended(_))) => {
                Next::Answer(Answer::Refused)
            }
            Step::Done(Err(RefreshError::RowChanging | RefreshError::ConditionBroken)) => {
                Next::Answer(Answer::Unavailable)
            }
        }
    }
}

/// Returns the result of the step after a failed condition.
fn decided(step: &Step) -> Decided {
    match step {
        Step::CountLateReplay(_) => Decided::LateReplay,
        Step::CountProvenReplay(_) => Decided::CountProvenReplay,
        Step::End(end) => Decided::End(end.reason),
        Step::Done(Ok(Refreshed { how: How::OwnWrite, .. })) => Decided::OwnWrite,
        Step::Done(Ok(Refreshed { how: How::ProvenReplay, .. })) => Decided::ProvenReplay,
        Step::Done(Ok(_)) => Decided::PromptReplay,
        Step::Done(Err(RefreshError::Refused(refusal))) => Decided::Refuse(*refusal),
        Step::Done(Err(RefreshError::Ended(reason))) => Decided::End(*reason),
        Step::Done(Err(RefreshError::ConditionBroken)) => Decided::ConditionBroken,
        Step::Rotate(_) | Step::Done(Err(RefreshError::RowChanging)) => Decided::GaveUp,
    }
}

fn written(answer: &ConditionalWrite<Row>, event: Event) -> Option<Event> {
    matches!(answer, ConditionalWrite::Written(_)).then_some(event)
}
