//! The state that a peer keeps of one session: every token it has issued.

use super::{Reply, Server, Token};
use crate::Millis;

/// A peer's rule: the action for a token of a family that has not ended.
pub type Peer = fn(&Family, Token, Millis) -> Verdict;

/// The action for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answers with a new token.
    Rotate,
    /// Answers with a new token, and invalidates the one of the previous answer.
    RotateAnew,
    /// Answers with this token again.
    Same(Token),
    /// Refuses; the session lives on.
    Refuse,
    /// Refuses, and ends the session.
    End,
}

/// The tokens of one sign-in.
#[derive(Clone, Debug)]
pub struct Family {
    issued: Vec<Issued>,
    rotated_at: Millis,
    peer: Peer,
    has_ended: bool,
}

/// The state of a token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Issued {
    /// The number of rotations before it.
    pub generation: usize,
    /// When it was first refreshed.
    pub used_at: Option<Millis>,
    /// Its last successor.
    pub child: Option<Token>,
    /// Whether its parent was rotated again since.
    pub is_dead: bool,
}

impl Family {
    pub(super) fn begin(peer: Peer) -> Self {
        Self { issued: vec![Issued::default()], rotated_at: 0, peer, has_ended: false }
    }

    pub(super) fn get(&self, token: Token) -> Issued {
        self.issued.get(token).copied().unwrap_or_default()
    }

    /// Returns the token that was issued last.
    pub(super) fn newest(&self) -> Token {
        self.issued.len().saturating_sub(1)
    }

    /// Returns when a token was last issued.
    pub(super) fn rotated_at(&self) -> Millis {
        self.rotated_at
    }

    fn rotate(&mut self, token: Token, now: Millis) -> Token {
        let child = self.issued.len();
        let generation = self.get(token).generation + 1;
        if let Some(parent) = self.issued.get_mut(token) {
            parent.used_at = parent.used_at.or(Some(now));
            parent.child = Some(child);
        }
        self.issued.push(Issued { generation, ..Issued::default() });
        self.rotated_at = now;
        child
    }

    fn bury(&mut self, child: Option<Token>) {
        if let Some(child) = child.and_then(|child| self.issued.get_mut(child)) {
            child.is_dead = true;
        }
    }
}

impl Server for Family {
    fn refresh(&mut self, token: Token, _: Option<u64>, now: Millis) -> Reply {
        if self.has_ended {
            return Reply::Refused;
        }
        match (self.peer)(self, token, now) {
            Verdict::Rotate => Reply::Token(self.rotate(token, now)),
            Verdict::RotateAnew => {
                self.bury(self.get(token).child);
                Reply::Token(self.rotate(token, now))
            }
            Verdict::Same(successor) => Reply::Token(successor),
            Verdict::Refuse => Reply::Refused,
            Verdict::End => {
                self.has_ended = true;
                Reply::Refused
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.has_ended
    }

    // The rules of peers do not state whether clients do this.
    fn log_out(&mut self) {}
}
