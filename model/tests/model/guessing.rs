//! A stranger who guesses while the owner signs in: the product violates nothing, and each deliberate break is caught.

use model::guarantee::Guarantee;
use model::guessing::{Bounds, Success, World};
use model::search::{exhaust, shortest_violation};

use crate::product::say;

/// The bounds of each, and the minimum number of states: a world that has shrunk checks less.
const WORLDS: [(Bounds, usize); 3] = [
    (Bounds { guesses: 5, sign_ins: 2, crashes: 0, resends: 0, seconds: 5 }, 240_000),
    (Bounds { guesses: 3, sign_ins: 2, crashes: 1, resends: 1, seconds: 3 }, 130_000),
    (Bounds { guesses: 3, sign_ins: 3, crashes: 0, resends: 0, seconds: 2 }, 13_000),
];

#[test]
fn sign_ins_of_the_owner_give_no_more_guesses_and_leave_no_count() {
    for (bounds, at_least) in WORLDS {
        let report = exhaust(World::new(bounds));
        say(&format!("guessing {bounds:?}: {report}"));
        assert!(report.violations.is_empty(), "{:#?}", report.violations);
        assert!(report.states >= at_least, "{bounds:?} has shrunk to {} states", report.states);
    }
}

fn check(success: Success, guarantee: Guarantee) {
    let bounds = Bounds { guesses: 3, sign_ins: 1, crashes: 0, resends: 0, seconds: 1 };
    let mut broken = World::new(bounds);
    broken.success = success;
    assert!(shortest_violation(broken, guarantee).is_some(), "{success:?} goes unnoticed");
    assert_eq!(shortest_violation(World::new(bounds), guarantee), None);
}

#[test]
fn a_success_that_forgets_all_attempts_is_caught() {
    check(Success::ForgetsAll, Guarantee::NoMoreGuesses);
}

#[test]
fn a_success_that_stays_counted_is_caught() {
    check(Success::StaysCounted, Guarantee::OwnerLeavesNoCount);
}
