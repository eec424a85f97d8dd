//! The engine of the tables.

/// The engine of the tables. Tests expect the same of both, except those of `tests/tests/e2e/suite/engines.rs`, which state the
/// differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one in the local server.
    Embedded,
    /// Amazon's DynamoDB Local.
    DynamoDbLocal,
}
