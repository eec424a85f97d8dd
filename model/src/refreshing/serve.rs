//! A refresh in the function: its requests to DynamoDB, its answer, and what can go wrong with either.

use shared::session::{Decision, EndReason, Refusal};

use super::World;
use super::judge::{judge, judge_answer, judge_wording};
use super::state::{Doing, Refresh, State, Stray, Who};
use crate::coverage::Branch;
use crate::exchange::{Answer, Exchange, Next, Verdict};
use crate::guarantee::Guarantee;
use crate::rule::Mutation;
use crate::token::Token;

impl World {
    /// The next request to DynamoDB.
    pub(crate) fn request(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        match self.perform(before, next, who)? {
            (refresh, Next::Request(exchange)) => next.resume(who, Refresh { exchange, ..refresh }),
            (refresh, Next::Answer(answer)) => {
                if self.as_worded && matches!((who, answer), (Who::Tab(_), Answer::Success(_))) {
                    next.history.answered.push((refresh.exchange.presented, next.now));
                }
                next.receive(who, answer);
            }
        }
        Some(())
    }

    /// The next request to DynamoDB, after which the client hears of nothing.
    pub(crate) fn request_and_fail(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        next.left.faults -= 1;
        self.coverage.hit(match self.perform(before, next, who)? {
            (_, Next::Answer(_)) => Branch::AnswerLost,
            (_, Next::Request(exchange)) if exchange.is_ending() => Branch::FailedBeforeDelete,
            (_, Next::Request(_)) => Branch::FailedBeforeLateReplay,
        });
        Some(())
    }

    /// The next request to DynamoDB, made and not heard of: the same one comes again. If it changes nothing, that is
    /// as if it had not been made.
    pub(crate) fn request_unheard(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        let mut refresh = next.stop(who)?;
        let unaware = refresh.clone();
        let name = next.history.next_name();
        next.left.faults -= 1;
        let verdict = refresh.exchange.perform_unheard(&self.rule, &mut next.row, name)?;
        judge(&self.rule, before, &unaware, verdict, &mut next.violations);
        self.remember(next, &refresh.exchange, verdict);
        self.coverage.hit(match verdict {
            Verdict::ReplayedLate => Branch::LateReplayUnheard,
            Verdict::Deleted => Branch::DeleteUnheard,
            Verdict::Rotated | Verdict::Decided(_) | Verdict::LostRace(_) => Branch::RotationUnheard,
        });
        next.resume(who, refresh);
        Some(())
    }

    /// Makes the next request, judges what it came to, and takes it down. Leaves the client idle.
    fn perform(&self, before: &State, next: &mut State, who: Who) -> Option<(Refresh, Next)> {
        let mut refresh = next.stop(who)?;
        let exchange = refresh.exchange.clone();
        let name = next.history.next_name();
        let (verdict, outcome) = exchange.perform(&self.rule, &mut next.row, name);
        self.cover(before, &refresh, verdict);
        refresh.guilty = judge(&self.rule, before, &refresh, verdict, &mut next.violations);
        if self.as_worded {
            judge_wording(&self.rule, before, &refresh, verdict, &mut next.violations);
        }
        self.remember(next, &refresh.exchange, verdict);
        if let Next::Answer(answer) = &outcome {
            judge_answer(next, &refresh, *answer);
        }
        Some((refresh, outcome))
    }

    /// A token of the thief's own making arrives. It needs no bound, since it leads nowhere else.
    pub(crate) fn forge(&self, next: &mut State) {
        self.coverage.hit(Branch::Forged);
        let row = next.row.clone();
        if self.rule.is_broken(Mutation::DeleteOnUnknownToken) {
            next.row = None;
        }
        let changed = self.forgery_is_believed || next.row != row;
        next.violations.note_if(changed, Guarantee::ForgedChangesNothing);
    }

    /// Takes down in the history what was written.
    fn remember(&self, next: &mut State, exchange: &Exchange, verdict: Verdict) {
        match verdict {
            Verdict::Rotated => {
                let written = next.row.as_ref().map(|row| Token::of(&row.newest_token()));
                let now = next.now;
                if let Some(successor) = written {
                    next.history.rotated(&self.rule, exchange, successor, now);
                }
            }
            Verdict::ReplayedLate => next.history.late.push(exchange.now),
            Verdict::Deleted => next.history.ended = true,
            Verdict::Decided(_) | Verdict::LostRace(_) => {}
        }
    }

    pub(crate) fn cover_begin(&self, refresh: &Refresh) {
        if refresh.after_end {
            self.coverage.hit(Branch::BegunAfterEnd);
        }
    }

    fn cover(&self, before: &State, refresh: &Refresh, verdict: Verdict) {
        let decision = match verdict {
            Verdict::Rotated => return self.coverage.hit(Branch::Rotated),
            Verdict::ReplayedLate => return self.coverage.hit(Branch::LateReplay),
            Verdict::Deleted if refresh.exchange.presented.genuine().generation.next().is_none() => {
                return self.coverage.hit(Branch::LastGeneration);
            }
            Verdict::Deleted => return,
            Verdict::LostRace(decision) => {
                self.coverage.hit(Branch::LostRace);
                decision
            }
            Verdict::Decided(decision) => decision,
        };
        let own_is_newest = before.history.newest().map(|token| token.nonce) == refresh.exchange.wrote;
        match decision {
            Decision::OwnWrite if own_is_newest => self.coverage.hit(Branch::OwnWrite),
            Decision::OwnWrite => self.coverage.hit(Branch::OwnWriteRefreshedSince),
            Decision::PromptReplay => self.coverage.hit(Branch::PromptReplay),
            Decision::Refuse(Refusal::SignedOut) => self.coverage.hit(Branch::SignedOut),
            Decision::Refuse(Refusal::Expired) => self.coverage.hit(Branch::Expired),
            Decision::Refuse(Refusal::LateDuplicate) => self.coverage.hit(Branch::LateDuplicate),
            Decision::Refuse(Refusal::OtherHistory) => self.coverage.hit(Branch::OtherHistory),
            Decision::End(EndReason::Reuse) => self.coverage.hit(Branch::Reuse),
            Decision::End(EndReason::RowBehind) => self.coverage.hit(Branch::RowBehind),
            Decision::Rotate | Decision::LateReplay { .. } | Decision::End(EndReason::LastGeneration) => {}
        }
    }
}

impl State {
    /// Takes the refresh out of the hands of `who`; a client is then idle after a failure.
    pub(crate) fn stop(&mut self, who: Who) -> Option<Refresh> {
        match who {
            Who::Tab(index) => {
                let tab = self.tabs.get_mut(index)?;
                let Doing::Refreshing(refresh) = std::mem::replace(&mut tab.doing, Doing::Idle) else {
                    return None;
                };
                tab.failed = true;
                Some(refresh)
            }
            Who::Stray(index) => match self.strays.remove(index) {
                Stray::Running(refresh) => Some(refresh),
                Stray::Copy { .. } => None,
            },
        }
    }

    fn resume(&mut self, who: Who, refresh: Refresh) {
        match who {
            Who::Tab(index) => {
                if let Some(tab) = self.tabs.get_mut(index) {
                    tab.failed = refresh.is_retry;
                    tab.doing = Doing::Refreshing(refresh);
                }
            }
            Who::Stray(_) => self.strays.push(Stray::Running(refresh)),
        }
    }

    /// What a client does with its answer. Nobody waits for the others.
    fn receive(&mut self, who: Who, answer: Answer) {
        let Who::Tab(index) = who else { return };
        let Some(tab) = self.tabs.get_mut(index) else { return };
        tab.failed = answer == Answer::Unavailable;
        match answer {
            Answer::Success(token) => tab.held = token,
            Answer::Refused => tab.doing = Doing::SignedOut,
            Answer::Unavailable => {}
        }
    }
}
