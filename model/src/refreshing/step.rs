//! What may happen in a state, and what becomes of it.

use shared::Seconds;

use super::World;
use super::judge::can_arrive;
use super::state::{Action, Bounds, Doing, Refresh, State, Stray, Tab, Who};
use crate::exchange::Exchange;
use crate::guarantee::Guarantee;
use crate::token::Token;

/// How long the function may run: its timeout in the template.
pub const FUNCTION_TIMEOUT: Seconds = Seconds(10);

/// Passings of time: to the end of the retry window, of the late duplicates, to just before the end of grace, to the
/// return of a late replay, and to the idle end. Their sums reach every window's last moment and beyond it.
const TICKS: [Seconds; 5] = [Seconds(5), Seconds(25), Seconds(570), Seconds(8 * 60 * 60), Seconds(604_800)];

const NOTHING: Bounds = Bounds { refreshes: 0, thefts: 0, copies: 0, faults: 0, ends: 0, ticks: 0 };

impl State {
    /// Everything that may happen here.
    pub(crate) fn actions(&self, actions: &mut Vec<Action>) {
        for (index, tab) in self.tabs.iter().enumerate() {
            self.tab_actions(index, tab, actions);
        }
        for (index, stray) in self.strays.iter().enumerate() {
            match stray {
                Stray::Copy { .. } => actions.push(Action::Arrive(index)),
                Stray::Running(_) => self.running_actions(Who::Stray(index), actions),
            }
        }
        if self.left.thefts > 0 {
            let issued = self.history.issued.iter().map(|issued| issued.token);
            actions.extend(issued.chain(self.history.lost.iter().copied()).map(Action::Steal));
        }
        if let Some(row) = &self.row {
            self.session_actions(row.is_over(self.now), actions);
        }
    }

    /// What may happen to a session: nothing of it matters once the row is gone.
    fn session_actions(&self, is_over: bool, actions: &mut Vec<Action>) {
        actions.push(Action::Forge);
        if self.left.ends > 0 {
            actions.push(Action::End);
        }
        if is_over {
            actions.push(Action::Sweep);
        } else if self.left.ticks > 0 {
            actions.extend(TICKS.into_iter().filter(|length| self.can_pass(*length)).map(Action::Tick));
        }
    }

    fn tab_actions(&self, index: usize, tab: &Tab, actions: &mut Vec<Action>) {
        match &tab.doing {
            Doing::Idle => {
                if self.left.refreshes > 0 {
                    actions.push(Action::Refresh(index));
                }
                if self.left.refreshes > 0 && self.left.copies > 0 {
                    actions.push(Action::RefreshTwice(index));
                }
                if self.tabs.iter().any(|other| other.held.generation > tab.held.generation) {
                    actions.push(Action::Follow(index));
                }
            }
            Doing::Refreshing(_) => {
                self.running_actions(Who::Tab(index), actions);
                if self.left.faults > 0 {
                    actions.push(Action::GiveUp(index));
                }
            }
            Doing::SignedOut => {}
        }
    }

    fn running_actions(&self, who: Who, actions: &mut Vec<Action>) {
        actions.push(Action::Request(who));
        if self.left.faults > 0 {
            actions.extend([Action::RequestUnheard(who), Action::RequestAndFail(who)]);
        }
    }

    /// Whether no function that is at work would outlive its timeout. One that does has failed, which is another step.
    fn can_pass(&self, length: Seconds) -> bool {
        let then = self.now + length;
        let in_time =
            |refresh: &Refresh| then.millis_since(refresh.exchange.now) <= FUNCTION_TIMEOUT.millis();
        let tabs = self.tabs.iter().all(|tab| match &tab.doing {
            Doing::Refreshing(refresh) => in_time(refresh),
            Doing::Idle | Doing::SignedOut => true,
        });
        let strays = self.strays.iter().all(|stray| match stray {
            Stray::Running(refresh) => in_time(refresh),
            Stray::Copy { .. } => true,
        });
        tabs && strays
    }

    /// Forgets what no longer matters when the row is gone: everything is refused then, whatever the past.
    fn bury(&mut self) {
        self.left =
            Bounds { refreshes: self.left.refreshes.min(1), thefts: self.left.thefts.min(1), ..NOTHING };
        self.history.issued.truncate(1);
        self.history.lost.clear();
        self.history.late.clear();
    }

    fn begin(&self, token: Token) -> Refresh {
        Refresh {
            exchange: Exchange::begin(token, self.now),
            after_end: self.history.ended,
            copy_of: None,
            is_retry: false,
            // Only the last generation is judged before any request: its tokens end the session, whoever presents them.
            guilty: token.genuine().generation.next().is_none(),
        }
    }

    fn tab(&mut self, index: usize) -> Option<&mut Tab> {
        self.tabs.get_mut(index)
    }
}

impl World {
    /// The state after the action; none if the action makes no sense there.
    pub(crate) fn after(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Refresh(index) => self.send(&mut next, index)?,
            Action::RefreshTwice(index) => {
                self.send(&mut next, index)?;
                next.left.copies -= 1;
                let token = next.tab(index)?.held;
                next.strays.push(Stray::Copy { token, sent: state.now });
            }
            Action::Follow(index) => {
                let newest = state.tabs.iter().map(|tab| tab.held).max_by_key(|held| held.generation)?;
                let tab = next.tab(index)?;
                (tab.held, tab.failed) = (newest, false);
            }
            Action::Request(who) => self.request(state, &mut next, who)?,
            Action::RequestUnheard(who) => self.request_unheard(state, &mut next, who)?,
            Action::RequestAndFail(who) => self.request_and_fail(state, &mut next, who)?,
            Action::GiveUp(index) => {
                next.left.faults -= 1;
                let refresh = next.stop(Who::Tab(index))?;
                next.strays.push(Stray::Running(refresh));
            }
            Action::Arrive(index) => {
                let Stray::Copy { token, sent } = next.strays.remove(index) else { return None };
                let copy = Refresh { copy_of: self.as_worded.then_some(sent), ..next.begin(token) };
                self.cover_begin(&copy);
                next.strays.push(Stray::Running(copy));
            }
            Action::Steal(token) => {
                next.left.thefts -= 1;
                let theft = next.begin(token);
                self.cover_begin(&theft);
                next.strays.push(Stray::Running(theft));
            }
            Action::Forge => self.forge(&mut next),
            Action::End => {
                next.left.ends -= 1;
                (next.row, next.history.ended) = (None, true);
            }
            Action::Sweep => next.row = None,
            Action::Tick(length) => {
                next.left.ticks -= 1;
                next.now = next.now + length;
                let now = next.now;
                next.strays.retain(|stray| match stray {
                    Stray::Copy { sent, .. } => can_arrive(*sent, now),
                    Stray::Running(_) => true,
                });
            }
        }
        let was_gone = state.row.is_none();
        next.violations.note_if(was_gone && next.row.is_some(), Guarantee::EndedStaysEnded);
        if next.row.is_none() {
            next.bury();
        }
        next.tabs.sort_unstable();
        next.strays.sort_unstable();
        Some(next)
    }

    /// A client sends the token it holds.
    fn send(&self, next: &mut State, index: usize) -> Option<()> {
        next.left.refreshes -= 1;
        let tab = next.tabs.get(index)?;
        let refresh = Refresh { is_retry: tab.failed, ..next.begin(tab.held) };
        self.cover_begin(&refresh);
        next.tab(index)?.doing = Doing::Refreshing(refresh);
        Some(())
    }
}
