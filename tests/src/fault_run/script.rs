//! The actions of a virtual user, by a seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use shared::Seconds;

/// How a client refreshes this time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Once, and again as long as there is no answer.
    Plainly,
    /// The first answer does not reach it.
    AnswerLost,
    /// The first answer takes too long for it, so it repeats the request beside the first.
    Impatiently(Duration),
    /// Two tabs at once.
    InTwoTabs,
    /// The first answer does not reach it, and it tries again so much later.
    Late(Seconds),
    /// So many times, after which the request of the first arrives once more.
    WithLateDuplicate(u32),
}

pub(super) struct Script(StdRng);

impl Script {
    pub(super) fn new(seed: u64, number: u32) -> Self {
        // Another stream than that of the user's schedule.
        Self(StdRng::seed_from_u64(seed.rotate_left(32) ^ u64::from(number) ^ 0x005e_ed0f_0a5c_2197))
    }

    pub(super) fn step(&mut self) -> Step {
        let rng = &mut self.0;
        match rng.random_range(0..100) {
            0..50 => Step::Plainly,
            50..65 => Step::AnswerLost,
            65..75 => Step::Impatiently(Duration::from_millis(rng.random_range(0..20))),
            75..90 => Step::InTwoTabs,
            90..95 => Step::Late(Seconds(rng.random_range(6..=600))),
            _ => Step::WithLateDuplicate(rng.random_range(2..=3)),
        }
    }

    /// Returns the time until the next refresh: a few minutes, or a night.
    pub(super) fn pause(&mut self) -> Seconds {
        let is_night = self.0.random_range(0..12) == 0;
        Seconds(if is_night { self.0.random_range(28_800..=43_200) } else { self.0.random_range(0..=300) })
    }
}
