//! The least that an authorizer can be: a loop over a blocking socket, no framework, nothing but what a good token needs.
//!
//! It verifies the tokens that Ratchet's authorizer verifies, with the same keys, and answers the same policy. It knows one
//! format of events, one algorithm, and neither logs nor says why it refuses.
#![expect(clippy::disallowed_methods, reason = "a program of one file reads the clock and the environment")]

mod answer;
mod runtime;
mod token;

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use runtime::RuntimeApi;
use token::Verifier;

fn main() -> Result<(), Box<dyn Error>> {
    let verifier =
        Verifier::new(&std::env::var("PUBLIC_KEYS")?, std::env::var("ISSUER")?, std::env::var("AUDIENCE")?)?;
    let mut api = RuntimeApi::connect(&std::env::var("AWS_LAMBDA_RUNTIME_API")?)?;
    loop {
        let event = api.next()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let answer = answer::answer(&verifier, event.body, now)?;
        let id = event.id.to_owned();
        api.respond(&id, &answer)?;
    }
}
