//! The product's own functions, in every world.

use std::io::Write;
use std::sync::LazyLock;

use model::coverage::{Branch, Coverage};
use model::guarantee::Guarantee::{self, *};
use model::refreshing::{self, Start};
use model::search::{Report, exhaust};
use model::signing_in;
use shared::Seconds;
use shared::session::Limits;

/// Each world, its bounds, and the minimum number of states: a world that has shrunk checks less.
const REFRESHING: [(Start, [u8; 6], usize); 9] = [
    (Start::Young, [3, 1, 1, 1, 1, 2], 2_000_000),
    (Start::Young, [3, 0, 0, 2, 0, 3], 270_000),
    (Start::Young, [5, 0, 1, 0, 0, 2], 310_000),
    (Start::Young, [3, 0, 0, 4, 0, 1], 10_000),
    (Start::Worn, [3, 1, 0, 1, 1, 2], 730_000),
    (Start::Worn, [3, 0, 1, 1, 0, 2], 120_000),
    (Start::Old, [3, 1, 0, 1, 0, 2], 160_000),
    (Start::LastGeneration, [3, 1, 1, 1, 1, 1], 61_000),
    (Start::Restored, [2, 3, 0, 0, 1, 1], 93_000),
];

/// Which of the two clients send retry keys, and how often a function without retry keys takes a refresh.
type Keys = ([bool; 2], u8);

/// Worlds in which clients send retry keys, as above.
const KEYED: [(Keys, Start, [u8; 6], usize); 8] = [
    ((BOTH, 0), Start::Young, [3, 1, 0, 1, 0, 2], 500_000),
    ((BOTH, 0), Start::Young, [4, 0, 1, 1, 0, 2], 400_000),
    ((BOTH, 1), Start::Young, [4, 0, 1, 0, 0, 2], 300_000),
    ((BOTH, 1), Start::Young, [3, 0, 0, 1, 0, 2], 67_000),
    ((BOTH, 1), Start::Young, [3, 1, 0, 0, 1, 2], 600_000),
    (([true, false], 0), Start::Young, [3, 1, 0, 1, 0, 1], 150_000),
    ((BOTH, 0), Start::Asleep, [3, 1, 0, 1, 0, 1], 51_000),
    ((BOTH, 0), Start::Restored, [2, 2, 0, 0, 0, 1], 40_000),
];

const BOTH: [bool; 2] = [true; 2];

/// Fields of `signing_in::Bounds`, in their order.
const SIGNING_IN: [([u8; 8], usize); 5] = [
    ([2, 1, 1, 0, 0, 1, 1, 1], 102_000),
    ([1, 1, 1, 1, 0, 0, 1, 0], 40_000),
    ([1, 0, 1, 1, 1, 0, 0, 1], 30_000),
    ([1, 1, 1, 1, 1, 0, 0, 0], 156_000),
    ([1, 0, 0, 2, 0, 1, 0, 1], 10_000),
];

/// Worlds with mailed codes: how often those for another password, for the address and for another
/// address are used, and the one that undoes it.
const WITH_CODES: [([u8; 4], [u8; 8], usize); 10] = [
    ([2, 0, 0, 0], [1, 0, 1, 0, 0, 0, 1, 1], 69_000),
    ([1, 0, 0, 0], [2, 1, 0, 0, 0, 1, 0, 1], 1_000),
    ([1, 1, 0, 0], [1, 0, 0, 0, 1, 0, 0, 1], 40_000),
    ([0, 2, 0, 0], [1, 0, 1, 0, 0, 1, 0, 1], 184_000),
    ([0, 0, 2, 0], [1, 0, 0, 0, 0, 0, 1, 1], 4_500),
    ([1, 0, 1, 0], [1, 0, 0, 0, 0, 0, 0, 1], 1_500),
    ([0, 0, 1, 2], [1, 0, 0, 0, 0, 0, 0, 0], 2_300),
    ([0, 0, 1, 1], [1, 0, 1, 0, 0, 0, 0, 1], 9_300),
    ([0, 0, 1, 1], [1, 0, 0, 1, 0, 0, 1, 0], 62_000),
    ([1, 0, 1, 1], [1, 1, 0, 0, 0, 0, 0, 0], 19_000),
];

/// Worlds in which an operator disables the account: how often, and how often the code for another password is used.
const DISABLED: [([u8; 2], [u8; 8], usize); 3] = [
    ([2, 0], [1, 0, 0, 1, 0, 0, 0, 1], 66_000),
    ([1, 0], [1, 0, 0, 0, 0, 0, 1, 1], 370),
    ([1, 1], [1, 1, 0, 0, 0, 0, 0, 1], 10_700),
];

/// Worlds in which the account has an authenticator app, of which every request presents the same code: how often the codes for
/// another password and for another address are used.
const WITH_APP: [([u8; 2], [u8; 8], usize); 5] = [
    ([0, 0], [3, 0, 0, 0, 0, 0, 0, 1], 50),
    ([0, 0], [2, 1, 1, 0, 0, 0, 0, 1], 590),
    ([0, 0], [1, 1, 2, 1, 0, 0, 0, 1], 34_000),
    ([1, 0], [1, 0, 1, 1, 0, 0, 0, 0], 30_000),
    ([0, 1], [2, 0, 1, 0, 0, 0, 0, 1], 4_500),
];

const STRICT: Limits = Limits { retry: Seconds(0), grace: Seconds(0), late_replays: 3 };

struct Search {
    reports: Vec<Report>,
    coverage: Coverage,
}

/// Every world is searched once; each test below looks at what was found.
static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let coverage = Coverage::default();
    let mut reports = Vec::new();
    for (start, bounds, at_least) in REFRESHING {
        let mut world = refreshing_world(start, bounds);
        world.coverage = coverage.clone();
        reports.push(search(&format!("{start:?} {bounds:?}"), at_least, || exhaust(world)));
    }
    for (keys, start, bounds, at_least) in KEYED {
        let mut world = keyed_world(keys, start, bounds);
        world.coverage = coverage.clone();
        let name = format!("{start:?} {bounds:?}, keys {keys:?}");
        reports.push(search(&name, at_least, || exhaust(world)));
    }
    for (keys, at_least) in [([false; 2], 74_000), (BOTH, 200_000)] {
        let mut strict = keyed_world((keys, 0), Start::Young, [3, 1, 0, 2, 0, 1]);
        strict.rule.limits = STRICT;
        reports.push(search(&format!("strict single use, keys {keys:?}"), at_least, || exhaust(strict)));
    }
    for (bounds, at_least) in SIGNING_IN {
        let mut world = signing_in_world(bounds);
        world.coverage = coverage.clone();
        reports.push(search(&format!("signing in {bounds:?}"), at_least, || exhaust(world)));
    }
    for (uses, bounds, at_least) in WITH_CODES {
        let mut world = world_with_codes(uses, bounds);
        world.coverage = coverage.clone();
        reports.push(search(&format!("signing in {bounds:?}, codes {uses:?}"), at_least, || exhaust(world)));
    }
    for (ends, bounds, at_least) in DISABLED {
        let mut world = disabling_world(ends, bounds);
        world.coverage = coverage.clone();
        reports
            .push(search(&format!("signing in {bounds:?}, disabled {ends:?}"), at_least, || exhaust(world)));
    }
    for (uses, bounds, at_least) in WITH_APP {
        let mut world = world_with_app(uses, bounds);
        world.coverage = coverage.clone();
        reports.push(search(
            &format!("signing in {bounds:?}, with an app, codes {uses:?}"),
            at_least,
            || exhaust(world),
        ));
    }
    Search { reports, coverage }
});

pub(crate) fn refreshing_world(start: Start, bounds: [u8; 6]) -> refreshing::World {
    refreshing::World::new(start, bounds.into())
}

pub(crate) fn keyed_world((keys, rollbacks): Keys, start: Start, bounds: [u8; 6]) -> refreshing::World {
    let mut world = refreshing_world(start, bounds);
    world.keys = keys;
    world.bounds.rollbacks = rollbacks;
    world
}

fn signing_in_world(bounds: [u8; 8]) -> signing_in::World {
    signing_in::World::new(bounds.into())
}

pub(crate) fn world_with_codes(uses: [u8; 4], bounds: [u8; 8]) -> signing_in::World {
    let mut world = signing_in_world(bounds);
    let [resets, proofs, moves, undos] = uses;
    world.bounds = signing_in::Bounds { resets, proofs, moves, undos, ..world.bounds };
    world
}

pub(crate) fn disabling_world([disables, resets]: [u8; 2], bounds: [u8; 8]) -> signing_in::World {
    let mut world = world_with_codes([resets, 0, 0, 0], bounds);
    world.bounds.disables = disables;
    world
}

pub(crate) fn world_with_app([resets, moves]: [u8; 2], bounds: [u8; 8]) -> signing_in::World {
    let mut world = world_with_codes([resets, 0, moves, 0], bounds);
    world.app = signing_in::App::Unused;
    world
}

fn search(name: &str, at_least: usize, run: impl FnOnce() -> Report) -> Report {
    let report = run();
    say(&format!("{name}: {report}"));
    assert!(report.states >= at_least, "{name} has shrunk to {} states", report.states);
    report
}

/// Writes past the capture of a test's output: sizes and traces belong into every log.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout();
    out.write_all(format!("model: {text}\n").as_bytes()).unwrap();
}

fn check(guarantees: &[Guarantee]) {
    for guarantee in guarantees {
        for report in &SEARCH.reports {
            assert_eq!(report.violations.get(guarantee.name()), None, "{} is violated", guarantee.name());
        }
    }
}

#[test]
fn g2_a_session_never_forks_and_all_that_refresh_one_token_get_the_same() {
    check(&[OneSuccessor, NoFork]);
}

#[test]
fn g3_lost_answers_retries_tabs_and_resends_sign_nobody_out() {
    check(&[RepeatGetsSuccessor, OwnWriteIsRecognised]);
}

#[test]
fn g3_a_client_with_a_retry_key_is_answered_at_any_age() {
    check(&[KeyIsAnswered]);
}

#[test]
fn g3_a_late_duplicate_never_ends_a_session() {
    check(&[LateDuplicateKeeps]);
}

#[test]
fn g4_what_is_not_excused_ends_the_session_and_nothing_else_does() {
    check(&[ReuseEnds, OnlyReuseEnds]);
}

#[test]
fn g4_a_forged_token_changes_nothing() {
    check(&[ForgedChangesNothing]);
}

#[test]
fn g5_what_was_ended_neither_refreshes_nor_comes_back() {
    check(&[EndedRefusesRefresh, EndedStaysEnded]);
}

#[test]
fn g5_no_sign_in_with_the_old_password_leaves_a_session_behind() {
    check(&[OldPasswordLeavesNothing]);
}

#[test]
fn g5_a_sign_in_finishes_what_a_change_that_died_has_left() {
    check(&[SignInFinishesChanges]);
}

#[test]
fn g6_a_crash_leaves_whole_rotations_and_a_retry_recovers() {
    check(&[WholeRotations, CrashRecovers]);
}

#[test]
fn the_write_applies_exactly_when_the_rule_says_rotate() {
    check(&[ConditionIsTheRule]);
}

#[test]
fn nothing_succeeds_past_a_lifetime() {
    check(&[LifetimesEnd]);
}

#[test]
fn a_mailed_code_works_once_and_not_after_a_change_that_ended_sessions() {
    check(&[CodeWorksOnce]);
}

#[test]
fn g5_a_disabled_account_has_no_session_and_none_begins() {
    check(&[DisabledLeavesNothing]);
}

#[test]
fn of_all_requests_with_one_code_of_an_authenticator_app_one_succeeds() {
    check(&[FactorWorksOnce]);
}

#[test]
fn a_change_of_roles_reaches_every_session() {
    check(&[RolesReachSessions]);
}

#[test]
fn a_change_of_the_address_and_its_undo_reach_every_session() {
    check(&[AddressReachesSessions]);
}

#[test]
fn every_branch_is_exercised() {
    for branch in Branch::ALL {
        assert!(SEARCH.coverage.count(*branch) > 0, "{branch:?} is never taken: {:#?}", SEARCH.coverage);
    }
}

#[test]
fn a_function_runs_no_longer_than_its_timeout_in_the_template() {
    let template = include_str!("../../../template.yaml");
    let globals = template.split("\nGlobals:\n").nth(1).and_then(|rest| rest.split("\nResources:\n").next());
    let timeout = format!("    Timeout: {}\n", refreshing::FUNCTION_TIMEOUT.0);
    assert!(globals.is_some_and(|globals| globals.contains(&timeout)), "{timeout}");
}
