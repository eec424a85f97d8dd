//! The reasons why a command failed.

use shared::config::ConfigError;

/// The reason why a command failed. Its text is shown to the user.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// No option names a target.
    #[error(
        "say where: --stack NAME, --function NAME, or --endpoint-url http://127.0.0.1:8000 for cargo run"
    )]
    NoTarget,
    /// Variables name several targets.
    #[error("{0} and {1} are both set: unset one of them, or say which target by an option")]
    SeveralTargets(&'static str, &'static str),
    /// A variable is invalid.
    #[error("{0}: {1}")]
    Variable(&'static str, String),
    /// The AWS CLI cannot be run.
    #[error(
        "the AWS CLI can't be run, which finds credentials and stacks ({0}); or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION, and use --function"
    )]
    NoAwsCli(std::io::Error),
    /// The AWS CLI does not know a command.
    #[error(
        "the AWS CLI doesn't know `aws {0}`: version 2 is needed; or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION, and use --function"
    )]
    OldAwsCli(&'static str),
    /// The AWS CLI failed, with its own message.
    #[error("the AWS CLI: {0}")]
    AwsCli(String),
    /// A setting is invalid.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// The template cannot be read.
    #[error("template.yaml: {0}")]
    Template(String),
    /// The function refuses.
    #[error("{code}: {description}")]
    Refused {
        /// The code of the error.
        code: String,
        /// A sentence about it.
        description: String,
    },
    /// Lambda refuses to invoke the function. Nothing was done.
    #[error("the function can't be invoked: {0}")]
    NotInvoked(String),
    /// The function failed, or its answer is lost. The command may be partly done.
    #[error("{0}; repeating the command finishes it")]
    Failed(String),
    /// The function in this process failed.
    #[error(
        "{0}; repeating the command finishes it, if {1} is the DynamoDB of cargo run (by default port 8000, not that of the API)"
    )]
    FailedHere(String, String),
    /// A file to import cannot be opened.
    #[error("{0}: {1}")]
    Unopened(String, std::io::Error),
    /// A file to import cannot be read further.
    #[error("{0}")]
    File(#[from] import::TableError),
    /// An import has stopped midway.
    #[error(
        "an import of this file has stopped at line {0}: --resume goes on there, and --from-line 1 begins anew"
    )]
    Unfinished(u64),
    /// There is no import to resume.
    #[error("{0}")]
    NoState(String),
    /// Some lines are not imported. Each was reported.
    #[error("{}", not_imported(*.0))]
    NotImported(u64),
    /// Users whose authenticator app is missing in an export. Each has been named.
    #[error(
        "{0} lines are without the authenticator app of their user, whose data key is missing: imported so, those users need no code"
    )]
    WithoutTotp(usize),
    /// The runtime or the output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

fn not_imported(lines: u64) -> String {
    if lines == 1 { "1 line is not imported".to_owned() } else { format!("{lines} lines are not imported") }
}

impl CliError {
    /// Returns whether the command that failed may have done a part of its work.
    pub(crate) fn may_be_partly_done(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::FailedHere(..) | Self::Io(_))
    }
}
