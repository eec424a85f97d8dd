//! The answer to a conditional write.

/// What DynamoDB answers to a conditional write. `Old` is the row that failed the condition, `New` what a successful write
/// returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionalWrite<Old, New = Old> {
    /// The condition held.
    Written(New),
    /// The condition failed on this row, or because there is no row.
    ConditionFailed(Option<Old>),
}
