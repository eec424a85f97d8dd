//! Faults by a seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::fault::Fault;

/// The faults of the first, the second, the n-th request, by a seed.
///
/// The n-th fault depends on the seed alone, not on what is asked, by whom, or when. Which of several requests under way
/// at once is the n-th depends on the machine.
#[derive(Debug)]
pub struct Schedule(StdRng);

type Draw = fn(&mut StdRng) -> Fault;

/// Parts of a thousand requests that meet each fault: about a fifth in all.
const PARTS: [(u32, Draw); 12] = [
    (20, |_| Fault::LostRequest),
    (30, |_| Fault::LostAnswer),
    (10, |_| Fault::CutRequest),
    (20, |_| Fault::CutAnswer),
    (20, |rng| Fault::Delayed(Duration::from_millis(rng.random_range(1..=30)))),
    (20, |_| Fault::Duplicated),
    (20, |rng| Fault::DuplicatedLater(rng.random_range(1..=4))),
    (20, |rng| Fault::DeliveredLate(rng.random_range(1..=2))),
    (15, |_| Fault::internal_error()),
    (15, |_| Fault::throughput_exceeded()),
    (15, |_| Fault::throttled()),
    (5, |_| Fault::Refused(Duration::from_millis(20))),
];

impl Schedule {
    /// The schedule of one proxy of a run; each `number` has another one.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> Self {
        // As far apart as an odd multiplier brings neighbours.
        Self(StdRng::seed_from_u64(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns the fault of the next request.
    pub fn next_fault(&mut self) -> Option<Fault> {
        let mut drawn = self.0.random_range(0..1000);
        for (parts, fault) in PARTS {
            if drawn < parts {
                return Some(fault(&mut self.0));
            }
            drawn -= parts;
        }
        None
    }
}
