//! A theft in a world.

use rand::RngExt;

use super::{Event, Sender, World};
use crate::device::Pair;
use crate::options::Options;
use crate::rules::Rule;
use crate::thief::{Kind, Thief};
use crate::{HOUR, MINUTE, Millis, SECOND};

/// The result of a theft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theft {
    /// How long after the first use the session ended; none if it did not while the thief was observed. For thieves who act only
    /// while the device is in use, it is the time of use.
    pub noticed: Option<Millis>,
    /// The number of the thief's successful refreshes.
    pub answers: u32,
}

impl<'a> World<'a> {
    /// Simulates one theft, from a device that loses nothing.
    pub(crate) fn theft(rule: &'a Rule, options: &'a Options, kind: Kind, number: u64) -> Theft {
        let mut world = Self::begin(rule, options, options.none(), 3 + options.watch / 24, number);
        let uses = &world.device.uses;
        let at = if kind.repeats() {
            uses.evening().map(|evening| evening + MINUTE)
        } else {
            uses.moment(&mut world.rng)
        };
        let at = at.unwrap_or_default();
        world.thief = Some(Thief::new(kind));
        world.push(at, Event::Theft);
        let end = at + Millis::from(options.watch) * HOUR;
        // A user who signs in again without the session's end leaves it to the thief.
        while !world.server.has_ended() && world.session == 0 && world.step(end) {}
        let thief = world.thief.take();
        let first_at = thief.as_ref().and_then(|thief| thief.first_at);
        let noticed = first_at.filter(|_| world.server.has_ended()).map(|first_at| {
            if kind.hides() { world.device.uses.between(first_at, world.now) } else { world.now - first_at }
        });
        Theft { noticed, answers: thief.map_or(0, |thief| thief.answers) }
    }

    pub(super) fn theft_happens(&mut self) {
        let (newest, superseded) = (self.device.store, self.device.previous);
        let waits = Millis::from(self.options.thief_waits) * MINUTE;
        let Some(thief) = &mut self.thief else { return };
        let (holds, wait) = match thief.kind {
            Kind::AtOnce | Kind::Beside => (Pair { key: None, ..newest }, 0),
            Kind::Later => (Pair { key: None, ..newest }, waits),
            Kind::Away => (Pair { key: None, ..superseded }, 0),
            Kind::Captured => (superseded, 0),
            Kind::Store => {
                thief.is_waiting = true;
                return;
            }
        };
        thief.holds = holds;
        self.push(self.now + wait, Event::ThiefRefreshes);
    }

    /// The thief that copies the store gets the request that the device is about to send, and sends it a second later.
    pub(super) fn copy_for_thief(&mut self, sent: Pair) {
        if let Some(thief) = self.thief.as_mut().filter(|thief| thief.is_waiting) {
            thief.is_waiting = false;
            thief.holds = sent;
            self.push(self.now + SECOND, Event::ThiefRefreshes);
        }
    }

    pub(super) fn thief_refreshes(&mut self) {
        let fresh = self.fresh_key();
        let Some(thief) = &mut self.thief else { return };
        let is_used = self.device.uses.are_at(self.now);
        if thief.kind.repeats() && is_used {
            return;
        }
        if thief.kind.hides() && !is_used {
            if let Some(next) = self.device.uses.next(self.now) {
                let every = Millis::from(self.options.thief_every) * SECOND;
                let wait = self.rng.random_range(0..=every);
                self.push(next + wait, Event::ThiefRefreshes);
            }
            return;
        }
        thief.first_at = thief.first_at.or(Some(self.now));
        // A repeat is sent as it was stolen; otherwise the thief sends its own keys, as the client does.
        let key = if thief.kind.repeats() { thief.holds.key } else { thief.holds.key.or(fresh) };
        let sent = Pair { key, ..thief.holds };
        self.send(Sender::Thief, sent, false, 0);
    }

    /// Stops a thief who is refused.
    pub(super) fn thief_hears(&mut self, token: Option<usize>) {
        let every = Millis::from(self.options.thief_every) * SECOND;
        let (Some(thief), Some(token)) = (&mut self.thief, token) else { return };
        thief.answers += 1;
        if !thief.kind.repeats() {
            thief.holds = Pair { token, key: None };
        }
        let wait = every * self.rng.random_range(70..=90) / 80;
        self.push(self.now + wait, Event::ThiefRefreshes);
    }
}
