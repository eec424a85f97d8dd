//! The rule under check: the product's own flows and settings, or one deliberate break of them.

use shared::Timestamp;
use shared::config;
use shared::flow::refresh::{Ending, Refresh, RefreshError, Step};
use shared::refresh_token::{Generation, Nonce};
use shared::session::{Attempt, EndReason, Lifetimes, Limits, RefusalReason, Session};

use crate::token::{KEY, Key, Row, Token, USER, session_id};

/// A deliberate break, which the check must catch. It changes a flow's limits, steps or answers, or the effect of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// The `UpdateItem` of a rotation has no condition.
    UnconditionalWrite,
    /// The row loses the nonce of the previous token.
    NoPreviousNonce,
    /// A superseded token is replayed at any age.
    GraceWithoutBound,
    /// The row is not searched for the nonce of this very request.
    NoOwnWriteRecognition,
    /// A token that is not ours ends the session that it names.
    DeleteOnUnknownToken,
    /// A late duplicate counts as reuse.
    DeleteOnLateDuplicate,
    /// A retry key that a function without keys has left in the row is attributed to the rotation that this function made.
    KeyOfAnotherGeneration,
    /// The older keys of a row are attributed to the rotations of their positions, whichever function made those.
    KeysByPlace,
    /// The budget excuses a client that sends keys if the rotation had none.
    BudgetForKeys,
    /// A client makes a key for each request, and has lost it when it repeats one.
    KeyNotStored,
    /// A client makes another key after a failure.
    KeyMintedAnew,
    /// A tab makes a key where another one has stored its own.
    KeyOverwritten,
    /// A client sends the same key with each token.
    KeyKept,
    /// A session is created without checking `Users.version`.
    PlainPut,
    /// A sweep updates the profile of a session that is gone.
    UpdateWithoutExists,
    /// A sweep finds nothing.
    NoSweep,
    /// The transaction of a code does not check its row.
    CodeNotAskedFor,
    /// A transaction does not check whether the code of the authenticator app was used.
    StepNotAskedFor,
    /// A code counts as bound to the current state of the account.
    CodeOfAnyVersion,
}

/// Settings, and the break.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The windows in which a superseded token is accepted.
    pub limits: Limits,
    /// The lifetimes of sessions.
    pub lifetimes: Lifetimes,
    /// The break; none in the product.
    pub broken: Option<Mutation>,
}

impl Rule {
    /// Returns the product with its default settings.
    ///
    /// # Panics
    /// Never panics: the defaults are valid settings.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the defaults are good settings")]
    pub fn product() -> Self {
        let nothing_is_set = |_: &str| None;
        let limits = config::limits(&nothing_is_set).expect("the default limits");
        let lifetimes = config::lifetimes(&nothing_is_set).expect("the default lifetimes");
        Self { limits, lifetimes, broken: None }
    }

    /// Returns the product with one break.
    #[must_use]
    pub fn broken(mutation: Mutation) -> Self {
        Self { broken: Some(mutation), ..Self::product() }
    }

    pub(crate) fn is_broken(&self, mutation: Mutation) -> bool {
        self.broken == Some(mutation)
    }

    /// Returns the input of a refresh.
    pub(crate) fn refresh(
        &self,
        presented: Token,
        key: Option<Key>,
        fresh: Nonce,
        now: Timestamp,
    ) -> Refresh {
        let mut limits = self.limits;
        if self.is_broken(Mutation::GraceWithoutBound) {
            limits.grace = shared::Seconds(u32::MAX);
        }
        Refresh {
            presented: presented.genuine(),
            retry_key: key.map(Key::hash),
            nonce: fresh,
            key_id: KEY,
            idle: self.lifetimes.idle,
            limits,
            now,
        }
    }

    /// Returns the keys that a function sees in a returned row.
    pub(crate) fn read(&self, mut row: Session) -> Session {
        let generations = [0, 1, 2].map(|back| row.generation.number().saturating_sub(back));
        for (place, (attempt, number)) in row.attempts.iter_mut().zip(generations).enumerate() {
            let generation = Generation::new(number).unwrap_or(Generation::LAST);
            let is_misread = match place {
                0 => self.is_broken(Mutation::KeyOfAnotherGeneration),
                _ => self.is_broken(Mutation::KeysByPlace),
            };
            if is_misread {
                *attempt = attempt.map(|attempt| Attempt { generation, ..attempt });
            }
        }
        row
    }

    /// Returns the retry key with which the flow decides about this row.
    pub(crate) fn key(&self, presented: Token, key: Option<Key>, row: Option<&Row>) -> Option<Key> {
        let made = presented.genuine().generation.next();
        let is_keyless = row.zip(made).is_some_and(|(row, made)| row.key_that_made(made).is_none());
        key.filter(|_| !(is_keyless && self.is_broken(Mutation::BudgetForKeys)))
    }

    /// Returns the nonce that a flow looks for in a returned row.
    pub(crate) fn recognised(&self, fresh: Nonce) -> Nonce {
        if self.is_broken(Mutation::NoOwnWriteRecognition) { Token::nobodys_nonce() } else { fresh }
    }

    /// Returns the end of the session of a token.
    pub(crate) fn ending(presented: Token, reason: EndReason) -> Ending {
        Ending { user_id: USER, session_id: session_id(presented.session), reason }
    }

    /// Returns the step that replaces the flow's.
    pub(crate) fn mutated(&self, step: Step, presented: Token) -> Step {
        let late_duplicate =
            matches!(&step, Step::Done(Err(RefreshError::Refused(RefusalReason::LateDuplicate))));
        if late_duplicate && self.is_broken(Mutation::DeleteOnLateDuplicate) {
            return Step::End(Self::ending(presented, EndReason::Reuse));
        }
        step
    }
}
