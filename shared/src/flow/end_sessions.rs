//! The end of a user's sessions, by the user.
//!
//! # Invariants
//! The others end first and the caller's own session last: whatever stops this midway, the caller still has a session that may
//! send the request again.

use crate::Timestamp;
use crate::api::EndSessions;
use crate::ids::{SessionId, UserId};
use crate::session::OwnSessions;

/// What the end of sessions begins with.
#[derive(Clone, Copy, Debug)]
pub struct EndOwn {
    /// The user, by the access token.
    pub user_id: UserId,
    /// The session that asks.
    pub caller: SessionId,
    /// The sessions to end.
    pub which: EndSessions,
    /// The clock reading of the request.
    pub now: Timestamp,
}

/// The next request to DynamoDB, or the outcome.
#[derive(Clone, Debug)]
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Querying),
    /// Delete sessions, in any order.
    End(Ending),
    /// The sessions that have ended. None if the session that asks had ended before.
    Done(Option<Vec<SessionId>>),
}

/// The end of sessions, before its query.
#[derive(Clone, Debug)]
pub struct Querying {
    /// What is asked for. The sessions of its user are queried.
    pub request: EndOwn,
}

/// Sessions that are being deleted.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The user.
    pub user_id: UserId,
    /// The sessions.
    pub sessions: Vec<SessionId>,
    own: Option<SessionId>,
    ended: Vec<SessionId>,
}

impl EndOwn {
    /// Returns the first step.
    #[must_use]
    pub fn start(self) -> Step {
        Step::Query(Querying { request: self })
    }
}

impl Querying {
    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let EndOwn { user_id, caller, which, now } = self.request;
        if !own.has_living(caller, now) {
            return Step::Done(None);
        }
        let sessions = own.all_but(caller);
        let own = (which == EndSessions::All).then_some(caller);
        Ending { user_id, sessions, own, ended: Vec::new() }.next()
    }
}

impl Ending {
    /// They are deleted.
    #[must_use]
    pub fn then(self) -> Step {
        let Self { sessions, mut ended, .. } = self;
        ended.extend(sessions);
        let sessions = self.own.into_iter().collect();
        Self { user_id: self.user_id, sessions, own: None, ended }.next()
    }

    fn next(mut self) -> Step {
        if self.sessions.is_empty() {
            self.sessions.extend(self.own.take());
        }
        if self.sessions.is_empty() { Step::Done(Some(self.ended)) } else { Step::End(self) }
    }
}
