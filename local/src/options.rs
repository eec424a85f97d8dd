//! The options of a start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use rand::rngs::StdRng;
use shared::{Stopwatch, Timestamp};

/// Reads the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes the random generator of one invocation.
pub type Randomness = Arc<dyn Fn() -> StdRng + Send + Sync>;
/// Looks up a setting that replaces the template's. It is only asked for names that some function has.
pub type Settings = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The options of a start.
pub struct Options {
    /// Port of the API on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The DynamoDB for the tables.
    pub dynamodb: DynamoDb,
    /// Whether the embedded DynamoDB deletes expired rows by itself, once a minute of the system's time. A test of
    /// expired rows deletes them explicitly.
    pub sweeps: bool,
    /// The location of data and keys.
    pub data: Data,
    /// The settings that replace those of the template.
    pub settings: Settings,
    /// The names that are set. The server warns about those that resemble settings.
    pub names: Vec<String>,
    /// The time.
    pub clock: Clock,
    /// The randomness.
    pub randomness: Randomness,
    /// The stopwatch of the functions' metrics.
    pub stopwatch: Stopwatch,
    /// The destination of mail.
    pub mail: Mail,
    /// Whether the link of each mail is logged, with the code in it, for a person who waits for the mail. A log that anybody
    /// else reads must not have it.
    pub are_links_logged: bool,
}

/// The destination of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// Mail is off, as in a stack without a sender of mail.
    Off,
    /// The inbox keeps it, at `/_inbox`.
    Inbox,
    /// The inbox keeps it, and it is sent to this program on this machine, by SMTP without encryption.
    Smtp(SocketAddr),
}

/// The DynamoDB of the functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DynamoDb {
    /// The embedded one, in this process.
    Embedded {
        /// The address that it listens on.
        bind: IpAddr,
        /// The port that it listens on; 0 for a free one.
        port: u16,
    },
    /// A running one, such as Amazon's DynamoDB Local. Missing tables are created in it.
    External(String),
}

/// The location of data and keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In memory, until the server stops.
    Memory,
    /// In a directory, which is created if it is missing.
    Directory(PathBuf),
}

impl Options {
    /// Returns options with everything in memory, on free ports, with the template's settings: the basis of tests.
    #[must_use]
    pub fn in_memory(clock: Clock, randomness: Randomness) -> Self {
        Self {
            port: 0,
            dynamodb: DynamoDb::Embedded { bind: Ipv4Addr::LOCALHOST.into(), port: 0 },
            sweeps: true,
            data: Data::Memory,
            settings: Box::new(|_| None),
            names: Vec::new(),
            clock,
            randomness,
            stopwatch: Stopwatch::STOPPED,
            mail: Mail::Inbox,
            are_links_logged: false,
        }
    }
}
