//! The first world: one session, two honest clients, a thief with a copy of any token that ever existed, a network that
//! loses, delays and duplicates messages, an SDK that resends, functions that crash, and the ends of a session at any moment.

mod history;
mod judge;
mod serve;
mod start;
mod state;
mod step;

use shared::refresh_token::{RefreshKeys, RefreshToken};
use stateright::{Model, Property};

use crate::coverage::Coverage;
use crate::guarantee::Guarantee;
use crate::rule::Rule;
use crate::search::{Focus, focused};
use crate::token::{KEY, Token};
pub use history::{History, Issued, Superseded};
pub use start::Start;
pub use state::{Action, Bounds, Doing, Refresh, State, Stray, Tab, Who};
pub use step::FUNCTION_TIMEOUT;

/// The world, with its bounds.
#[derive(Clone, Debug)]
pub struct World {
    /// The rule under check.
    pub rule: Rule,
    /// Which of the two clients send retry keys.
    pub keys: [bool; 2],
    /// The initial session.
    pub start: Start,
    /// The bounds of actions.
    pub bounds: Bounds,
    /// Whether the guarantees are also checked literally, beyond their conditions.
    pub as_worded: bool,
    /// The branches taken.
    pub coverage: Coverage,
    focus: Option<Guarantee>,
    /// Whether the product's parser accepts a token made with another key. The answer depends only on the token and the keys,
    /// so it is computed once and not in every state.
    forgery_is_believed: bool,
}

impl World {
    /// Returns a world for a rule.
    #[must_use]
    pub fn new(start: Start, bounds: Bounds) -> Self {
        Self {
            rule: Rule::product(),
            keys: [false; 2],
            start,
            bounds,
            as_worded: false,
            coverage: Coverage::default(),
            focus: None,
            forgery_is_believed: forgery_is_believed(),
        }
    }
}

/// Tries tokens for the session with every small generation and nonce, which are wrong only in the tag.
fn forgery_is_believed() -> bool {
    let (ours, theirs) = (RefreshKeys::new(KEY, &[1; 32]), RefreshKeys::new(KEY, &[2; 32]));
    let tokens =
        (0..8).flat_map(|generation| (0..8).map(move |nonce| Token { session: 0, generation, nonce }));
    let mut texts = tokens.map(|token| token.genuine().to_text(&theirs));
    texts.any(|text| text.is_ok_and(|text| RefreshToken::parse(text.expose(), &ours).is_ok()))
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
        vec![self.start.state(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        state.actions(actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.after(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! never_violated {
            ($($guarantee:ident)*) => {
                vec![$(Property::<Self>::always(
                    Guarantee::$guarantee.name(),
                    |_, state| !state.violations.has(Guarantee::$guarantee),
                ),)*]
            };
        }
        let mut properties = never_violated!(
            OneSuccessor NoFork RepeatGetsSuccessor KeyIsAnswered OwnWriteIsRecognised LateDuplicateKeeps ReuseEnds OnlyReuseEnds
            ForgedChangesNothing EndedRefusesRefresh EndedStaysEnded CrashRecovers ConditionIsTheRule LifetimesEnd
        );
        properties
            .push(Property::always(Guarantee::WholeRotations.name(), |_, state| judge::is_whole(state)));
        if self.as_worded {
            properties.extend(never_violated!(AsWordedGrace AsWordedDuplicate AsWordedCrash AsWordedResend));
        }
        focused(properties, self.focus)
    }
}
