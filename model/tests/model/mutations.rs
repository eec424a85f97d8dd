//! Each deliberate break is caught by the guarantee that it breaks, in a world where the product violates nothing.

use model::guarantee::Guarantee;
use model::refreshing::Start;
use model::rule::{Mutation, Rule};
use model::search::shortest_violation;

use crate::product::{disabling_world, keyed_world, refreshing_world, world_with_app, world_with_codes};

fn check(mutation: Mutation, start: Start, bounds: [u8; 6], guarantee: Guarantee) {
    let world = refreshing_world(start, bounds);
    let mut broken = world.clone();
    broken.rule = Rule::broken(mutation);
    assert!(shortest_violation(broken, guarantee).is_some(), "{mutation:?} goes unnoticed");
    assert_eq!(shortest_violation(world, guarantee), None);
}

/// In a world whose clients send retry keys.
fn check_keys(mutation: Mutation, rollbacks: u8, bounds: [u8; 6], guarantee: Guarantee) {
    let world = keyed_world(([true; 2], rollbacks), Start::Young, bounds);
    let mut broken = world.clone();
    broken.rule = Rule::broken(mutation);
    assert!(shortest_violation(broken, guarantee).is_some(), "{mutation:?} goes unnoticed");
    assert_eq!(shortest_violation(world, guarantee), None);
}

fn check_sign_in(mutation: Mutation, bounds: [u8; 8], guarantee: Guarantee) {
    check_codes(mutation, [0; 4], bounds, guarantee);
}

fn check_codes(mutation: Mutation, uses: [u8; 4], bounds: [u8; 8], guarantee: Guarantee) {
    let world = world_with_codes(uses, bounds);
    let mut broken = world.clone();
    broken.rule = Rule::broken(mutation);
    assert!(shortest_violation(broken, guarantee).is_some(), "{mutation:?} goes unnoticed");
    assert_eq!(shortest_violation(world, guarantee), None);
}

#[test]
fn g2_catches_an_unconditional_write() {
    check(Mutation::UnconditionalWrite, Start::Young, [2, 0, 0, 0, 0, 0], Guarantee::NoFork);
    check(Mutation::UnconditionalWrite, Start::Young, [2, 0, 0, 0, 0, 0], Guarantee::ConditionIsTheRule);
}

#[test]
fn g3_and_g6_catch_a_row_without_the_previous_nonce() {
    check(Mutation::NoPreviousNonce, Start::Young, [2, 0, 0, 1, 0, 0], Guarantee::RepeatGetsSuccessor);
    check(Mutation::NoPreviousNonce, Start::Young, [2, 0, 0, 1, 0, 0], Guarantee::CrashRecovers);
    check(Mutation::NoPreviousNonce, Start::Young, [2, 0, 0, 1, 0, 0], Guarantee::WholeRotations);
}

#[test]
fn g4_catches_a_grace_without_bound() {
    check(Mutation::GraceWithoutBound, Start::Young, [1, 1, 0, 0, 0, 1], Guarantee::ReuseEnds);
}

#[test]
fn g3_catches_a_rule_that_does_not_know_its_own_write() {
    check(Mutation::NoOwnWriteRecognition, Start::Young, [3, 0, 0, 1, 0, 0], Guarantee::OwnWriteIsRecognised);
}

#[test]
fn g4_catches_a_delete_on_an_unknown_token() {
    check(Mutation::DeleteOnUnknownToken, Start::Young, [0, 1, 0, 0, 0, 0], Guarantee::ForgedChangesNothing);
}

#[test]
fn g3_catches_a_delete_on_a_late_duplicate() {
    check(Mutation::DeleteOnLateDuplicate, Start::Young, [2, 0, 1, 0, 0, 1], Guarantee::LateDuplicateKeeps);
}

#[test]
fn g3_catches_a_client_that_does_not_store_its_key_first() {
    check_keys(Mutation::KeyNotStored, 0, [2, 0, 0, 1, 0, 2], Guarantee::KeyIsAnswered);
}

#[test]
fn g3_catches_a_client_that_mints_another_key_after_a_failure() {
    check_keys(Mutation::KeyMintedAnew, 0, [2, 0, 0, 1, 0, 2], Guarantee::KeyIsAnswered);
}

#[test]
fn g3_catches_a_tab_that_overwrites_the_key_of_another() {
    check_keys(Mutation::KeyOverwritten, 0, [3, 0, 0, 1, 0, 2], Guarantee::KeyIsAnswered);
}

#[test]
fn g3_catches_a_client_that_keeps_a_key_after_the_next_rotation() {
    check_keys(Mutation::KeyKept, 0, [2, 0, 0, 0, 0, 0], Guarantee::KeyIsAnswered);
}

#[test]
fn g4_catches_a_key_that_is_compared_with_another_generation() {
    check_keys(Mutation::KeyOfAnotherGeneration, 1, [2, 1, 0, 0, 0, 1], Guarantee::ReuseEnds);
}

#[test]
fn g3_catches_keys_that_are_read_by_their_place_in_the_row() {
    check_keys(Mutation::KeysByPlace, 1, [4, 0, 1, 0, 0, 0], Guarantee::LateDuplicateKeeps);
}

#[test]
fn g4_catches_a_budget_for_clients_with_keys() {
    check_keys(Mutation::BudgetForKeys, 1, [2, 0, 0, 1, 0, 2], Guarantee::ReuseEnds);
}

#[test]
fn g5_catches_a_session_created_by_a_plain_put() {
    check_sign_in(Mutation::PlainPut, [1, 0, 1, 0, 0, 0, 0, 0], Guarantee::OldPasswordLeavesNothing);
    check_sign_in(Mutation::PlainPut, [1, 0, 0, 1, 0, 0, 0, 0], Guarantee::RolesReachSessions);
}

#[test]
fn a_transaction_that_does_not_ask_for_the_row_of_its_code_is_caught() {
    check_codes(Mutation::CodeNotAskedFor, [0, 2, 0, 0], [0; 8], Guarantee::CodeWorksOnce);
}

#[test]
fn a_code_that_works_after_a_change_that_ended_sessions_is_caught() {
    check_codes(Mutation::CodeOfAnyVersion, [1, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0], Guarantee::CodeWorksOnce);
}

#[test]
fn a_transaction_that_does_not_ask_whether_the_code_of_an_app_was_used_is_caught() {
    for bounds in [[2, 0, 0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0, 0]] {
        let world = world_with_app([0; 2], bounds);
        let mut broken = world.clone();
        broken.rule = Rule::broken(Mutation::StepNotAskedFor);
        let violation = shortest_violation(broken, Guarantee::FactorWorksOnce);
        assert!(violation.is_some(), "{bounds:?}");
        assert_eq!(shortest_violation(world, Guarantee::FactorWorksOnce), None);
    }
}

#[test]
fn g5_catches_a_reset_without_a_sweep() {
    check_codes(
        Mutation::NoSweep,
        [1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0, 0],
        Guarantee::OldPasswordLeavesNothing,
    );
}

#[test]
fn g5_catches_a_disable_without_a_sweep_and_a_sign_in_by_a_plain_put() {
    for mutation in [Mutation::NoSweep, Mutation::PlainPut] {
        let world = disabling_world([1, 0], [1, 0, 0, 0, 0, 0, 0, 0]);
        let mut broken = world.clone();
        broken.rule = Rule::broken(mutation);
        assert!(shortest_violation(broken, Guarantee::DisabledLeavesNothing).is_some(), "{mutation:?}");
        assert_eq!(shortest_violation(world, Guarantee::DisabledLeavesNothing), None);
    }
}

#[test]
fn a_change_of_the_address_without_a_sweep_is_caught() {
    let sign_in = [1, 0, 0, 0, 0, 0, 0, 0];
    check_codes(Mutation::NoSweep, [0, 0, 1, 0], sign_in, Guarantee::AddressReachesSessions);
}

#[test]
fn g5_catches_a_sweep_that_brings_a_row_back() {
    check_sign_in(Mutation::UpdateWithoutExists, [0, 0, 0, 1, 0, 1, 1, 0], Guarantee::EndedStaysEnded);
    check_sign_in(Mutation::UpdateWithoutExists, [0, 0, 0, 1, 0, 1, 1, 0], Guarantee::EndedRefusesRefresh);
}

#[test]
fn g5_catches_a_password_change_without_a_sweep() {
    check_sign_in(Mutation::NoSweep, [1, 0, 1, 0, 0, 0, 0, 0], Guarantee::OldPasswordLeavesNothing);
    check_sign_in(Mutation::NoSweep, [1, 1, 1, 0, 0, 0, 0, 1], Guarantee::SignInFinishesChanges);
    check_sign_in(Mutation::NoSweep, [0, 0, 0, 1, 0, 0, 0, 0], Guarantee::RolesReachSessions);
}
