//! Virtual users under faults on the wire, in short; `cargo run -p tools --bin faults` is the long form.

use std::time::Duration;

use tests::fault_run::{Account, FaultRun, Keys, Product, Report, Trouble};

/// Printed by a failing test.
const SEED: u64 = 2_026;

async fn run(product: Product, users: u32, rotations: u32) -> Report {
    run_with(Keys::None, product, users, rotations).await
}

async fn run_with(keys: Keys, product: Product, users: u32, rotations: u32) -> Report {
    let report = FaultRun { seed: SEED, users, rotations, outage: Duration::ZERO, keys, product }.run().await;
    println!("seed {SEED}, {product:?}\n{report}");
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g3_under_faults_on_the_wire_no_session_is_lost_and_none_forks() {
    let report = run(Product::AsItIs, 10, 8).await;
    assert!(report.is_good(), "{:?}", report.troubles);
    assert_eq!((report.sessions_lost(), report.forks(), report.unaccounted()), (0, 0, 0));
    assert!(report.rotations >= 10 * 8 && report.users == 10);
    // It was no fair weather.
    assert!(report.faults.len() >= 8 && report.outage_answers >= 10 * 4, "{report}");
    for outcome in ["rotated", "prompt_replay", "own_write"] {
        assert!(report.outcomes.contains_key(outcome), "{outcome} is missing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g3_under_faults_no_session_with_retry_keys_is_lost_to_hours_of_sleep() {
    let report = run_with(Keys::Stored, Product::AsItIs, 10, 12).await;
    assert!(report.is_good(), "{:?}", report.troubles);
    assert!(report.outcomes.contains_key("proven_replay"), "{report}");
    for never in ["too_many_proven_replays", "late_replay"] {
        assert!(!report.outcomes.contains_key(never), "{never}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g3_a_run_catches_keys_that_are_minted_anew() {
    let report = run_with(Keys::MintedAnew, Product::AsItIs, 4, 40).await;
    assert!(report.sessions_lost() > 0 && !report.is_good());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g3_a_run_catches_strict_single_use() {
    let report = run(Product::StrictSingleUse, 4, 40).await;
    assert!(report.sessions_lost() > 0 && !report.is_good());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g2_a_run_catches_writes_without_conditions() {
    let report = run(Product::WithoutConditions, 4, 40).await;
    assert!(report.forks() > 0 && !report.is_good());
}

/// A refresh token of this generation.
fn token(generation: u8, nonce: u8) -> String {
    use base64::Engine;
    let mut bytes = [nonce; 64];
    bytes[33..36].copy_from_slice(&[0, 0, generation]);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn an_account_finds_a_second_successor_and_a_skipped_generation() {
    let mut account = Account::new(token(0, 1));
    assert_eq!(account.keep(&token(0, 1), &token(1, 2)), Ok(()));
    assert_eq!(account.witness(&token(0, 1), &token(1, 2)), Ok(()));
    assert_eq!(account.keep(&token(1, 2), &token(2, 3)), Ok(()));
    assert_eq!((account.generation(), account.newest()), (2, token(2, 3).as_str()));
    assert!(matches!(account.clone().witness(&token(0, 1), &token(1, 9)), Err(Trouble::Fork(_))));
    assert!(matches!(account.witness(&token(2, 3), &token(4, 4)), Err(Trouble::Fork(_))));
    // An old answer that comes late does not become the newest.
    assert_eq!(account.keep(&token(0, 1), &token(1, 2)), Ok(()));
    assert_eq!(account.generation(), 2);
}
