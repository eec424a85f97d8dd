//! An honest device: the content of its store, and its periods of use.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::options::Options;
use crate::rules::Token;
use crate::{DAY, HOUR, MINUTE, Millis, SECOND};

/// A token, and the retry key stored with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pair {
    pub token: Token,
    pub key: Option<u64>,
}

/// A device. All its tabs share one store.
pub(crate) struct Device {
    pub store: Pair,
    /// The previous content of the store.
    pub previous: Pair,
    pub uses: Uses,
}

impl Device {
    /// Returns a device that has just signed in.
    pub(crate) fn begin(uses: Uses) -> Self {
        Self { store: Pair::default(), previous: Pair::default(), uses }
    }

    /// Returns what to send: the stored key, or `fresh`, which is stored before it is sent.
    pub(crate) fn send(&mut self, fresh: Option<u64>) -> Pair {
        self.store.key = self.store.key.or(fresh);
        self.store
    }

    /// Stores an answer. If the answer is the same again, the key beside it stays.
    pub(crate) fn take(&mut self, sent: Pair, token: Token) {
        if token != self.store.token {
            self.previous = sent;
            self.store = Pair { token, key: None };
        }
    }

    pub(crate) fn sign_in(&mut self) {
        self.store = Pair::default();
        self.previous = Pair::default();
    }
}

/// The periods of use of a device: in order, and none of them touches the next.
pub(crate) struct Uses(Vec<(Millis, Millis)>);

impl Uses {
    /// Draws the uses of some days: in the first 16 hours of each, in periods of half to one and a half times the mean.
    pub(crate) fn draw(options: &Options, days: u32, rng: &mut StdRng) -> Self {
        let mut stretches = Vec::new();
        for day in 0..days {
            let lengths = lengths(options, rng);
            let used: Millis = lengths.iter().sum();
            let mut pauses: Vec<Millis> =
                lengths.iter().map(|_| rng.random_range(0..=(16 * HOUR - used).max(0))).collect();
            pauses.sort_unstable();
            let mut before = 0;
            for (length, pause) in lengths.iter().zip(pauses) {
                let start = Millis::from(day) * DAY + pause + before;
                before += length + SECOND;
                stretches.push((start, start + length));
            }
        }
        Self(stretches)
    }

    /// Returns whether the device is in use.
    pub(crate) fn are_at(&self, now: Millis) -> bool {
        self.end(now).is_some()
    }

    /// Returns the end of the current period.
    pub(crate) fn end(&self, now: Millis) -> Option<Millis> {
        let begun = self.0.get(..self.begun(now))?;
        begun.last().map(|(_, end)| *end).filter(|end| now < *end)
    }

    /// Returns the beginning of the next period after `now`.
    pub(crate) fn next(&self, now: Millis) -> Option<Millis> {
        self.0.get(self.begun(now)).map(|(start, _)| *start)
    }

    /// Returns the number of periods that have begun.
    fn begun(&self, now: Millis) -> usize {
        self.0.partition_point(|(start, _)| *start <= now)
    }

    /// Returns how long the device is in use between two moments.
    pub(crate) fn between(&self, from: Millis, to: Millis) -> Millis {
        self.0.iter().map(|(start, end)| (to.min(*end) - from.max(*start)).max(0)).sum()
    }

    /// Returns a moment of a use of the second day.
    pub(crate) fn moment(&self, rng: &mut StdRng) -> Option<Millis> {
        let of_day: Vec<_> = self.of_second_day().collect();
        let (start, end) = *of_day.get(rng.random_range(0..of_day.len().max(1)))?;
        Some(rng.random_range(start..end))
    }

    /// Returns the end of the last use of the second day: a night follows.
    pub(crate) fn evening(&self) -> Option<Millis> {
        self.of_second_day().last().map(|(_, end)| end)
    }

    fn of_second_day(&self) -> impl Iterator<Item = (Millis, Millis)> + '_ {
        self.0.iter().copied().filter(|(start, _)| (DAY..2 * DAY).contains(start))
    }
}

fn lengths(options: &Options, rng: &mut StdRng) -> Vec<Millis> {
    let mean = (options.stretch_minutes * 60_000.0) as Millis;
    let mut left = (options.hours * 3_600_000.0) as Millis;
    let mut lengths = Vec::new();
    while left > 0 {
        let drawn = rng.random_range(mean / 2..=mean * 3 / 2);
        // No period is shorter than a minute: the rest goes to the last one.
        let length = if left - drawn < MINUTE { left } else { drawn };
        lengths.push(length);
        left -= length;
    }
    lengths
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rand::SeedableRng;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn a_device_is_used_for_as_many_hours_as_said_and_never_twice_at_once() {
        for hours in ["0.1", "3", "16"] {
            let options = Command::parse_from(["sim", "--hours", hours]).options;
            let uses = Uses::draw(&options, 4, &mut StdRng::seed_from_u64(1));
            let used: Millis = uses.0.iter().map(|(start, end)| end - start).sum();
            let expected = (options.hours * 4.0 * 3_600_000.0) as Millis;
            assert!((used - expected).abs() < 4, "{used} of {expected}");
            assert!(uses.0.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", uses.0);
        }
    }

    #[test]
    fn use_begins_and_ends_with_a_stretch_and_its_time_leaves_out_the_pauses() {
        let uses = Uses(vec![(10, 20), (30, 50)]);
        assert_eq!(
            [9, 10, 19, 20, 29, 49, 50].map(|now| uses.are_at(now)),
            [false, true, true, false, false, true, false]
        );
        assert_eq!((uses.next(9), uses.next(10), uses.next(30)), (Some(10), Some(30), None));
        assert_eq!((uses.between(15, 35), uses.between(20, 30), uses.between(0, 90)), (10, 0, 30));
    }

    #[test]
    fn the_first_key_that_is_stored_for_a_token_stays_and_ends_with_its_answer() {
        let options = Command::parse_from(["sim"]).options;
        let mut device = Device::begin(Uses::draw(&options, 1, &mut StdRng::seed_from_u64(1)));
        let sent = device.send(Some(7));
        assert_eq!((sent.key, device.send(Some(8)).key), (Some(7), Some(7)));
        device.take(sent, 1);
        assert_eq!((device.store.token, device.store.key, device.previous.key), (1, None, Some(7)));
        device.send(Some(9));
        device.take(sent, 1);
        assert_eq!(device.store.key, Some(9), "the other tab's answer is the same one");
    }
}
