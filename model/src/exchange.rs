//! One refresh, cut at its requests to DynamoDB: the steps of `functions/refresh/src/exchange.rs`, in the same order.
//!
//! Between any two steps other requests run, time passes, or the function crashes.

use shared::Timestamp;
use shared::refresh_token::Nonce;
use shared::session::{Decision, EndReason};

use crate::rule::Rule;
use crate::table::{self, Outcome};
use crate::token::{Row, Token, nonce};

/// As in the product: how often a late replay that lost a race is decided again.
const TRIES: u8 = 3;

/// A refresh on its way through the function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange {
    /// What was presented.
    pub presented: Token,
    /// The one reading of the clock.
    pub now: Timestamp,
    /// The nonce that it has written, whether it knows that or not.
    pub wrote: Option<u8>,
    step: Step,
}

/// The request to DynamoDB that comes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Rotate,
    RecordLateReplay { read: Row, late_replays: u32, tries: u8 },
    End,
}

/// What the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// 200 with this refresh token.
    Success(Token),
    /// 400 `invalid_grant`.
    Refused,
    /// 503: the client tries again.
    Unavailable,
}

/// How a refresh succeeded or what the rule said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The condition of the write held.
    Rotated,
    /// The late replay is written down.
    ReplayedLate,
    /// The write of a late replay lost a race, and the rule was asked again.
    LostRace(Decision),
    /// The condition of the write failed, and the rule was asked.
    Decided(Decision),
    /// The session was deleted.
    Deleted,
}

/// What comes after a request to DynamoDB.
pub(crate) enum Next {
    Request(Exchange),
    Answer(Answer),
}

impl Exchange {
    /// A refresh that has just read the clock.
    pub(crate) fn begin(presented: Token, now: Timestamp) -> Self {
        let room = presented.genuine().generation.next().is_some();
        Self { presented, now, wrote: None, step: if room { Step::Rotate } else { Step::End } }
    }

    /// Whether the session is about to be deleted.
    pub(crate) fn is_ending(&self) -> bool {
        self.step == Step::End
    }

    /// Makes the next request. `name` is a name for the nonce, in case it is written now.
    pub(crate) fn perform(mut self, rule: &Rule, row: &mut Option<Row>, name: u8) -> (Verdict, Next) {
        match self.step.clone() {
            Step::Rotate => match self.rotate(rule, row, name) {
                Outcome::Written(row) => (Verdict::Rotated, success(&row)),
                Outcome::Unchanged(read) => {
                    let (decision, next) = self.settle(rule, read, name, TRIES);
                    (Verdict::Decided(decision), next)
                }
            },
            Step::RecordLateReplay { read, late_replays, tries } => {
                match table::record_late_replay(row, &read, late_replays, self.now) {
                    Outcome::Written(row) => (Verdict::ReplayedLate, success(&row)),
                    Outcome::Unchanged(read) => {
                        let (decision, next) = self.settle(rule, read, name, tries - 1);
                        (Verdict::LostRace(decision), next)
                    }
                }
            }
            Step::End => {
                *row = None;
                (Verdict::Deleted, Next::Answer(Answer::Refused))
            }
        }
    }

    /// Makes the next request and never hears of its answer: the SDK will make the very same one again. Says what the
    /// write did, if it did anything.
    pub(crate) fn perform_unheard(
        &mut self,
        rule: &Rule,
        row: &mut Option<Row>,
        name: u8,
    ) -> Option<Verdict> {
        match self.step.clone() {
            Step::Rotate => written(&self.rotate(rule, row, name), Verdict::Rotated),
            Step::RecordLateReplay { read, late_replays, .. } => {
                let outcome = table::record_late_replay(row, &read, late_replays, self.now);
                written(&outcome, Verdict::ReplayedLate)
            }
            Step::End => row.take().map(|_| Verdict::Deleted),
        }
    }

    fn rotate(&mut self, rule: &Rule, row: &mut Option<Row>, name: u8) -> Outcome {
        let outcome = table::rotate(rule, row, self.presented, self.fresh(name), self.now);
        if let Outcome::Written(row) = &outcome {
            self.wrote = Some(Token::of(&row.newest_token()).nonce);
        }
        outcome
    }

    /// The nonce that this request minted: the same for each resend.
    fn fresh(&self, name: u8) -> Nonce {
        nonce(self.wrote.unwrap_or(name))
    }

    /// `settle` of the product up to its next request.
    fn settle(mut self, rule: &Rule, read: Option<Row>, name: u8, tries: u8) -> (Decision, Next) {
        let fresh = self.fresh(name);
        let decision = rule.decide(read.as_deref(), self.presented, fresh, self.now);
        let next = match (decision, read) {
            _ if tries == 0 => Next::Answer(Answer::Unavailable),
            (Decision::OwnWrite, Some(_)) => Next::Answer(Answer::Success(self.own_write())),
            (Decision::PromptReplay, Some(row)) => success(&row),
            (Decision::LateReplay { late_replays }, Some(read)) => {
                self.step = Step::RecordLateReplay { read, late_replays, tries };
                Next::Request(self)
            }
            (Decision::Refuse(_), _) => Next::Answer(Answer::Refused),
            (Decision::End(EndReason::Reuse | EndReason::RowBehind | EndReason::LastGeneration), _) => {
                self.step = Step::End;
                Next::Request(self)
            }
            (Decision::Rotate, _) | (_, None) => Next::Answer(Answer::Unavailable),
        };
        (decision, next)
    }

    fn own_write(&self) -> Token {
        let Token { session, generation, nonce } = self.presented;
        Token { session, generation: generation + 1, nonce: self.wrote.unwrap_or(nonce) }
    }
}

fn success(row: &Row) -> Next {
    Next::Answer(Answer::Success(Token::of(&row.newest_token())))
}

fn written(outcome: &Outcome, verdict: Verdict) -> Option<Verdict> {
    matches!(outcome, Outcome::Written(_)).then_some(verdict)
}
