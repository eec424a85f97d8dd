//! Why the server does not start: each in one line that names what to change.

use std::io;
use std::path::PathBuf;

use shared::config::ConfigError;
use shared::key_set::KeySetError;
use shared::key_set::rotation::RotationError;

use template::TemplateError;

/// A start that failed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template can't be served.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has a function in Rust that is not in the table of handlers.
    #[error(
        "template.yaml: Resources.{function}: nothing here runs the binary {binary:?}: \
         add a line for it to HANDLERS in local/src/functions.rs, and its crate to local/Cargo.toml"
    )]
    NoHandler {
        /// Logical id of the function.
        function: String,
        /// The binary it is built from.
        binary: String,
    },
    /// A route or a stream leads to the authorizer, or the like.
    #[error("template.yaml: Resources.{function}: the handler {binary:?} is of the other kind")]
    WrongHandler {
        /// Logical id of the function.
        function: String,
        /// The binary it is built from.
        binary: String,
    },
    /// A setting that has no value anywhere.
    #[error("{variable} must be set: the parameter {parameter} of template.yaml has no default")]
    Unset {
        /// The environment variable.
        variable: String,
        /// The parameter it would come from.
        parameter: String,
    },
    /// A setting that a function refuses.
    #[error("{problem} (a setting of {function})")]
    Setting {
        /// Logical id of the function.
        function: String,
        /// What is wrong, naming the variable.
        problem: ConfigError,
    },
    /// A key set in the environment that can't be used.
    #[error("KEY_SET {0}")]
    KeySet(KeySetError),
    /// New keys could not be made.
    #[error("the keys can't be made: the new set {0}")]
    NewKeys(KeySetError),
    /// The keys could not be rotated to another algorithm.
    #[error("the keys can't be rotated: {0}")]
    Rotation(RotationError),
    /// A setting of the server itself that can't be used.
    #[error(transparent)]
    OwnSetting(ConfigError),
    /// Somebody else listens there.
    #[error("port {port} is taken: stop what listens there, or choose another with {flag}")]
    PortTaken {
        /// The port.
        port: u16,
        /// The option that chooses it.
        flag: &'static str,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {error}")]
    Bind {
        /// Address and port.
        address: std::net::SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The data directory can't be used.
    #[error("the data directory {} can't be used: {error}", path.display())]
    DataDirectory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another process has the data directory.
    #[error("the data directory {} is in use by another process: stop it, or choose another with --data-dir", .0.display())]
    DataDirectoryInUse(PathBuf),
    /// A file of the data directory can't be read or written.
    #[error("the file {} can't be used: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file with the keys is damaged. It is left as it is: without its keys every session is lost.
    #[error("the key file {} {problem}: restore it, or move it away to begin with new keys and no sessions", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: KeySetError,
    },
    /// The embedded DynamoDB does not start.
    #[error("the embedded DynamoDB ({place}) does not start: {message}")]
    Engine {
        /// The database file, or "in memory".
        place: String,
        /// What it says.
        message: String,
    },
    /// A table can't be created or looked at.
    #[error("the table {table} can't be set up in DynamoDB at {endpoint}: {message}")]
    Table {
        /// Name of the table.
        table: String,
        /// Where DynamoDB is.
        endpoint: String,
        /// What it says.
        message: String,
    },
    /// A table is there with a key that the template does not give it.
    #[error("the table {0} has another key than in template.yaml: begin with another data directory")]
    OtherKey(String),
    /// A table is there with a stream that shows something else than the template says.
    #[error("the table {0} has another stream than in template.yaml: begin with another data directory")]
    OtherStream(String),
    /// A function reads the stream of a table that has none.
    #[error("template.yaml: Resources.{function}: the table {table} has no stream")]
    NoStream {
        /// Logical id of the function.
        function: String,
        /// Logical id of the table.
        table: String,
    },
    /// The stream of a table can't be read from its beginning.
    #[error("the stream of the table {table} can't be read: {message}")]
    Stream {
        /// Name of the table.
        table: String,
        /// What DynamoDB says.
        message: String,
    },
    /// Mail would leave this machine, unencrypted.
    #[error("mail goes to programs on this machine only, not to {0}: choose another with --smtp")]
    SmtpElsewhere(std::net::SocketAddr),
}
