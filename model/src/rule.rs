//! The rule under check: the product's own flows and settings, or one deliberate break of them.

use shared::Timestamp;
use shared::config;
use shared::flow::refresh::{Ending, Refresh, RefreshError, Step};
use shared::refresh_token::Nonce;
use shared::session::{EndReason, Lifetimes, Limits, RefusalReason};

use crate::token::{KEY, Token, USER, session_id};

/// A deliberate break, which the check must catch. It acts on a flow's limits, steps or answers, or on what a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// The `UpdateItem` of a rotation has no condition.
    UnconditionalWrite,
    /// The row forgets the nonce of the token before.
    NoPreviousNonce,
    /// A superseded token is replayed however old it is.
    GraceWithoutBound,
    /// The row is not searched for the nonce of this very request.
    NoOwnWriteRecognition,
    /// A token that is not ours ends the session that it names.
    DeleteOnUnknownToken,
    /// A late duplicate counts as reuse.
    DeleteOnLateDuplicate,
    /// A session is created without looking at `Users.version`.
    PlainPut,
    /// A sweep updates the profile of a session that is gone.
    UpdateWithoutExists,
    /// A sweep finds nothing.
    NoSweep,
}

/// Settings, and what is broken.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How far a superseded token is excused.
    pub limits: Limits,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// The break; none in the product.
    pub broken: Option<Mutation>,
}

impl Rule {
    /// The product with its default settings.
    ///
    /// # Panics
    /// Never: the defaults are good settings.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the defaults are good settings")]
    pub fn product() -> Self {
        let nothing_is_set = |_: &str| None;
        let limits = config::limits(&nothing_is_set).expect("the default limits");
        let lifetimes = config::lifetimes(&nothing_is_set).expect("the default lifetimes");
        Self { limits, lifetimes, broken: None }
    }

    /// The product with one break.
    #[must_use]
    pub fn broken(mutation: Mutation) -> Self {
        Self { broken: Some(mutation), ..Self::product() }
    }

    pub(crate) fn is_broken(&self, mutation: Mutation) -> bool {
        self.broken == Some(mutation)
    }

    /// What a refresh begins with.
    pub(crate) fn refresh(&self, presented: Token, fresh: Nonce, now: Timestamp) -> Refresh {
        let mut limits = self.limits;
        if self.is_broken(Mutation::GraceWithoutBound) {
            limits.grace = shared::Seconds(u32::MAX);
        }
        Refresh {
            presented: presented.genuine(),
            nonce: fresh,
            key_id: KEY,
            idle: self.lifetimes.idle,
            limits,
            now,
        }
    }

    /// The nonce that a flow looks for in a row that comes back.
    pub(crate) fn recognised(&self, fresh: Nonce) -> Nonce {
        if self.is_broken(Mutation::NoOwnWriteRecognition) { Token::nobodys_nonce() } else { fresh }
    }

    /// The end of the session of a token.
    pub(crate) fn ending(presented: Token, reason: EndReason) -> Ending {
        Ending { user_id: USER, session_id: session_id(presented.session), reason }
    }

    /// The step that is taken in place of the flow's.
    pub(crate) fn mutated(&self, step: Step, presented: Token) -> Step {
        let late_duplicate =
            matches!(&step, Step::Done(Err(RefreshError::Refused(RefusalReason::LateDuplicate))));
        if late_duplicate && self.is_broken(Mutation::DeleteOnLateDuplicate) {
            return Step::End(Self::ending(presented, EndReason::Reuse));
        }
        step
    }
}
