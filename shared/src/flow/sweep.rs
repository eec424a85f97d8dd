//! The sweep: after a sign-in or a change of the account, one consistent query finds the sessions that must end or get the
//! current profile.
//!
//! It completes a change that died midway.

use crate::account::Account;
use crate::ids::{SessionId, UserId};
use crate::session::{Begun, OwnSessions, ProfileUpdate, Session, Swept, SweptBy};

/// The next request to DynamoDB, or the outcome.
#[derive(Clone, Debug)]
pub enum Step {
    /// Query the user's sessions, consistently.
    Query(Querying),
    /// Delete sessions, in any order.
    End(Ending),
    /// Update the profiles of sessions, in any order.
    Update(Updating),
    /// The sweep is over.
    Done,
}

/// A sweep before its query.
#[derive(Clone, Debug)]
pub struct Querying {
    account: Present,
    begun: Option<Begun>,
}

/// Sessions that are being deleted.
#[derive(Clone, Debug)]
pub struct Ending {
    account: Present,
    swept: Swept,
}

/// Sessions whose profiles are being updated.
#[derive(Clone, Debug)]
pub struct Updating {
    /// The writes, each to a row of its own.
    pub writes: Vec<ProfileUpdate>,
}

/// The state of the account that a sweep needs.
#[derive(Clone, Debug)]
struct Present {
    user_id: UserId,
    profile: crate::session::Profile,
    version: i64,
    ended_version: i64,
}

/// Returns the first step of the sweep for `account`. `begun` is the new session and the maximum number of
/// sessions.
#[must_use]
pub fn start(account: &Account, begun: Option<(&Session, usize)>) -> Step {
    let Account { user_id, version, ended_version, .. } = *account;
    let account = Present { user_id, profile: account.profile(), version, ended_version };
    let begun = begun.map(|(session, keep)| Begun {
        session_id: session.session_id,
        created_at: session.created_at,
        keep,
    });
    Step::Query(Querying { account, begun })
}

impl Querying {
    /// Returns the user whose sessions are queried.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// Takes DynamoDB's answer.
    #[must_use]
    pub fn then(self, own: &OwnSessions) -> Step {
        let Present { version, ended_version, .. } = self.account;
        let swept = own.swept(&SweptBy { version, ended_version, begun: self.begun });
        if swept.ended.is_empty() {
            self.account.update(swept)
        } else {
            Step::End(Ending { account: self.account, swept })
        }
    }
}

impl Ending {
    /// Returns the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// Returns the sessions to delete.
    #[must_use]
    pub fn sessions(&self) -> &[SessionId] {
        &self.swept.ended
    }

    /// The sessions are deleted.
    #[must_use]
    pub fn then(self) -> Step {
        self.account.update(self.swept)
    }
}

impl Updating {
    /// Each profile is updated, unless its session is gone or has a newer one.
    #[must_use]
    pub fn then(self) -> Step {
        Step::Done
    }
}

impl Present {
    fn update(self, swept: Swept) -> Step {
        let Self { user_id, profile, .. } = self;
        let write = |session_id| ProfileUpdate { user_id, session_id, profile: profile.clone() };
        let writes: Vec<_> = swept.updated.into_iter().map(write).collect();
        if writes.is_empty() { Step::Done } else { Step::Update(Updating { writes }) }
    }
}
