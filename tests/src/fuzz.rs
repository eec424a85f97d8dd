//! The targets of cargo-fuzz (`fuzz/`, `scripts/fuzz`): one module per target, each with a function of bytes that panics if
//! one of its properties does not hold.
//!
//! Not to panic is the minimum. Also: an accepted token is one that was minted, another spelling of it is
//! refused, a formatted value is read back, an error is one of the contract's and repeats nothing of the input, and a
//! refused request costs no request to DynamoDB.
//!
//! The suite runs the same functions on the stable toolchain over the seeds, the committed [`corpus`] and
//! [`mutation`]s of both.

pub mod access_token;
pub mod api_event;
pub mod authorizer;
mod body;
pub mod corpus;
pub mod device_token;
pub mod email;
mod functions;
mod genuine;
pub mod key_set;
pub mod login;
pub mod logout;
pub mod mutation;
pub mod refresh;
pub mod refresh_token;
pub mod register;
pub mod settings;
pub mod signed_claims;
pub mod template;

use crate::events;
use genuine::FIXTURE;

/// A parser of untrusted input.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, which its module, its binary and its corpus have too.
    pub name: &'static str,
    /// Checks every property for one input, and panics if one does not hold.
    pub check: fn(&[u8]),
    /// Real inputs, the same in each run: the fuzzer's start.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Texts that a random search would take long to find: the fuzzer's dictionary.
    pub words: &'static [&'static str],
}

/// All targets.
pub const TARGETS: [Target; 14] = [
    access_token::TARGET,
    api_event::TARGET,
    authorizer::TARGET,
    device_token::TARGET,
    email::TARGET,
    key_set::TARGET,
    login::TARGET,
    logout::TARGET,
    refresh::TARGET,
    refresh_token::TARGET,
    register::TARGET,
    settings::TARGET,
    signed_claims::TARGET,
    template::TARGET,
];

/// The events in `events/` that these functions are called with.
fn events_of(functions: &[&str]) -> Vec<Vec<u8>> {
    let cases = events::cases(&FIXTURE).into_iter();
    let chosen = cases.filter(|case| functions.contains(&case.function));
    chosen.map(|case| case.event.to_string().into_bytes()).collect()
}

/// The bodies of the events in `events/` that this function is called with.
fn bodies_of(function: &str) -> Vec<Vec<u8>> {
    let cases = events::cases(&FIXTURE).into_iter().filter(|case| case.function == function);
    cases.filter_map(|case| case.event["body"].as_str().map(|body| body.as_bytes().to_vec())).collect()
}
