//! The second world: one account, and sign-ins, a password change, uses of mailed codes, changes of the address among them, changes of roles, an operator who disables it, revocations,
//! logouts and refreshes that race each other, each cut at its requests to DynamoDB.
//!
//! Time stands still here: the dependence on age is checked in the other world. The SDK's resend of a
//! transaction is not a step, because its `ClientRequestToken` makes it the same transaction.

mod flows;
mod requests;
mod state;
mod step;

use shared::Timestamp;
use stateright::{Model, Property};

use crate::coverage::Coverage;
use crate::guarantee::{Guarantee, Violations};
use crate::rule::Rule;
use crate::search::{Focus, focused};
use crate::token::Row;
pub use state::{
    Action, App, Bounds, Change, Found, Heard, Home, Known, Mailed, Password, Process, Run, State, User,
};

/// The one time of this world.
const NOW: Timestamp = Timestamp::from_seconds(1_000_000_000);

/// The world, with its bounds.
#[derive(Clone, Debug)]
pub struct World {
    /// The rule under check.
    pub rule: Rule,
    /// The bounds of actions.
    pub bounds: Bounds,
    /// The branches taken.
    pub coverage: Coverage,
    /// The authenticator app that the account has at the beginning.
    pub app: App,
    focus: Option<Guarantee>,
}

impl World {
    /// Returns a world for a rule.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { rule: Rule::product(), bounds, coverage: Coverage::default(), app: App::None, focus: None }
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
        let user = User {
            version: 1,
            ended_version: 1,
            password: Password::Old,
            roles: 0,
            home: Home::Old,
            change: Change::Ahead,
            is_disabled: false,
            app: self.app,
        };
        let first = Row::new(flows::begin(&self.rule, user, 0));
        let state = State {
            user,
            sessions: vec![Known { row: Some(first), password: Password::Old, ended: false }],
            processes: Vec::new(),
            used: Vec::new(),
            password_changed: false,
            disabled: false,
            roles_unfinished: false,
            move_unfinished: false,
            rotations: 0,
            violations: Violations::default(),
            left: self.bounds,
        };
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        state.actions(actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.after(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let properties = vec![
            Property::always(Guarantee::EndedRefusesRefresh.name(), |_, state: &State| {
                !state.violations.has(Guarantee::EndedRefusesRefresh)
            }),
            Property::always(Guarantee::EndedStaysEnded.name(), |_, state: &State| {
                !state.violations.has(Guarantee::EndedStaysEnded)
            }),
            Property::always(Guarantee::SignInFinishesChanges.name(), |_, state: &State| {
                !state.violations.has(Guarantee::SignInFinishesChanges)
            }),
            Property::always(Guarantee::OldPasswordLeavesNothing.name(), |_, state| leaves_nothing(state)),
            Property::always(Guarantee::DisabledLeavesNothing.name(), |_, state: &State| {
                !state.disabled || state.sessions.iter().all(|known| known.row.is_none())
            }),
            Property::always(Guarantee::CodeWorksOnce.name(), |_, state: &State| {
                !state.violations.has(Guarantee::CodeWorksOnce)
            }),
            Property::always(Guarantee::FactorWorksOnce.name(), |_, state: &State| {
                !state.violations.has(Guarantee::FactorWorksOnce)
            }),
            Property::always(Guarantee::RolesReachSessions.name(), |_, state| roles_reach_sessions(state)),
            Property::always(Guarantee::AddressReachesSessions.name(), |_, state| {
                address_reaches_sessions(state)
            }),
        ];
        focused(properties, self.focus)
    }
}

/// After the answer to a password change, no session of the old password lives.
fn leaves_nothing(state: &State) -> bool {
    let lives = |known: &Known| known.password == Password::Old && known.row.is_some();
    !state.password_changed || !state.sessions.iter().any(lives)
}

/// After the answer to every change of the address that began, every session has the address of the account.
fn address_reaches_sessions(state: &State) -> bool {
    let changing = state
        .processes
        .iter()
        .any(|process| matches!(process, Process::UseCode(Mailed::Move | Mailed::Undo, _)));
    let expected = flows::account(state.user).email;
    let says = |known: &Known| known.row.as_ref().is_none_or(|row| row.profile.email == expected.as_str());
    changing || state.move_unfinished || state.sessions.iter().all(says)
}

/// After the answer to every change of roles that began, every session has the roles of the account.
fn roles_reach_sessions(state: &State) -> bool {
    let changing = state.processes.iter().any(|process| matches!(process, Process::RoleChange(..)));
    let expected = flows::account(state.user).roles;
    let says = |known: &Known| known.row.as_ref().is_none_or(|row| row.profile.roles == expected);
    changing || state.roles_unfinished || state.sessions.iter().all(says)
}
