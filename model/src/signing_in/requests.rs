//! The requests of the flows, each atomic except the deletes and updates of a batch, which happen one by one.

use shared::factor::FactorUse;
use shared::flow::account_change::{AccountWrite, Committing};
use shared::flow::sign_in::Creating;
use shared::session::ProfileUpdate;

use super::World;
use super::flows::{self, CODE_OF, Outcome, Pending};
use super::state::{App, Change, Found, Heard, Known, Mailed, Password, Process, State, User, number};
use crate::coverage::Branch;
use crate::guarantee::Guarantee;
use crate::rule::Mutation;
use crate::table;
use crate::token::Row;

impl World {
    /// Makes the next request of a flow. Returns the process, unless it has been answered.
    pub(crate) fn request(&self, next: &mut State, mut process: Process) -> Option<Process> {
        let fresh = next.next_session();
        match flows::pending(&self.rule, &process, fresh)? {
            Pending::ReadCode => {
                let is_there = !process.mailed().is_some_and(|mailed| next.used.contains(&mailed));
                if !is_there {
                    self.coverage.hit(Branch::CodeGone);
                }
                process.hear(Heard::Code(is_there));
            }
            Pending::ReadAccount(home) => {
                let user = Some(next.user).filter(|user| user.home == home);
                if user.is_none() {
                    self.coverage.hit(Branch::AccountMoved);
                }
                process.hear(Heard::Account(user));
            }
            Pending::Find => {
                self.coverage.hit(Branch::AccountFound);
                process.hear(Heard::Hint(next.user.home));
            }
            Pending::Query => process.hear(Heard::Sessions(next.found())),
            Pending::Create(create) => {
                let heard = self.create(next, &create);
                process.begins(&heard, fresh);
                process.hear(heard);
            }
            Pending::Commit(commit) => {
                let heard = self.commit(next, &commit, process.mailed());
                if commit.begun.is_some() {
                    process.begins(&heard, fresh);
                }
                process.hear(heard);
            }
            Pending::Delete(sessions) => {
                let run = process.run()?;
                next.delete(number(*sessions.get(run.rows_done)?));
                run.rows_done += 1;
                if run.rows_done == sessions.len() {
                    run.rows_done = 0;
                    self.cover_delete(&process);
                    process.hear(Heard::Deleted);
                }
            }
            Pending::Update(updates) => {
                let run = process.run()?;
                self.update(next, updates.get(run.rows_done)?);
                run.rows_done += 1;
                if run.rows_done == updates.len() {
                    run.rows_done = 0;
                    process.hear(Heard::Updated);
                }
            }
            Pending::Done(_) => {}
        }
        match flows::pending(&self.rule, &process, fresh)? {
            Pending::Done(outcome) => {
                self.answer(next, &process, outcome);
                None
            }
            Pending::ReadCode
            | Pending::ReadAccount(_)
            | Pending::Find
            | Pending::Create(_)
            | Pending::Commit(_)
            | Pending::Query
            | Pending::Delete(_)
            | Pending::Update(_) => Some(process),
        }
    }

    fn create(&self, next: &mut State, create: &Creating) -> Heard {
        let is_as_read = create.account.version == i64::from(next.user.version);
        if !is_as_read && !self.rule.is_broken(Mutation::PlainPut) {
            self.coverage.hit(Branch::AccountChanged);
            return Heard::AccountDiffers;
        }
        if let Some(heard) = self.use_factor(next, create.used.as_ref()) {
            return heard;
        }
        let (row, password) =
            (Row::new(create.session.clone()), Password::of(create.account.password_hash.as_deref()));
        next.sessions.push(Known { row: Some(row), password, ended: false });
        Heard::Committed
    }

    /// The part of a transaction that uses the code of the app. Says why it fails.
    fn use_factor(&self, next: &mut State, used: Option<&FactorUse>) -> Option<Heard> {
        used?;
        let is_used = next.user.app == App::Used;
        if is_used && !self.rule.is_broken(Mutation::StepNotAskedFor) {
            self.coverage.hit(Branch::FactorUsedMeanwhile);
            return Some(Heard::FactorUsed);
        }
        next.violations.note_if(is_used, Guarantee::FactorWorksOnce);
        next.user.app = App::Used;
        None
    }

    fn commit(&self, next: &mut State, commit: &Committing, mailed: Option<Mailed>) -> Heard {
        if commit.read.version != i64::from(next.user.version) {
            self.coverage.hit(Branch::ChangeStartsOver);
            return Heard::AccountDiffers;
        }
        let is_gone =
            |session: u8| next.sessions.get(usize::from(session)).is_none_or(|known| known.row.is_none());
        if commit.caller.is_some_and(|caller| is_gone(number(caller))) {
            self.coverage.hit(Branch::CallerSignedOut);
            return Heard::CallerSignedOut;
        }
        let (read_app, changed_app) = (flows::app_of(&commit.read), flows::app_of(&commit.changed));
        // The whole row moves, so nothing of it may have changed.
        if matches!(commit.write, AccountWrite::Move { .. }) && read_app != next.user.app {
            self.coverage.hit(Branch::FactorUsedUnderMove);
            return Heard::AccountDiffers;
        }
        if let Some(heard) = self.use_factor(next, commit.used.as_ref()) {
            return heard;
        }
        if let (Some(_), Some(mailed)) = (commit.code, mailed) {
            let is_used = next.used.contains(&mailed);
            if is_used && !self.rule.is_broken(Mutation::CodeNotAskedFor) {
                self.coverage.hit(Branch::CodeUsedMeanwhile);
                return Heard::CodeUsed;
            }
            let is_outdated = match mailed {
                Mailed::Undo => next.user.change != Change::Made,
                Mailed::Reset | Mailed::Proof | Mailed::Move => next.user.ended_version != CODE_OF,
            };
            next.violations.note_if(is_used || is_outdated, Guarantee::CodeWorksOnce);
            next.used.push(mailed);
            next.used.sort_unstable();
        }
        // A write of what differs leaves alone what a sign-in has written meanwhile.
        let app = if changed_app == read_app { next.user.app } else { changed_app };
        next.user = User { app, ..User::of(&commit.changed) };
        for session in commit.all_ended() {
            next.delete(number(session));
        }
        if let Some(session) = &commit.begun {
            let (row, password) = (Some(Row::new(session.clone())), next.user.password);
            next.sessions.push(Known { row, password, ended: false });
        }
        Heard::Committed
    }

    fn update(&self, next: &mut State, update: &ProfileUpdate) {
        let session = number(update.session_id);
        let begun = flows::begin(&self.rule, next.user, session);
        let Some(known) = next.sessions.get_mut(usize::from(session)) else { return };
        self.coverage.hit(if known.row.is_some() { Branch::ProfileUpdated } else { Branch::UpdateOfNothing });
        if known.row.is_none() && self.rule.is_broken(Mutation::UpdateWithoutExists) {
            known.row = Some(Row::new(begun));
        }
        table::update_profile(&mut known.row, update);
    }

    fn cover_delete(&self, process: &Process) {
        let committed = |heard: &[Heard]| heard.contains(&Heard::Committed);
        match process {
            Process::PasswordChange(_, run) | Process::UseCode(_, run) | Process::Disable(run)
                if committed(&run.heard) =>
            {
                self.coverage.hit(Branch::OldSessionSwept);
            }
            Process::PasswordChange(..) | Process::UseCode(..) | Process::Disable(..) => {
                self.coverage.hit(Branch::SurplusEnded);
            }
            Process::SignIn(..) => self.coverage.hit(Branch::SignInFinishesChange),
            Process::RoleChange(..) | Process::RevokeAll(..) | Process::Refresh(..) => {}
        }
    }

    /// Records the answer to the client.
    fn answer(&self, next: &mut State, process: &Process, outcome: Outcome) {
        match outcome {
            Outcome::SignedIn { ended_version } => {
                let is_left = |known: &Known| {
                    known.row.as_ref().is_some_and(|row| row.profile.account_version < Some(ended_version))
                };
                let left = next.sessions.iter().any(is_left);
                next.violations.note_if(left, Guarantee::SignInFinishesChanges);
            }
            Outcome::PasswordChanged => {
                next.password_changed = true;
                for known in next.sessions.iter_mut().filter(|known| known.password == Password::Old) {
                    known.ended = true;
                }
            }
            Outcome::Disabled => {
                next.disabled = true;
                next.answer_end(&(0..next.next_session()).collect::<Vec<_>>());
            }
            Outcome::Ended(sessions) => {
                next.answer_end(&sessions.into_iter().map(number).collect::<Vec<_>>());
            }
            Outcome::RolesChanged | Outcome::Proven | Outcome::Moved => {}
            Outcome::CodeRefused => {
                if let Process::UseCode(_, run) = process
                    && run.heard.contains(&Heard::Code(true))
                    && !run.heard.contains(&Heard::CodeUsed)
                {
                    self.coverage.hit(Branch::CodeOutdated);
                }
            }
            Outcome::Failed => {
                if let Process::SignIn(_, run) | Process::PasswordChange(_, run) = process
                    && let Some(Heard::Account(Some(User { app: App::Used, .. }))) = run.heard.last()
                {
                    self.coverage.hit(Branch::FactorGone);
                }
                if let Process::SignIn(_, run) = process
                    && run.heard.contains(&Heard::AccountDiffers)
                {
                    self.coverage.hit(Branch::PasswordChangedUnderSignIn);
                }
            }
        }
    }
}

impl Process {
    fn mailed(&self) -> Option<Mailed> {
        if let Self::UseCode(mailed, _) = self { Some(*mailed) } else { None }
    }

    fn hear(&mut self, heard: Heard) {
        if let Some(run) = self.run() {
            run.heard.push(heard);
        }
    }

    fn begins(&mut self, heard: &Heard, session: u8) {
        if let (Some(run), Heard::Committed) = (self.run(), heard) {
            run.begun = Some(session);
        }
    }
}

impl State {
    /// Returns the sessions that a consistent query finds.
    pub(crate) fn found(&self) -> Vec<Found> {
        let found = |(session, known): (u8, &Known)| {
            let version = known.row.as_ref()?.profile.account_version;
            Some(Found { session, version })
        };
        (0..).zip(&self.sessions).filter_map(found).collect()
    }

    fn next_session(&self) -> u8 {
        u8::try_from(self.sessions.len()).unwrap_or(u8::MAX)
    }
}

impl User {
    fn of(account: &shared::account::Account) -> Self {
        let small = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        let roles = account.roles.first().and_then(|role| role.as_str().parse().ok()).unwrap_or(u8::MAX);
        Self {
            version: small(account.version),
            ended_version: small(account.ended_version),
            password: Password::of(account.password_hash.as_deref()),
            roles,
            home: flows::home_of(&account.email),
            is_disabled: account.is_disabled(),
            app: flows::app_of(account),
            change: match (account.moves.count, account.moves.undoable.is_empty()) {
                (0, _) => Change::Ahead,
                (_, false) => Change::Made,
                (_, true) => Change::Undone,
            },
        }
    }
}
