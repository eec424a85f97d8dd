//! The actions in a state, and their results.

use super::state::{Action, Change, Heard, Mailed, Password, Process, Run, State};
use super::{NOW, World};
use crate::coverage::Branch;
use crate::exchange::{Answer, Event, Exchange, Next};
use crate::guarantee::Guarantee;
use crate::token::Token;

impl State {
    pub(crate) fn actions(&self, actions: &mut Vec<Action>) {
        let left = self.left;
        let mut offer = |is_left: u8, action: Action| {
            if is_left > 0 {
                actions.push(action);
            }
        };
        offer(left.old_sign_ins, Action::SignIn(Password::Old));
        offer(left.new_sign_ins, Action::SignIn(Password::New));
        offer(left.role_changes, Action::ChangeRoles);
        offer(left.disables, Action::Disable);
        offer(left.resets, Action::UseCode(Mailed::Reset));
        offer(left.proofs, Action::UseCode(Mailed::Proof));
        offer(left.moves, Action::UseCode(Mailed::Move));
        if self.user.change != Change::Ahead {
            offer(left.undos, Action::UseCode(Mailed::Undo));
        }
        let living = self.found();
        if let (Some(oldest), Some(newest)) = (living.first(), living.last()) {
            offer(left.password_changes, Action::ChangePassword(oldest.session));
            offer(left.revocations, Action::RevokeAll(newest.session));
        }
        for session in self.numbers() {
            offer(left.logouts, Action::LogOut(session));
            offer(left.refreshes, Action::Refresh(session));
        }
        for (index, _) in self.processes.iter().enumerate() {
            offer(1, Action::Next(index));
            offer(left.crashes, Action::Crash(index));
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        0..u8::try_from(self.sessions.len()).unwrap_or(u8::MAX)
    }

    /// Deletes a row, if it is there.
    pub(crate) fn delete(&mut self, session: u8) {
        if let Some(known) = self.sessions.get_mut(usize::from(session)) {
            known.row = None;
        }
    }

    /// An operation that ended these sessions is answered.
    pub(crate) fn answer_end(&mut self, sessions: &[u8]) {
        for session in sessions {
            if let Some(known) = self.sessions.get_mut(usize::from(*session)) {
                known.ended = true;
            }
        }
    }
}

impl World {
    /// Returns the state after the action, or none if the action is impossible.
    pub(crate) fn after(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let left = &mut next.left;
        match action {
            Action::SignIn(password) => {
                let count = match password {
                    Password::Old => &mut left.old_sign_ins,
                    Password::New => &mut left.new_sign_ins,
                    Password::Void => return None,
                };
                *count -= 1;
                next.processes.push(Process::SignIn(password, Run::at(state.user.home)));
            }
            Action::ChangePassword(caller) => {
                left.password_changes -= 1;
                next.processes.push(Process::PasswordChange(caller, Run::at(state.user.home)));
            }
            Action::UseCode(mailed) => {
                let count = match mailed {
                    Mailed::Reset => &mut left.resets,
                    Mailed::Proof => &mut left.proofs,
                    Mailed::Move => &mut left.moves,
                    Mailed::Undo => &mut left.undos,
                };
                *count -= 1;
                next.processes.push(Process::UseCode(mailed, Run::at(state.user.home)));
            }
            Action::ChangeRoles => {
                next.processes.push(Process::RoleChange(left.role_changes, Run::at(state.user.home)));
                left.role_changes -= 1;
            }
            Action::Disable => {
                left.disables -= 1;
                next.processes.push(Process::Disable(Run::at(state.user.home)));
            }
            Action::RevokeAll(caller) => {
                left.revocations -= 1;
                next.processes.push(Process::RevokeAll(caller, Run::at(state.user.home)));
            }
            Action::LogOut(session) => {
                left.logouts -= 1;
                next.delete(session);
                next.answer_end(&[session]);
            }
            Action::Refresh(session) => {
                left.refreshes -= 1;
                let known = state.sessions.get(usize::from(session))?;
                if known.ended {
                    self.coverage.hit(Branch::BegunAfterEnd);
                }
                let first = Token { session, generation: 0, nonce: 0 };
                let newest = known.row.as_ref().map_or(first, |row| Token::of(&row.newest_token()));
                next.processes.push(Process::Refresh(Exchange::begin(newest, None, NOW), known.ended));
            }
            Action::Next(index) => {
                let process = next.processes.remove(index);
                self.proceed(&mut next, process)?;
            }
            Action::Crash(index) => {
                left.crashes -= 1;
                let crashed = next.processes.remove(index);
                // Before the transaction nothing has changed; after it nobody was told that it is done.
                let is_committed = |run: &Run| run.heard.contains(&Heard::Committed);
                match crashed {
                    Process::RoleChange(_, run) => next.roles_unfinished |= is_committed(&run),
                    Process::UseCode(Mailed::Move | Mailed::Undo, run) => {
                        next.move_unfinished |= is_committed(&run);
                    }
                    Process::SignIn(..)
                    | Process::PasswordChange(..)
                    | Process::UseCode(Mailed::Reset | Mailed::Proof, _)
                    | Process::Disable(..)
                    | Process::RevokeAll(..)
                    | Process::Refresh(..) => {}
                }
            }
        }
        for (was, is) in state.sessions.iter().zip(&next.sessions) {
            next.violations.note_if(was.row.is_none() && is.row.is_some(), Guarantee::EndedStaysEnded);
        }
        next.processes.sort_unstable();
        Some(next)
    }

    fn proceed(&self, next: &mut State, process: Process) -> Option<()> {
        let then = match process {
            Process::Refresh(exchange, after_end) => self.refresh(next, exchange, after_end)?,
            process @ (Process::SignIn(..)
            | Process::PasswordChange(..)
            | Process::UseCode(..)
            | Process::RoleChange(..)
            | Process::Disable(..)
            | Process::RevokeAll(..)) => self.request(next, process),
        };
        next.processes.extend(then);
        Some(())
    }

    /// One request of a refresh: the same steps as in the other world.
    #[expect(clippy::option_option, reason = "no such session, or no more requests")]
    fn refresh(&self, next: &mut State, exchange: Exchange, after_end: bool) -> Option<Option<Process>> {
        let name = next.rotations + 1;
        let known = next.sessions.get_mut(usize::from(exchange.presented.session))?;
        let (event, outcome) = exchange.perform(&self.rule, &mut known.row, name);
        next.rotations += u8::from(event == Event::Rotated);
        Some(match outcome {
            Next::Request(exchange) => Some(Process::Refresh(exchange, after_end)),
            Next::Answer(answer) => {
                let success = matches!(answer, Answer::Success(_));
                next.violations.note_if(success && after_end, Guarantee::EndedRefusesRefresh);
                None
            }
        })
    }
}
