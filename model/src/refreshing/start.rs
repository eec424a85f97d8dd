//! The initial sessions. The product's own functions lead to each of them.

use shared::authentication::AuthenticationMethods;
use shared::refresh_token::Generation;
use shared::session::{Device, LateReplay, MAX_PROVEN_REPLAYS, NewSession, Profile, ProvenReplay, Session};
use shared::{Seconds, Timestamp};

use super::World;
use super::history::History;
use super::state::{Doing, State, Tab};
use crate::exchange::{Answer, Event, Exchange, Next};
use crate::guarantee::Violations;
use crate::rule::Rule;
use crate::table;
use crate::token::{KEY, Key, Row, Token, USER, nonce, session_id};

/// When the session began: a whole second, long after the epoch.
const BEGAN: Timestamp = Timestamp::from_seconds(1_000_000_000);

const DAY: u32 = 24 * 60 * 60;

/// A session to start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Just begun.
    Young,
    /// Refreshed every minute, with the whole budget of late replays used up within the last hour.
    Worn,
    /// Seconds before its absolute end.
    Old,
    /// One refresh before the last generation.
    LastGeneration,
    /// The answer to a refresh with a key was lost days ago, and all but the last proven replay of it were counted.
    Asleep,
    /// The table was restored to before the last two refreshes, which the clients have received.
    Restored,
}

impl Start {
    /// Every start.
    pub const ALL: [Self; 6] =
        [Self::Young, Self::Worn, Self::Old, Self::LastGeneration, Self::Asleep, Self::Restored];

    /// Returns the first state.
    pub(crate) fn state(self, world: &World) -> State {
        let mut life = Life::begin(&world.rule, self == Self::LastGeneration);
        let mut held = None;
        match self {
            Self::Young | Self::LastGeneration => {}
            Self::Worn => life.wear(),
            Self::Old => (0..5).for_each(|_| life.refresh_after(Seconds(6 * DAY - 2))),
            Self::Asleep => {
                held = Some(life.held());
                life.fall_asleep();
            }
            Self::Restored => life.lose_two_refreshes(),
        }
        let held = held.unwrap_or_else(|| life.held());
        let tab = |keeps_keys| Tab { held, keeps_keys, doing: Doing::Idle, failed: false };
        State {
            now: life.now,
            row: life.row,
            tabs: world.keys.map(tab),
            strays: Vec::new(),
            history: life.history,
            stored_key: None,
            violations: Violations::default(),
            left: world.bounds,
        }
    }
}

/// A session that is led to its start without faults.
struct Life<'a> {
    rule: &'a Rule,
    now: Timestamp,
    row: Option<Row>,
    history: History,
}

impl<'a> Life<'a> {
    fn begin(rule: &'a Rule, at_the_end: bool) -> Self {
        let profile = Profile {
            email: String::new(),
            name: String::new(),
            roles: Vec::new(),
            claims: shared::custom_claims::CustomClaims::default(),
            email_verified: false,
            account_version: None,
        };
        let mut session = Session::begin(NewSession {
            user_id: USER,
            session_id: session_id(0),
            key_id: KEY,
            nonce: nonce(0),
            lifetimes: rule.lifetimes,
            amr: AuthenticationMethods::PASSWORD,
            profile,
            device: Device::default(),
            now: BEGAN,
        });
        if at_the_end {
            let last_but_one = Generation::new(Generation::LAST.number() - 1);
            session.generation = last_but_one.unwrap_or(Generation::LAST);
        }
        let history = History::begin(&session);
        Self { rule, now: BEGAN, row: Some(Row::new(session)), history }
    }

    fn held(&self) -> Token {
        let newest = self.history.lost.last().copied().or_else(|| self.history.newest());
        newest.unwrap_or(Token { session: 0, generation: 0, nonce: 0 })
    }

    fn refresh_after(&mut self, length: Seconds) {
        self.refresh(length, None);
    }

    fn refresh(&mut self, after: Seconds, key: Option<Key>) {
        self.now = self.now + after;
        let (held, now) = (self.held(), self.now);
        let exchange = Exchange::begin(held, key, now);
        let name = self.history.next_name();
        if let (Event::Rotated, Next::Answer(Answer::Success(successor))) =
            exchange.clone().perform(self.rule, &mut self.row, name)
        {
            self.history.rotated(self.rule, &exchange, successor, self.now);
        }
    }

    /// Three refreshes whose answers were lost and repeated after ten minutes, and three more, one a minute.
    fn wear(&mut self) {
        for used in 1..=self.rule.limits.late_replays {
            self.refresh_after(Seconds(60));
            self.now = self.now + self.rule.limits.grace;
            let Some(read) = self.row.as_ref().map(Row::session) else { return };
            let write = LateReplay { read, late_replays: used, now: self.now };
            table::count_late_replay(&mut self.row, &write);
            self.history.late.push(self.now);
        }
        (0..3).for_each(|_| self.refresh_after(Seconds(60)));
        self.now = self.now + Seconds(60);
    }

    /// A refresh whose answer was lost, and repeats of it that were not answered either.
    fn fall_asleep(&mut self) {
        let token = self.held();
        self.refresh(Seconds(60), Some(Key::of(token)));
        for proven_replays in 1..MAX_PROVEN_REPLAYS {
            self.now = self.now + Seconds(60);
            let Some(read) = self.row.as_ref().map(Row::session) else { return };
            table::count_proven_replay(&mut self.row, &ProvenReplay { read, proven_replays, now: self.now });
            self.history.proven.push(self.now);
        }
        self.now = self.now + Seconds(2 * DAY);
    }

    fn lose_two_refreshes(&mut self) {
        self.refresh_after(Seconds(60));
        let (row, history) = (self.row.clone(), self.history.clone());
        (0..2).for_each(|_| self.refresh_after(Seconds(60)));
        let newer = self.history.issued.iter().skip(history.issued.len());
        let lost = newer.map(|issued| issued.token).collect();
        self.row = row;
        self.history = History { lost, ..history };
    }
}
