//! The rule under check: the product's own flows and settings, or one deliberate break of them.

use shared::config;
use shared::flow::refresh::{Ending, Refresh, RefreshError, Step};
use shared::refresh_token::Nonce;
use shared::session::{Attempt, EndReason, Lifetimes, Limits, RefusalReason, Session};

use crate::exchange::Exchange;
use crate::token::{KEY, Key, Row, Token, USER, session_id};

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
    /// A retry key that a function of before has left in the row counts for the rotation that this function made.
    KeyOfAnotherGeneration,
    /// The budget excuses a client that sends keys if the rotation had none.
    BudgetForKeys,
    /// A client mints a key for each request, and has forgotten it when it repeats one.
    KeyNotStored,
    /// A client mints another key after a failure.
    KeyMintedAnew,
    /// A tab mints a key where another one has stored its own.
    KeyOverwritten,
    /// A client sends the same key with each token.
    KeyKept,
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
    pub(crate) fn refresh(&self, exchange: &Exchange, key: Option<Key>, fresh: Nonce) -> Refresh {
        let mut limits = self.limits;
        if self.is_broken(Mutation::GraceWithoutBound) {
            limits.grace = shared::Seconds(u32::MAX);
        }
        Refresh {
            presented: exchange.presented.genuine(),
            retry_key: key.map(Key::hash),
            nonce: fresh,
            key_id: KEY,
            idle: self.lifetimes.idle,
            limits,
            now: exchange.now,
        }
    }

    /// What a function sees of a row that comes back. One of before knows nothing of retry keys.
    pub(crate) fn seen(&self, exchange: &Exchange, row: &Row) -> Session {
        let mut session = row.session();
        if exchange.is_of_before {
            session.attempts = [None; 3];
        } else if self.is_broken(Mutation::KeyOfAnotherGeneration) {
            let generation = session.generation;
            let [newest, ..] = &mut session.attempts;
            *newest = newest.map(|attempt| Attempt { generation, ..attempt });
        }
        session
    }

    /// The retry key, as the flow has it that decides on the row which came back last.
    pub(crate) fn key(&self, exchange: &Exchange, heard: &[Option<Row>]) -> Option<Key> {
        let superseded = exchange.presented.genuine().generation;
        let read = heard.last().and_then(Option::as_ref);
        let is_keyless = read.is_some_and(|row| row.attempt(superseded).is_none());
        let is_ignored = exchange.is_of_before || is_keyless && self.is_broken(Mutation::BudgetForKeys);
        exchange.key.filter(|_| !is_ignored)
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
