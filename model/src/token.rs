//! Tokens and rows in a form that a model checker can hash and order.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use shared::ids::{SessionId, UserId};
use shared::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken};
use shared::retry_key::RetryKeyHash;
use shared::session::Session;

/// The only key of the model's tokens.
pub(crate) const KEY: RefreshKeyId = RefreshKeyId(1);

/// The only user of the model.
pub(crate) const USER: UserId = UserId::from_bytes([1; 16]);

/// A name that no nonce gets.
const NOBODY: u8 = 0xff;

/// A genuine refresh token by name: its session, its generation, and the name of its nonce.
///
/// A nonce is named when it is first written. Until then only the request that made it knows it, so that its name
/// does not matter, and worlds that differ only in such names are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// Its session.
    pub session: u8,
    /// The number of refreshes of the session before it was minted.
    pub generation: u32,
    /// The name of its nonce.
    pub nonce: u8,
}

impl Token {
    /// Returns the token itself.
    #[must_use]
    pub fn genuine(self) -> RefreshToken {
        RefreshToken {
            user_id: USER,
            session_id: session_id(self.session),
            key_id: KEY,
            generation: Generation::new(self.generation).unwrap_or(Generation::LAST),
            nonce: nonce(self.nonce),
        }
    }

    /// Returns the name of a token.
    #[must_use]
    pub fn of(token: &RefreshToken) -> Self {
        let [session, ..] = *token.session_id.as_bytes();
        Self { session, generation: token.generation.number(), nonce: name(&token.nonce) }
    }

    pub(crate) fn nobodys_nonce() -> Nonce {
        nonce(NOBODY)
    }
}

/// Returns the nonce with this name.
pub(crate) fn nonce(name: u8) -> Nonce {
    Nonce::from_bytes([name; 12])
}

/// A retry key by name.
///
/// An honest client has one for each token, the same in all tabs, so that the token's nonce can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u8);

impl Key {
    /// The thief's own key.
    pub const THIEFS: Self = Self(0xfe);

    /// The key that honest clients have stored for this token.
    #[must_use]
    pub fn of(token: Token) -> Self {
        Self(token.nonce)
    }

    /// Returns its hash, as in the table.
    pub(crate) fn hash(self) -> RetryKeyHash {
        RetryKeyHash::from_bytes([self.0; 16])
    }
}

/// Returns the session with this number.
pub(crate) fn session_id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

fn name(nonce: &Nonce) -> u8 {
    let [name, ..] = *nonce.as_bytes();
    name
}

/// A row of the table of refresh tokens: the product's own [`Session`], shared between the states that hold it.
#[derive(Clone, Debug)]
pub struct Row(Arc<Session>);

impl Row {
    /// Returns the row with this content.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self(Arc::new(session))
    }

    /// Returns the session.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::clone(&self.0)
    }

    /// Returns everything in which two rows of one model can differ.
    fn content(&self) -> impl Ord + Hash + '_ {
        let row = &*self.0;
        (
            (
                row.session_id,
                row.generation.number(),
                name(&row.nonce),
                row.previous_nonce.as_ref().map(name),
            ),
            (row.superseded, row.late_replays, row.late_at),
            (row.attempts, row.proven_replays, row.proven_at),
            (row.created_at, row.ends_at, row.expires_at),
            (&row.profile.roles, row.profile.account_version),
        )
    }
}

impl Deref for Row {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        self.content().cmp(&other.content())
    }
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.content().hash(state);
    }
}
