//! The rule under check: the product's own functions, or one deliberate break of them.

use shared::refresh_token::{Nonce, RefreshKeyId};
use shared::session::{Decision, EndReason, Lifetimes, Limits, Refusal, Session, decide};
use shared::{Seconds, Timestamp};

use crate::token::Token;

/// The default settings of the product (design section 10).
pub const LIMITS: Limits = Limits { retry: Seconds(5), grace: Seconds(600), late_replays: 3 };

/// The default lifetimes of the product.
pub const LIFETIMES: Lifetimes = Lifetimes { idle: Seconds(604_800), absolute: Seconds(2_592_000) };

/// The one key that all tokens of the model are made with.
pub(crate) const KEY: RefreshKeyId = RefreshKeyId(1);

/// A deliberate break, which the check must catch. Without one, every function below is the product's own.
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
    /// A change of roles rewrites rows without `attribute_exists(generation)`.
    RewriteWithoutExists,
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
    pub const PRODUCT: Self = Self { limits: LIMITS, lifetimes: LIFETIMES, broken: None };

    /// The product with one break.
    #[must_use]
    pub fn broken(mutation: Mutation) -> Self {
        Self { broken: Some(mutation), ..Self::PRODUCT }
    }

    pub(crate) fn is_broken(&self, mutation: Mutation) -> bool {
        self.broken == Some(mutation)
    }

    pub(crate) fn decide(
        &self,
        row: Option<&Session>,
        presented: Token,
        fresh: Nonce,
        now: Timestamp,
    ) -> Decision {
        let mut limits = self.limits;
        if self.is_broken(Mutation::GraceWithoutBound) {
            limits.grace = Seconds(u32::MAX);
        }
        let own =
            if self.is_broken(Mutation::NoOwnWriteRecognition) { Token::nobodys_nonce() } else { fresh };
        let decision = decide(row, &presented.genuine(), &own, now, &limits);
        if self.is_broken(Mutation::DeleteOnLateDuplicate)
            && decision == Decision::Refuse(Refusal::LateDuplicate)
        {
            return Decision::End(EndReason::Reuse);
        }
        decision
    }

    pub(crate) fn rotated(&self, row: &Session, fresh: Nonce, now: Timestamp) -> Option<Session> {
        let mut rotated = row.rotated(fresh, KEY, self.lifetimes.idle, now)?;
        if self.is_broken(Mutation::NoPreviousNonce) {
            rotated.previous_nonce = None;
        }
        Some(rotated)
    }
}
