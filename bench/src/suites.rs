//! What can be measured.

mod authorizer;
mod growth;
mod hash_times;
mod local;
mod login;
mod refresh;
mod starts;

use clap::ValueEnum;

use crate::figures::Measured;
use crate::{Arguments, Failure};

/// One of the things that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// The authorizer, beside other verifiers of JWTs.
    Authorizer,
    /// A refresh, beside another service that rotates refresh tokens.
    Refresh,
    /// A sign-in with a password, and its hash alone.
    Login,
    /// The local server, beside another one that rotates refresh tokens.
    Local,
    /// What tables that grow change.
    Growth,
    /// The start of every function.
    Starts,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    match arguments.suite {
        Suite::Authorizer => authorizer::run(arguments).await,
        Suite::Refresh => refresh::run(arguments).await,
        Suite::Login => login::run(arguments).await,
        Suite::Local => local::run(arguments).await,
        Suite::Growth => growth::run(arguments).await,
        Suite::Starts => starts::run(arguments).await,
    }
}
