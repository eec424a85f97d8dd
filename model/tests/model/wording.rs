//! Where design section 6, read literally, promises more than the rule keeps: the shortest trace of each case. The
//! conditions under which the guarantees hold are those of `product.rs`, and are spelled out in `model/README.md`.

use model::guarantee::Guarantee;
use model::refreshing::Start;
use model::search::shortest_violation;

use crate::product::{refreshing_world, say};

fn check(start: Start, bounds: [u8; 6], guarantee: Guarantee) {
    let mut world = refreshing_world(start, bounds);
    world.as_worded = true;
    let trace = shortest_violation(world, guarantee).expect("the wording holds: say so in model/README.md");
    say(&format!("{} {start:?}\n{trace}", guarantee.name()));
}

#[test]
fn g3_grace_counts_from_the_clock_reading_of_the_request_that_wrote() {
    check(Start::Young, [2, 0, 0, 0, 0, 4], Guarantee::AsWordedGrace);
}

#[test]
fn g3_a_late_duplicate_one_generation_back_ends_a_session_without_budget() {
    check(Start::Worn, [1, 0, 1, 0, 0, 1], Guarantee::AsWordedDuplicate);
}

#[test]
fn g3_a_late_duplicate_of_a_late_replay_ends_the_session() {
    check(Start::Young, [3, 0, 1, 0, 0, 1], Guarantee::AsWordedDuplicate);
}

#[test]
fn g3_a_late_duplicate_four_generations_back_ends_the_session() {
    check(Start::Young, [4, 0, 1, 0, 0, 0], Guarantee::AsWordedDuplicate);
}

#[test]
fn g3_a_resend_is_refused_when_its_write_was_refreshed_twice_meanwhile() {
    check(Start::Young, [4, 0, 0, 1, 0, 0], Guarantee::AsWordedResend);
}

#[test]
fn g6_a_retry_after_the_retry_window_ends_a_session_without_budget() {
    check(Start::Worn, [2, 0, 0, 1, 0, 1], Guarantee::AsWordedCrash);
}
