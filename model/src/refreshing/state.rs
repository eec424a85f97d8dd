//! A state of the world: the table's row, the requests and clients, and the past.

use shared::{Seconds, Timestamp};

use super::history::History;
use crate::exchange::Exchange;
use crate::guarantee::Violations;
use crate::token::{Key, Row, Token};

/// The remaining actions. These bounds make the world finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounds {
    /// Refreshes by the two clients, retries included.
    pub refreshes: u8,
    /// Refreshes by the thief.
    pub thefts: u8,
    /// Requests that the network duplicates, with a delayed copy.
    pub copies: u8,
    /// Crashes, lost answers, resends of the SDK, and requests that a client abandons while they continue.
    pub faults: u8,
    /// Logouts and revocations.
    pub ends: u8,
    /// Passings of time.
    pub ticks: u8,
    /// Refreshes by the two clients through a function that does not know retry keys.
    pub rollbacks: u8,
}

impl From<[u8; 6]> for Bounds {
    /// Takes the fields in their order, without rollbacks.
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
    /// The two clients, in no particular order: worlds that differ only by their exchange are equal.
    pub tabs: [Tab; 2],
    /// Requests without a waiting client, in no particular order.
    pub strays: Vec<Stray>,
    /// The past.
    pub history: History,
    /// The stored retry key of the clients, if it does not follow from the token: never in the product.
    pub stored_key: Option<Key>,
    /// The violations on the path to this state.
    pub violations: Violations,
    /// The remaining actions.
    pub left: Bounds,
}

/// An honest client: it keeps one refresh in flight, repeats it with the same token after a failure, and adopts
/// the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tab {
    /// Its refresh token.
    pub held: Token,
    /// Whether it sends retry keys.
    pub keeps_keys: bool,
    /// Its current action.
    pub doing: Doing,
    /// Whether its last request failed after reaching the function.
    pub failed: bool,
}

/// The current action of a client.
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
    /// A copy in the network.
    Copy {
        /// Its token.
        token: Token,
        /// Its retry key.
        key: Option<Key>,
        /// When the request was sent.
        sent: Timestamp,
    },
    /// A request in the function: of the thief, of a client that has given up, or a copy that has arrived.
    Running(Refresh),
}

/// A refresh in the function, and the data that the check needs about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refresh {
    /// The request.
    pub exchange: Exchange,
    /// Whether it began after a client was told of an end of the session.
    pub after_end: bool,
    /// When it was sent, if it is a delayed copy: only for the literal check.
    pub copy_of: Option<Timestamp>,
    /// Whether it repeats a request that failed.
    pub is_retry: bool,
    /// Whether its token was found to be superseded and not excused.
    pub guilty: bool,
}

/// The owner of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A client's.
    Tab(usize),
    /// A request without a waiting client.
    Stray(usize),
}

/// A step.
///
/// Three events need no step. A request that is lost or delayed on its way to the function equals one that the
/// client sends later, because it still has the same token. A slow answer equals one that the client has and does
/// not use yet. A revocation of all sessions is, for one row, its delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client sends its token, and the function reads its clock.
    Refresh(usize),
    /// The same, and a function that was rolled back to one without retry keys takes it.
    RefreshBefore(usize),
    /// A client sends its token, and a copy stays behind in the network.
    RefreshTwice(usize),
    /// A client adopts the newer token that the other has stored.
    Follow(usize),
    /// The function makes its next request to DynamoDB, and if that was the last one, the client gets its answer.
    Request(Who),
    /// DynamoDB serves the request, the answer is lost, and the SDK will repeat the request.
    RequestUnheard(Who),
    /// DynamoDB serves the request, and the function crashes, gives up, or its answer to the client is lost.
    RequestAndFail(Who),
    /// A client stops waiting, while its request continues.
    GiveUp(usize),
    /// A delayed copy arrives.
    Arrive(usize),
    /// The thief refreshes with a copy of this token, and this retry key.
    Steal(Token, Option<Key>),
    /// The thief makes up a token for the session.
    Forge,
    /// A logout with any token of the session, or a revocation, deletes the row and is answered.
    End,
    /// The table's TTL deletes an expired row.
    Sweep,
    /// Time passes.
    Tick(Seconds),
}
