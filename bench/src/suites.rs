//! What can be measured.

mod authorizer;

use clap::ValueEnum;

use crate::figures::Measured;
use crate::{Arguments, Failure};

/// One of the things that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// The authorizer, beside other verifiers of JWTs.
    Authorizer,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    match arguments.suite {
        Suite::Authorizer => authorizer::run(arguments).await,
    }
}
