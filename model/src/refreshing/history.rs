//! The past of the session, kept beside the table: the rule sees the row, the check sees this.
//!
//! [`History::expects`] is the table of design section 6 in terms of events instead of attributes, so that a row that
//! loses or confuses something is noticed.

use shared::Timestamp;
use shared::session::{BUDGET_RETURNS_EVERY, LATE_DUPLICATE, MAX_PROVEN_REPLAYS, Session, idle_end};

use crate::exchange::Exchange;
use crate::rule::Rule;
use crate::token::{Key, Token};

/// The events of one session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// Every token that was ever written, oldest first; each superseded the one before it.
    pub issued: Vec<Issued>,
    /// Tokens of a history that a restore of the table has undone, oldest first.
    pub lost: Vec<Token>,
    /// When late replays were answered, by the clock readings of their requests.
    pub late: Vec<Timestamp>,
    /// When proven replays of the newest rotation were counted, by the clock readings of their requests.
    pub proven: Vec<Timestamp>,
    /// The tokens of the successes that clients received, and when: only for the literal check.
    pub answered: Vec<(Token, Timestamp)>,
    /// Whether a client was told of an end of the session.
    pub ended: bool,
    /// The idle end.
    pub idle_end: Timestamp,
    /// The absolute end.
    pub ends_at: Timestamp,
}

/// A token, and when it was superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issued {
    /// The token.
    pub token: Token,
    /// When its successor was written; none for the newest.
    pub superseded: Option<Superseded>,
}

/// One moment by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Superseded {
    /// The clock reading of the writing request before its I/O, which the row stores.
    pub read: Timestamp,
    /// The moment of the write itself.
    pub written: Timestamp,
    /// The retry key of the writing request, if its function knows keys.
    pub key: Option<Key>,
}

/// The result that design section 6 requires for a token, at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Refuse, past a lifetime or without a session.
    Over,
    Rotate,
    OwnWrite,
    /// A prompt, a late or a proven replay.
    Replay,
    /// Refuse, and keep the row.
    Keep,
    End,
}

impl History {
    /// Returns the history of a session that has just begun.
    pub(crate) fn begin(row: &Session) -> Self {
        let first = Issued { token: Token::of(&row.newest_token()), superseded: None };
        Self {
            issued: vec![first],
            lost: Vec::new(),
            late: Vec::new(),
            proven: Vec::new(),
            answered: Vec::new(),
            ended: false,
            idle_end: row.expires_at,
            ends_at: row.ends_at,
        }
    }

    /// Returns the newest token.
    pub(crate) fn newest(&self) -> Option<Token> {
        self.issued.last().map(|issued| issued.token)
    }

    /// Returns a name for the next nonce to be written.
    pub(crate) fn next_name(&self) -> u8 {
        u8::try_from(self.issued.len() + self.lost.len()).unwrap_or(u8::MAX)
    }

    /// Returns the token that superseded this one.
    pub(crate) fn successor(&self, of: Token) -> Option<Token> {
        let at = self.issued.iter().position(|issued| issued.token == of)?;
        self.issued.get(at + 1).map(|issued| issued.token)
    }

    /// Returns how many tokens were issued after this one, and when it was superseded.
    pub(crate) fn age(&self, token: Token) -> Option<(usize, Option<Superseded>)> {
        let newest_first = self.issued.iter().rev().enumerate();
        newest_first
            .filter(|(_, issued)| issued.token == token)
            .map(|(age, issued)| (age, issued.superseded))
            .next()
    }

    /// Records that `exchange` has superseded its token.
    pub(crate) fn rotated(&mut self, rule: &Rule, exchange: &Exchange, successor: Token, written: Timestamp) {
        if let Some(superseded) = self.issued.last_mut() {
            let key = exchange.recorded_key();
            superseded.superseded = Some(Superseded { read: exchange.now, written, key });
        }
        self.proven.clear();
        self.issued.push(Issued { token: successor, superseded: None });
        self.idle_end = idle_end(exchange.now, rule.lifetimes.idle);
    }

    /// Returns what the rule must decide for `exchange`. `alive` states whether its session lives.
    pub(crate) fn expects(&self, rule: &Rule, exchange: &Exchange, alive: bool) -> Expected {
        let now = exchange.now;
        if !alive || now >= self.idle_end || now >= self.ends_at {
            return Expected::Over;
        }
        let presented = exchange.presented;
        if exchange.wrote.is_some() && self.successor(presented).is_some_and(|own| self.is_recent(own)) {
            return Expected::OwnWrite;
        }
        if self.lost.contains(&presented) {
            return self.expects_of_lost(exchange);
        }
        match self.age(presented) {
            None => Expected::Keep,
            Some((0, _)) if self.has_made_the_newest(exchange.recorded_key()) => Expected::Keep,
            Some((0, _)) => Expected::Rotate,
            Some((1, Some(superseded))) => self.expects_of_replay(rule, superseded, exchange),
            Some((2 | 3, Some(superseded))) => expects_of_duplicate(superseded, exchange),
            Some(_) => Expected::End,
        }
    }

    fn has_made_the_newest(&self, key: Option<Key>) -> bool {
        let mut newest_first = self.issued.iter().rev().skip(1);
        key.is_some() && newest_first.next().and_then(|issued| issued.superseded?.key) == key
    }

    /// Returns whether a proven replay is answered at this time.
    pub(crate) fn has_proven_replay(&self, rule: &Rule, now: Timestamp) -> bool {
        let is_repeat = self.proven.last().is_some_and(|at| now <= *at + rule.limits.retry);
        is_repeat || u32::try_from(self.proven.len()).is_ok_and(|counted| counted < MAX_PROVEN_REPLAYS)
    }

    fn expects_of_replay(&self, rule: &Rule, superseded: Superseded, exchange: &Exchange) -> Expected {
        let (limits, now) = (rule.limits, exchange.now);
        let soon = now <= superseded.read + limits.retry;
        let after_late = self.late.last().is_some_and(|at| now <= *at + limits.retry);
        // A function that does not know keys ignores those in the row.
        let rotation = superseded.key.filter(|_| !exchange.is_keyless_function);
        let excused = match (rotation, exchange.recorded_key()) {
            (Some(rotation), Some(key)) if rotation == key => {
                if !soon && !self.has_proven_replay(rule, now) {
                    return Expected::Keep;
                }
                true
            }
            (Some(_), _) => soon,
            (None, Some(_)) => soon || after_late,
            (None, None) => {
                let late = now <= superseded.read + limits.grace && self.has_budget(rule, now);
                soon || after_late || late
            }
        };
        let strict = limits.grace.millis() == 0;
        if excused && !strict { Expected::Replay } else { Expected::End }
    }

    /// Returns whether the budget has a late replay left at this time.
    pub(crate) fn has_budget(&self, rule: &Rule, now: Timestamp) -> bool {
        let (mut used, mut last) = (0, Timestamp::default());
        for at in self.late.iter().copied() {
            used = returned(used, last, at) + 1;
            last = at;
        }
        returned(used, last, now) < i64::from(rule.limits.late_replays)
    }

    fn is_recent(&self, token: Token) -> bool {
        self.age(token).is_some_and(|(age, _)| age <= 1)
    }

    /// A token of an undone history is not in this one: only its generation can be compared.
    fn expects_of_lost(&self, exchange: &Exchange) -> Expected {
        let token = exchange.presented;
        let newest = self.newest().map_or(0, |newest| newest.generation);
        let same_generation = |issued: &&Issued| issued.token.generation == token.generation;
        let superseded = self.issued.iter().find(same_generation).and_then(|issued| issued.superseded);
        match (newest.checked_sub(token.generation), superseded) {
            (None, _) => Expected::End,
            (Some(0 | 1), _) => Expected::Keep,
            (Some(2 | 3), Some(superseded)) => expects_of_duplicate(superseded, exchange),
            (Some(_), _) => Expected::End,
        }
    }
}

/// For a token two or three generations back.
fn expects_of_duplicate(superseded: Superseded, exchange: &Exchange) -> Expected {
    let rotation = superseded.key.filter(|_| !exchange.is_keyless_function);
    let soon = exchange.now <= superseded.read + LATE_DUPLICATE;
    match (rotation, exchange.recorded_key()) {
        (Some(rotation), Some(key)) if rotation == key => Expected::Keep,
        (Some(_), Some(_)) => Expected::End,
        (Some(_), None) | (None, _) if soon => Expected::Keep,
        (Some(_), None) | (None, _) => Expected::End,
    }
}

fn returned(used: i64, last: Timestamp, now: Timestamp) -> i64 {
    (used - now.millis_since(last) / BUDGET_RETURNS_EVERY.millis()).max(0)
}
