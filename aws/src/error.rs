//! Errors of tables.

use aws_sdk_dynamodb::error::{BuildError, SdkError};
use shared::issue::IssueError;
use shared::password::HashError;

/// A failed request to a table: DynamoDB did not answer in time, refused, or a row is malformed.
///
/// The text is for the log. DynamoDB's messages name tables and attributes, not the values of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No answer, or an error.
    #[error("DynamoDB: {0}")]
    Request(String),
    /// A row lacks an attribute or has it in another type.
    #[error("the attribute {0} of a row is missing or of another form")]
    Row(&'static str),
    /// Others were writing the same rows during all tries.
    #[error("DynamoDB: too many transactions on the same rows at once")]
    Contention,
    /// A passkey is to come or go, and the function has no setting that names their table.
    #[error("PASSKEYS_TABLE is not set")]
    NoPasskeysTable,
    /// Some deletes of a batch were left undone in all tries.
    #[error("DynamoDB: {0} deletes were left unprocessed")]
    Unprocessed(usize),
}

impl<E, R> From<SdkError<E, R>> for TableError
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Request(messages(&error))
    }
}

/// The reason why a request that opens a session failed. The client may retry.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A table failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Implements conversions of these errors into a function's error, which has a variant for [`ServiceError`].
#[macro_export]
macro_rules! service_errors {
    ($function_error:ty: $($error:ty),*) => {
        $(impl From<$error> for $function_error {
            fn from(error: $error) -> Self {
                $crate::ServiceError::from(error).into()
            }
        })*
    };
}

/// Converts the error of an incomplete request. Our requests are complete.
impl From<BuildError> for TableError {
    fn from(error: BuildError) -> Self {
        Self::Request(error.to_string())
    }
}

/// Returns the messages of an SDK error and its causes, but not its `Debug`, which the SDK's own `DisplayErrorContext` adds:
/// that prints the raw answer, which may contain a row or a key set.
pub(crate) fn messages(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
