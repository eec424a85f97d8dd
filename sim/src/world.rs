//! One user, one session at a time, and perhaps a thief: events in the order of virtual time.

mod theft;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::device::{Device, Pair, Uses};
use crate::options::{Faults, Options};
use crate::rules::{Reply, Rule, Server};
use crate::thief::Thief;
use crate::{DAY, Millis, SECOND};
pub(crate) use theft::Theft;

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The device refreshes, if it is in use.
    Refresh,
    /// A request reaches the server.
    Arrive(Request),
    /// An answer arrives: a token, or a refusal.
    Answer(Request, Option<usize>),
    /// The thief takes its loot.
    Theft,
    /// The thief refreshes.
    ThiefRefreshes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Device,
    SecondTab,
    Thief,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    from: Sender,
    token: usize,
    key: Option<u64>,
    /// The session, counted by sign-ins.
    session: u32,
    /// Whether its answer will be lost.
    is_lost: bool,
}

/// A user's device, its server, and perhaps a thief.
pub(crate) struct World<'a> {
    rule: &'a Rule,
    options: &'a Options,
    faults: Faults<'a>,
    rng: StdRng,
    queue: BinaryHeap<Reverse<(Millis, u64, Event)>>,
    pushed: u64,
    keys: u64,
    now: Millis,
    server: Box<dyn Server>,
    session: u32,
    device: Device,
    thief: Option<Thief>,
    sign_outs: u32,
}

impl<'a> World<'a> {
    fn begin(rule: &'a Rule, options: &'a Options, faults: Faults<'a>, days: u32, number: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(options.seed.wrapping_mul(1_000_003).wrapping_add(number));
        let device = Device::begin(Uses::draw(options, days, &mut rng));
        let mut world = Self {
            rule,
            options,
            faults,
            rng,
            queue: BinaryHeap::new(),
            pushed: 0,
            keys: 0,
            now: 0,
            server: rule.server(0),
            session: 0,
            device,
            thief: None,
            sign_outs: 0,
        };
        world.push(0, Event::Refresh);
        world
    }

    /// Counts the sign-outs of an honest user.
    pub(crate) fn honest(rule: &'a Rule, options: &'a Options, faults: Faults<'a>, user: u64) -> u32 {
        let mut world = Self::begin(rule, options, faults, options.days, user);
        while world.step(Millis::from(options.days) * DAY) {}
        world.sign_outs
    }

    fn push(&mut self, at: Millis, event: Event) {
        self.pushed += 1;
        self.queue.push(Reverse((at, self.pushed, event)));
    }

    fn step(&mut self, end: Millis) -> bool {
        let Some(Reverse((at, _, event))) = self.queue.pop() else { return false };
        if at >= end {
            return false;
        }
        self.now = at;
        match event {
            Event::Refresh => self.refresh(),
            Event::Arrive(request) => self.arrive(request),
            Event::Answer(request, _) if request.session != self.session => {}
            Event::Answer(request, token) => self.answer(request, token),
            Event::Theft => self.theft_happens(),
            Event::ThiefRefreshes => self.thief_refreshes(),
        }
        true
    }

    fn refresh(&mut self) {
        let Some(use_ends) = self.device.uses.end(self.now) else { return self.refresh_at_next_use() };
        let fresh = self.fresh_key();
        let sent = self.device.send(fresh);
        self.copy_for_thief(sent);
        let sleeps = use_ends - self.now < self.access_token() && self.chance(self.faults.lost_to_sleep);
        let is_lost = sleeps || self.chance(self.faults.lost);
        self.send(Sender::Device, sent, is_lost, 0);
        if self.chance(self.faults.second_tab) {
            let later = self.rng.random_range(0..=2 * SECOND);
            self.send(Sender::SecondTab, sent, false, later);
        }
        if sleeps {
            self.refresh_at_next_use();
        } else if is_lost {
            let delay = self.faults.retry.draw(&mut self.rng);
            self.push(self.now + delay, Event::Refresh);
        }
    }

    fn refresh_at_next_use(&mut self) {
        if let Some(next) = self.device.uses.next(self.now) {
            self.push(next, Event::Refresh);
        }
    }

    fn send(&mut self, from: Sender, Pair { token, key }: Pair, is_lost: bool, later: Millis) {
        let request = Request { from, token, key, session: self.session, is_lost };
        let at = self.now + later + self.latency();
        self.push(at, Event::Arrive(request));
    }

    fn arrive(&mut self, request: Request) {
        if request.session != self.session {
            return;
        }
        let reply = self.server.refresh(request.token, request.key, self.now);
        if !request.is_lost {
            let token = match reply {
                Reply::Token(token) => Some(token),
                Reply::Refused => None,
            };
            let at = self.now + self.latency();
            self.push(at, Event::Answer(request, token));
        }
    }

    fn answer(&mut self, request: Request, token: Option<usize>) {
        let sent = Pair { token: request.token, key: request.key };
        match (request.from, token) {
            (Sender::Thief, token) => self.thief_hears(token),
            (Sender::Device, Some(token)) => {
                self.device.take(sent, token);
                self.refresh_when_due();
            }
            (Sender::SecondTab, Some(token)) => self.device.take(sent, token),
            // The tab reads the store: its other tab has the answer, or will get the same one.
            (Sender::SecondTab, None) => {}
            // Another tab has refreshed meanwhile.
            (Sender::Device, None) if self.device.store.token != request.token => self.refresh(),
            (Sender::Device, None) => self.sign_out(),
        }
    }

    fn sign_out(&mut self) {
        self.sign_outs += 1;
        self.server.log_out();
        if self.thief.is_none() {
            self.server = self.rule.server(self.now);
        }
        self.session += 1;
        self.device.sign_in();
        self.refresh_when_due();
    }

    fn refresh_when_due(&mut self) {
        let percent = self.rng.random_range(70..=90);
        self.push(self.now + self.access_token() * percent / 100, Event::Refresh);
    }

    fn fresh_key(&mut self) -> Option<u64> {
        self.keys += 1;
        self.rule.with_keys.then_some(self.keys)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.random_bool(share)
    }

    fn latency(&mut self) -> Millis {
        self.rng.random_range(20..=200)
    }

    fn access_token(&self) -> Millis {
        Millis::from(self.options.access_token_seconds) * SECOND
    }
}
