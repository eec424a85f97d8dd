//! The answer to a conditional write.

/// The answer of DynamoDB to a conditional write. `Old` is the row that failed the condition, `New` the result of a successful
/// write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionalWrite<Old, New = Old> {
    /// The condition held.
    Written(New),
    /// The condition failed on this row, or because the row does not exist.
    ConditionFailed(Option<Old>),
}
