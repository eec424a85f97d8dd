//! The end of a user's sessions by the user.
//!
//! # Invariants
//! The other sessions end first and the caller's own last: if this stops midway, the caller still has a session to
//! repeat the request with.

use crate::Timestamp;
use crate::api::EndSessions;
use crate::ids::{SessionId, UserId};
use crate::session::OwnSessions;

/// The input of the end of sessions.
#[derive(Clone, Copy, Debug)]
pub struct EndOwn {
    /// The user, by the access token.
    pub user_id: UserId,
    /// The caller's session.
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
    /// The ended sessions. `None` if the caller's session had ended before.
    Done(Option<Vec<SessionId>>),
}

/// The end of sessions, before its query.
#[derive(Clone, Debug)]
pub struct Querying {
    /// The request. The sessions of its user are queried.
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
    /// The sessions are deleted.
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
