//! A refresh in the function: its requests to DynamoDB, its answer, and the faults of either.

use shared::session::{EndReason, RefusalReason};

use super::World;
use super::judge::{judge, judge_answer, judge_keyed, judge_wording};
use super::state::{Doing, Refresh, State, Stray, Who};
use crate::coverage::Branch;
use crate::exchange::{Answer, Decided, Event, Exchange, Next};
use crate::guarantee::Guarantee;
use crate::rule::Mutation;
use crate::token::Token;

impl World {
    /// Makes the next request to DynamoDB.
    pub(crate) fn request(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        match self.perform(before, next, who)? {
            (refresh, Next::Request(exchange)) => next.resume(who, Refresh { exchange, ..refresh }),
            (refresh, Next::Answer(answer)) => {
                if self.as_worded && matches!((who, answer), (Who::Tab(_), Answer::Success(_))) {
                    next.history.answered.push((refresh.exchange.presented, next.now));
                }
                next.receive(who, answer, refresh.exchange.presented);
            }
        }
        Some(())
    }

    /// Makes the next request to DynamoDB, after which the client gets no answer.
    pub(crate) fn request_and_fail(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        next.left.faults -= 1;
        self.coverage.hit(match self.perform(before, next, who)? {
            (_, Next::Answer(_)) => Branch::AnswerLost,
            (_, Next::Request(exchange)) if exchange.is_ending(&self.rule) => Branch::FailedBeforeDelete,
            (_, Next::Request(_)) => Branch::FailedBeforeCount,
        });
        Some(())
    }

    /// Makes the next request to DynamoDB and loses its answer: the same one is sent again. If it changes nothing, that is
    /// as if it had not been made.
    pub(crate) fn request_unheard(&self, before: &State, next: &mut State, who: Who) -> Option<()> {
        let mut refresh = next.stop(who)?;
        let unaware = refresh.clone();
        let name = next.history.next_name();
        next.left.faults -= 1;
        let event = refresh.exchange.perform_unheard(&self.rule, &mut next.row, name)?;
        judge(&self.rule, before, &unaware, event, &mut next.violations);
        self.remember(next, &refresh.exchange, event);
        self.coverage.hit(match event {
            Event::ReplayedLate => Branch::LateReplayUnheard,
            Event::ReplayedProven => Branch::ProvenReplayUnheard,
            Event::Deleted => Branch::DeleteUnheard,
            Event::Rotated | Event::Decided(_) | Event::LostRace(_) => Branch::RotationUnheard,
        });
        next.resume(who, refresh);
        Some(())
    }

    /// Makes the next request, judges its result, and records it. Leaves the client idle.
    fn perform(&self, before: &State, next: &mut State, who: Who) -> Option<(Refresh, Next)> {
        let mut refresh = next.stop(who)?;
        let exchange = refresh.exchange.clone();
        let name = next.history.next_name();
        let (event, outcome) = exchange.perform(&self.rule, &mut next.row, name);
        self.cover(before, &refresh, event);
        refresh.guilty = judge(&self.rule, before, &refresh, event, &mut next.violations);
        if let Who::Tab(index) = who {
            judge_keyed(&self.rule, before, index, (&refresh, event), &mut next.violations);
        }
        if self.as_worded {
            judge_wording(&self.rule, before, &refresh, event, &mut next.violations);
        }
        self.remember(next, &refresh.exchange, event);
        if let Next::Answer(answer) = &outcome {
            judge_answer(next, &refresh, *answer);
        }
        Some((refresh, outcome))
    }

    /// A token that the thief has made up arrives. It needs no bound, because it leads nowhere else.
    pub(crate) fn forge(&self, next: &mut State) {
        self.coverage.hit(Branch::Forged);
        let row = next.row.clone();
        if self.rule.is_broken(Mutation::DeleteOnUnknownToken) {
            next.row = None;
        }
        let changed = self.forgery_is_believed || next.row != row;
        next.violations.note_if(changed, Guarantee::ForgedChangesNothing);
    }

    /// Records in the history what was written.
    fn remember(&self, next: &mut State, exchange: &Exchange, event: Event) {
        match event {
            Event::Rotated => {
                let written = next.row.as_ref().map(|row| Token::of(&row.newest_token()));
                let now = next.now;
                if let Some(successor) = written {
                    next.history.rotated(&self.rule, exchange, successor, now);
                }
            }
            Event::ReplayedLate => next.history.late.push(exchange.now),
            Event::ReplayedProven => next.history.proven.push(exchange.now),
            Event::Deleted => next.history.ended = true,
            Event::Decided(_) | Event::LostRace(_) => {}
        }
    }

    pub(crate) fn cover_begin(&self, refresh: &Refresh) {
        if refresh.after_end {
            self.coverage.hit(Branch::BegunAfterEnd);
        }
    }

    fn cover(&self, before: &State, refresh: &Refresh, event: Event) {
        let decided = match event {
            Event::Rotated => return self.coverage.hit(Branch::Rotated),
            Event::ReplayedLate => return self.coverage.hit(Branch::LateReplay),
            Event::ReplayedProven => return self.coverage.hit(Branch::ProvenReplayCounted),
            Event::Deleted if refresh.exchange.presented.genuine().generation.next().is_none() => {
                return self.coverage.hit(Branch::LastGeneration);
            }
            Event::Deleted => return,
            Event::LostRace(decided) => {
                self.coverage.hit(Branch::LostRace);
                decided
            }
            Event::Decided(decided) => decided,
        };
        let own_is_newest = before.history.newest().map(|token| token.nonce) == refresh.exchange.wrote;
        match decided {
            Decided::OwnWrite if own_is_newest => self.coverage.hit(Branch::OwnWrite),
            Decided::OwnWrite => self.coverage.hit(Branch::OwnWriteRefreshedSince),
            Decided::PromptReplay => self.coverage.hit(Branch::PromptReplay),
            Decided::ProvenReplay => self.coverage.hit(Branch::ProvenReplay),
            Decided::Refuse(RefusalReason::RetryKeyUsed) => self.coverage.hit(Branch::RetryKeyUsed),
            Decided::Refuse(RefusalReason::TooManyProvenReplays) => {
                self.coverage.hit(Branch::TooManyProvenReplays);
            }
            Decided::Refuse(RefusalReason::SignedOut) => self.coverage.hit(Branch::SignedOut),
            Decided::Refuse(RefusalReason::Expired) => self.coverage.hit(Branch::Expired),
            Decided::Refuse(RefusalReason::LateDuplicate) => self.coverage.hit(Branch::LateDuplicate),
            Decided::Refuse(RefusalReason::OtherHistory) => self.coverage.hit(Branch::OtherHistory),
            Decided::End(EndReason::Reuse) => self.coverage.hit(Branch::Reuse),
            Decided::End(EndReason::RowBehind) => self.coverage.hit(Branch::RowBehind),
            Decided::LateReplay
            | Decided::CountProvenReplay
            | Decided::End(EndReason::LastGeneration)
            | Decided::ConditionBroken
            | Decided::GaveUp => {}
        }
    }
}

impl State {
    /// Removes the refresh from `who`; a client is idle after a failure.
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

    /// The reaction of a client to its answer. Nobody waits for the others.
    fn receive(&mut self, who: Who, answer: Answer, presented: Token) {
        let Who::Tab(index) = who else { return };
        let Some(tab) = self.tabs.get_mut(index) else { return };
        tab.failed = answer == Answer::Unavailable;
        match answer {
            Answer::Success(token) => tab.held = token,
            Answer::Refused if tab.keeps_keys => self.after_refusal(index, presented),
            Answer::Refused => tab.doing = Doing::SignedOut,
            Answer::Unavailable => {}
        }
    }

    /// A client with keys reads the store once more. If its token is the newest there, it sends that to `/logout` before
    /// it discards it: a thief who is ahead loses the session too.
    fn after_refusal(&mut self, index: usize, presented: Token) {
        let newest = self.tabs.iter().map(|tab| tab.held).max_by_key(|held| held.generation);
        let Some(tab) = self.tabs.get_mut(index) else { return };
        match newest {
            Some(newest) if newest.generation > presented.generation => {
                (tab.held, tab.failed) = (newest, false);
            }
            Some(_) | None => {
                tab.doing = Doing::SignedOut;
                (self.row, self.history.ended) = (None, true);
            }
        }
    }
}
