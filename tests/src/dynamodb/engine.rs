//! Which DynamoDB it is.

/// What holds the tables. Tests say the same of both, but for those of `tests/tests/e2e/suite/engines.rs`, which say how they
/// differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The one in the local server.
    Embedded,
    /// Amazon's.
    DynamoDbLocal,
}
