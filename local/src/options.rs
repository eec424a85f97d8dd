//! What differs from one start to the next.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use rand::rngs::StdRng;
use shared::{Stopwatch, Timestamp};

/// Reads the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes the random generator of one invocation.
pub type Randomness = Arc<dyn Fn() -> StdRng + Send + Sync>;
/// Looks up a setting that replaces the template's; asked only for names that some function has.
pub type Settings = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How to start.
pub struct Options {
    /// Port of the API on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// Where the tables are.
    pub dynamodb: DynamoDb,
    /// Whether the embedded DynamoDB deletes expired rows by itself, once a minute of the system's time. A test that is
    /// about rows that have expired says when.
    pub sweeps: bool,
    /// Where data and keys are kept.
    pub data: Data,
    /// What replaces settings of the template.
    pub settings: Settings,
    /// The names that are set, of which those that are nearly settings are warned about.
    pub names: Vec<String>,
    /// The time.
    pub clock: Clock,
    /// The randomness.
    pub randomness: Randomness,
    /// How the functions measure what they report.
    pub stopwatch: Stopwatch,
    /// What becomes of mail.
    pub mail: Mail,
    /// Whether the link of each mail is logged, with the code in it: for a person who waits for the mail. A log that anybody
    /// else reads must not have it.
    pub are_links_logged: bool,
}

/// What becomes of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// There is none, as in a stack without a sender of mail.
    Off,
    /// The inbox keeps it, at `/_inbox`.
    Inbox,
    /// It is sent to this program on this machine too, by SMTP without encryption.
    Smtp(SocketAddr),
}

/// Which DynamoDB the functions use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DynamoDb {
    /// One of our own, in this process.
    Embedded {
        /// Address it listens on.
        bind: IpAddr,
        /// Port it listens on; 0 for a free one.
        port: u16,
    },
    /// One that runs already, such as Amazon's DynamoDB Local. Missing tables are created in it.
    External(String),
}

/// Where data and keys are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In memory, until the server stops.
    Memory,
    /// In a directory, which is created if it is not there.
    Directory(PathBuf),
}

impl Options {
    /// Everything in memory on free ports, settings as in the template: what a test starts from.
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
