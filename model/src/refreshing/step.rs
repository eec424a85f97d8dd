//! The actions in a state, and their results.

use shared::Seconds;

use super::World;
use super::history::Issued;
use super::judge::can_arrive;
use super::state::{Action, Bounds, Doing, Refresh, State, Stray, Tab, Who};
use crate::exchange::Exchange;
use crate::guarantee::Guarantee;
use crate::rule::Mutation;
use crate::token::{Key, Token};

/// How long the function may run: its timeout in the template.
pub const FUNCTION_TIMEOUT: Seconds = Seconds(10);

/// Passings of time: to the end of the retry window, of the late duplicates, to just before the end of grace, to the
/// return of a late replay, and to the idle end. Their sums reach every window's last moment and beyond it.
const TICKS: [Seconds; 5] = [Seconds(5), Seconds(25), Seconds(570), Seconds(8 * 60 * 60), Seconds(604_800)];

/// The first name that no nonce has, and therefore no key of an honest client.
const NO_NONCE: u8 = 0x80;

const NOTHING: Bounds =
    Bounds { refreshes: 0, thefts: 0, copies: 0, faults: 0, ends: 0, ticks: 0, rollbacks: 0 };

impl State {
    /// Returns all actions in this state.
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
            self.thefts(actions);
        }
        if let Some(row) = &self.row {
            self.session_actions(row.is_over(self.now), actions);
        }
    }

    /// The thief has copies of tokens, of whole requests with their keys, and a key of its own.
    fn thefts(&self, actions: &mut Vec<Action>) {
        let are_keys_sent = self.tabs.iter().any(|tab| tab.keeps_keys);
        let mut made_with = None;
        let lost = self.history.lost.iter().map(|token| Issued { token: *token, superseded: None });
        for Issued { token, superseded } in self.history.issued.iter().copied().chain(lost) {
            actions.push(Action::Steal(token, None));
            if are_keys_sent {
                let keys = [Some(Key::THIEFS), Some(Key::of(token)), made_with];
                actions.extend(keys.into_iter().flatten().map(|key| Action::Steal(token, Some(key))));
            }
            made_with = superseded.and_then(|superseded| superseded.key);
        }
    }

    /// Returns the actions on a session. They do not matter once the row is gone.
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
                if self.left.refreshes > 0 && self.left.rollbacks > 0 {
                    actions.push(Action::RefreshBefore(index));
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

    /// Returns whether no running function would exceed its timeout. One that does has failed, which is another step.
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

    /// Removes data that no longer matter when the row is gone: everything is refused then, whatever the past.
    fn bury(&mut self) {
        self.left =
            Bounds { refreshes: self.left.refreshes.min(1), thefts: self.left.thefts.min(1), ..NOTHING };
        self.history.issued.truncate(1);
        self.history.lost.clear();
        self.history.late.clear();
        self.history.proven.clear();
    }

    fn begin(&self, token: Token, key: Option<Key>) -> Refresh {
        Refresh {
            exchange: Exchange::begin(token, key, self.now),
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
    /// Returns the state after the action, or none if the action is impossible.
    pub(crate) fn after(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Refresh(index) => self.send(&mut next, index)?,
            Action::RefreshTwice(index) => {
                self.send(&mut next, index)?;
                next.left.copies -= 1;
                let Doing::Refreshing(refresh) = &next.tab(index)?.doing else { return None };
                let (token, key) = (refresh.exchange.presented, refresh.exchange.key);
                next.strays.push(Stray::Copy { token, key, sent: state.now });
            }
            Action::RefreshBefore(index) => {
                self.send(&mut next, index)?;
                next.left.rollbacks -= 1;
                let Doing::Refreshing(refresh) = &mut next.tab(index)?.doing else { return None };
                refresh.exchange.is_keyless_function = true;
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
                let Stray::Copy { token, key, sent } = next.strays.remove(index) else { return None };
                let copy = Refresh { copy_of: self.as_worded.then_some(sent), ..next.begin(token, key) };
                self.cover_begin(&copy);
                next.strays.push(Stray::Running(copy));
            }
            Action::Steal(token, key) => {
                next.left.thefts -= 1;
                let theft = next.begin(token, key);
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
        let key = self.key(next, index)?;
        let tab = next.tabs.get(index)?;
        let refresh = Refresh { is_retry: tab.failed, ..next.begin(tab.held, key) };
        self.cover_begin(&refresh);
        next.tab(index)?.doing = Doing::Refreshing(refresh);
        Some(())
    }

    /// Returns the retry key that a client sends with its token.
    fn key(&self, next: &mut State, index: usize) -> Option<Option<Key>> {
        let Tab { held, keeps_keys, failed, .. } = *next.tabs.get(index)?;
        if !keeps_keys {
            return Some(None);
        }
        // No two sends leave the same number of refreshes.
        let minted = Key(NO_NONCE | next.left.refreshes);
        let (stored, kept) = (next.stored_key, Key(NO_NONCE));
        Some(Some(match self.rule.broken {
            Some(Mutation::KeyNotStored) => minted,
            Some(Mutation::KeyMintedAnew) if failed => minted,
            Some(Mutation::KeyOverwritten) if failed => stored.unwrap_or(minted),
            Some(Mutation::KeyOverwritten) => *next.stored_key.insert(minted),
            Some(Mutation::KeyKept) => kept,
            _ => Key::of(held),
        }))
    }
}
