//! Why a command is not done.

use shared::config::ConfigError;

/// Why a command is not done. Its text is what the user is told.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// No option says where.
    #[error(
        "say where: --stack NAME, --function NAME, or --endpoint-url http://127.0.0.1:8000 for cargo run"
    )]
    NoTarget,
    /// The AWS CLI can't be run.
    #[error(
        "the AWS CLI can't be run, which finds credentials and stacks ({0}); or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION, and use --function"
    )]
    NoAwsCli(std::io::Error),
    /// The AWS CLI says why not.
    #[error("the AWS CLI: {0}")]
    AwsCli(String),
    /// A setting is bad.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// The template can't be read.
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
    /// The function failed, or its answer is lost. What it was to do may be done in part.
    #[error("{0}; repeating the command finishes it")]
    Failed(String),
    /// A file that is to be imported can't be opened.
    #[error("{0}: {1}")]
    Unopened(String, std::io::Error),
    /// A file that is to be imported can't be read further.
    #[error("{0}")]
    File(#[from] import::TableError),
    /// An import of the file has stopped midway.
    #[error(
        "an import of this file has stopped at line {0}: --resume goes on there, and --from-line 1 begins anew"
    )]
    Unfinished(u64),
    /// There is no import to go on with.
    #[error("{0}")]
    NoState(String),
    /// Not all lines are imported. Each has been named.
    #[error("{0} lines are not imported")]
    NotImported(u64),
    /// The runtime or the output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
