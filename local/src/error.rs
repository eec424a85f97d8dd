//! The reasons why the server does not start, each in one line that names what to change.

use std::io;
use std::path::PathBuf;

use shared::config::ConfigError;
use shared::key_set::KeySetError;
use shared::key_set::rotation::RotationError;

use template::TemplateError;

/// A start that failed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template cannot be served.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has a Rust function without a handler.
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
    /// A route or a stream leads to a function of another kind, such as the authorizer.
    #[error("template.yaml: Resources.{function}: the handler {binary:?} is of the other kind")]
    WrongHandler {
        /// Logical id of the function.
        function: String,
        /// The binary it is built from.
        binary: String,
    },
    /// A setting has no value anywhere.
    #[error("{variable} must be set: the parameter {parameter} of template.yaml has no default")]
    Unset {
        /// The environment variable.
        variable: String,
        /// The parameter that would provide it.
        parameter: String,
    },
    /// A function refuses a setting.
    #[error("{problem} (a setting of {function})")]
    Setting {
        /// Logical id of the function.
        function: String,
        /// The error, which names the variable.
        problem: ConfigError,
    },
    /// A key set in the environment is invalid.
    #[error("KEY_SET {0}")]
    KeySet(KeySetError),
    /// New keys could not be made.
    #[error("the keys can't be made: the new set {0}")]
    NewKeys(KeySetError),
    /// The keys could not be rotated to another algorithm.
    #[error("the keys can't be rotated: {0}")]
    Rotation(RotationError),
    /// A setting of the server itself is invalid.
    #[error(transparent)]
    OwnSetting(ConfigError),
    /// Another program listens there.
    #[error("port {port} is taken: stop what listens there, or choose another with {flag}")]
    PortTaken {
        /// The port.
        port: u16,
        /// The option that chooses it.
        flag: &'static str,
    },
    /// The server cannot listen on the address.
    #[error("can't listen on {address}: {error}")]
    Bind {
        /// Address and port.
        address: std::net::SocketAddr,
        /// The system's error.
        error: io::Error,
    },
    /// The data directory cannot be used.
    #[error("the data directory {} can't be used: {error}", path.display())]
    DataDirectory {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// Another process uses the data directory.
    #[error("the data directory {} is in use by another process: stop it, or choose another with --data-dir", .0.display())]
    DataDirectoryInUse(PathBuf),
    /// A file of the data directory cannot be read or written.
    #[error("the file {} can't be used: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The file with the keys is damaged. It is left unchanged: without its keys every session is lost.
    #[error("the key file {} {problem}: restore it, or move it away to begin with new keys and no sessions", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// The error.
        problem: KeySetError,
    },
    /// The embedded DynamoDB does not start.
    #[error("the embedded DynamoDB ({place}) does not start: {message}")]
    Engine {
        /// The database file, or "in memory".
        place: String,
        /// Its error.
        message: String,
    },
    /// A table cannot be created or read.
    #[error("the table {table} can't be set up in DynamoDB at {endpoint}: {message}")]
    Table {
        /// Name of the table.
        table: String,
        /// The URL of DynamoDB.
        endpoint: String,
        /// Its error.
        message: String,
    },
    /// A table exists with another key than in the template.
    #[error("the table {0} has another key than in template.yaml: begin with another data directory")]
    OtherKey(String),
    /// A table exists with a stream of another view than in the template.
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
    /// The stream of a table cannot be read from its beginning.
    #[error("the stream of the table {table} can't be read: {message}")]
    Stream {
        /// Name of the table.
        table: String,
        /// DynamoDB's error.
        message: String,
    },
    /// Mail would leave this machine, unencrypted.
    #[error("mail goes to programs on this machine only, not to {0}: choose another with --smtp")]
    SmtpElsewhere(std::net::SocketAddr),
}
