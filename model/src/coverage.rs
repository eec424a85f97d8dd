//! Counts how often each branch was taken: a check that never reaches a branch proves nothing about it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! branches {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// The branches.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Branch { $($(#[$doc])* $variant,)* }

        impl Branch {
            /// All branches.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
        }
    };
}

branches! {
    /// The condition held.
    Rotated,
    /// Our own write, and still the newest.
    OwnWrite,
    /// Our own write, refreshed since.
    OwnWriteRefreshedSince,
    /// A prompt replay.
    PromptReplay,
    /// A late replay, written down.
    LateReplay,
    /// A replay whose count lost a race and that was decided again.
    LostRace,
    /// A proven replay within the retry window.
    ProvenReplay,
    /// A later one, written down.
    ProvenReplayCounted,
    /// A proven replay written down, its answer lost.
    ProvenReplayUnheard,
    /// A proven replay after the last one was counted.
    TooManyProvenReplays,
    /// A current token with the retry key that made it.
    RetryKeyUsed,
    /// A late duplicate.
    LateDuplicate,
    /// Reuse.
    Reuse,
    /// No row.
    SignedOut,
    /// Past a lifetime.
    Expired,
    /// A row of another history.
    OtherHistory,
    /// A row behind the token.
    RowBehind,
    /// The last generation.
    LastGeneration,
    /// A forged token was refused without I/O.
    Forged,
    /// A rotation applied, its answer lost.
    RotationUnheard,
    /// A late replay applied, its answer lost.
    LateReplayUnheard,
    /// A delete made, its answer lost.
    DeleteUnheard,
    /// A failure between the reading of the row and the write that counts a replay.
    FailedBeforeCount,
    /// A failure between the judgement and the delete.
    FailedBeforeDelete,
    /// An answer that was lost on its way to the client.
    AnswerLost,
    /// A refresh begun after an end was answered.
    BegunAfterEnd,
    /// A sign-in whose account had changed since it was read.
    AccountChanged,
    /// A sign-in whose password was changed under it.
    PasswordChangedUnderSignIn,
    /// A password change whose account had changed since it was read.
    ChangeStartsOver,
    /// A password change whose caller had signed out before the transaction.
    CallerSignedOut,
    /// A password change with more sessions than its transaction ends.
    SurplusEnded,
    /// A reset whose code was used before the reset read the row.
    CodeGone,
    /// A reset whose code was used between its reading and the transaction.
    CodeUsedMeanwhile,
    /// A reset whose code is from before a change that ended sessions.
    CodeOutdated,
    /// A request that reads that the code of its authenticator app was used.
    FactorGone,
    /// A request whose code of an authenticator app was used between its reading and the transaction.
    FactorUsedMeanwhile,
    /// A move to another address under which the code of the authenticator app was used.
    FactorUsedUnderMove,
    /// A session of the old password that the sweep of a password change found.
    OldSessionSwept,
    /// A session that a change left when it died, found by the sweep of a sign-in.
    SignInFinishesChange,
    /// A read of the account at an address that it has left.
    AccountMoved,
    /// An account that the index found.
    AccountFound,
    /// A profile that a sweep updated.
    ProfileUpdated,
    /// A profile whose session was gone.
    UpdateOfNothing,
}

/// Counts of the branches. Clones share them.
#[derive(Clone)]
pub struct Coverage(Arc<[AtomicU64; Branch::ALL.len()]>);

impl Default for Coverage {
    fn default() -> Self {
        Self(Arc::new([const { AtomicU64::new(0) }; Branch::ALL.len()]))
    }
}

impl Coverage {
    /// Returns how often the branch was taken.
    #[must_use]
    pub fn count(&self, branch: Branch) -> u64 {
        self.0.get(branch as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(crate) fn hit(&self, branch: Branch) {
        if let Some(count) = self.0.get(branch as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(Branch::ALL.iter().map(|branch| (branch, self.count(*branch)))).finish()
    }
}
