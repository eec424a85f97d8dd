//! A state of the world: the table's row, who is doing what, and what has happened.

use shared::{Seconds, Timestamp};

use super::history::History;
use crate::exchange::Exchange;
use crate::guarantee::Violations;
use crate::token::{Key, Row, Token};

/// How much may still happen. These bounds are what makes the world finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounds {
    /// Refreshes by the two clients, retries included.
    pub refreshes: u8,
    /// Refreshes by the thief.
    pub thefts: u8,
    /// Requests of which the network delivers a second, delayed copy.
    pub copies: u8,
    /// Crashes, lost answers, resends of the SDK, and requests that a client gives up while they go on.
    pub faults: u8,
    /// Logouts and revocations.
    pub ends: u8,
    /// Passings of time.
    pub ticks: u8,
    /// Refreshes by the two clients that a function serves which knows nothing of retry keys.
    pub rollbacks: u8,
}

impl From<[u8; 6]> for Bounds {
    /// The fields in their order, and no rollbacks.
    fn from([refreshes, thefts, copies, faults, ends, ticks]: [u8; 6]) -> Self {
        Self { refreshes, thefts, copies, faults, ends, ticks, rollbacks: 0 }
    }
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The one clock.
    pub now: Timestamp,
    /// The row of the session.
    pub row: Option<Row>,
    /// The two clients, in no particular order: worlds in which they have changed places are one.
    pub tabs: [Tab; 2],
    /// Requests that no client waits for, in no particular order.
    pub strays: Vec<Stray>,
    /// What has happened.
    pub history: History,
    /// The retry key that the clients have stored, where it does not follow from the token: in no product.
    pub stored_key: Option<Key>,
    /// What was violated on the way here.
    pub violations: Violations,
    /// What may still happen.
    pub left: Bounds,
}

/// An honest client: it keeps one refresh in flight, repeats it with the same token after a failure, and takes over
/// what it is answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tab {
    /// Its refresh token.
    pub held: Token,
    /// Whether it sends retry keys.
    pub keeps_keys: bool,
    /// What it is doing.
    pub doing: Doing,
    /// Whether its last request failed after it had reached the function.
    pub failed: bool,
}

/// What a client is doing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doing {
    /// Nothing.
    Idle,
    /// Waiting for the function.
    Refreshing(Refresh),
    /// It was refused.
    SignedOut,
}

/// A request without a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stray {
    /// A copy on its way through the network.
    Copy {
        /// The token in it.
        token: Token,
        /// The retry key in it.
        key: Option<Key>,
        /// When the request was sent.
        sent: Timestamp,
    },
    /// In the function: of the thief, or of a client that has given up, or a copy that arrived.
    Running(Refresh),
}

/// A refresh in the function, and what the check must know of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refresh {
    /// The request.
    pub exchange: Exchange,
    /// Whether it began after an end of the session was answered.
    pub after_end: bool,
    /// When it was sent, if it is a delayed copy: followed for the literal reading alone.
    pub copy_of: Option<Timestamp>,
    /// Whether it repeats a request that failed.
    pub is_retry: bool,
    /// Whether its token was found to be superseded and not excused.
    pub guilty: bool,
}

/// Whose refresh it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A client's.
    Tab(usize),
    /// Nobody's that waits.
    Stray(usize),
}

/// A step.
///
/// Three things need none of their own. A request that is lost or delayed on its way to the function is one that the
/// client sends later, since it still holds the same token. An answer that is slow is one that the client has and does
/// not use yet. And a revocation of all sessions, as far as one row goes, is its delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client sends its token, and the function reads its clock.
    Refresh(usize),
    /// The same, and a function that was rolled back to one without retry keys takes it.
    RefreshBefore(usize),
    /// A client sends its token, and a copy stays behind in the network.
    RefreshTwice(usize),
    /// A client takes over the newer token that the other has stored.
    Follow(usize),
    /// The function makes its next request to DynamoDB, and if that was the last one, the client gets its answer.
    Request(Who),
    /// DynamoDB does as it is asked, the answer is lost, and the SDK will ask again.
    RequestUnheard(Who),
    /// DynamoDB does as it is asked, and the function crashes, gives up, or its answer to the client is lost.
    RequestAndFail(Who),
    /// A client stops waiting, while its request goes on.
    GiveUp(usize),
    /// A delayed copy arrives.
    Arrive(usize),
    /// The thief refreshes with a copy of this token, and this retry key.
    Steal(Token, Option<Key>),
    /// The thief makes up a token for the session.
    Forge,
    /// A logout with any token of the session, or a revocation, deletes the row and is answered.
    End,
    /// The table's TTL deletes a row that is over.
    Sweep,
    /// Time passes.
    Tick(Seconds),
}
