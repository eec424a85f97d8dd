//! The guarantees of design section 6, by name.

macro_rules! guarantees {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A property that must never be violated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Guarantee { $($(#[$doc])* $variant,)* }

        impl Guarantee {
            /// Returns the name of the property.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

guarantees! {
    /// All successes with one token return the one successor that was written for it.
    OneSuccessor = "g2_all_refreshes_of_one_token_return_the_same_refresh_token",
    /// No token is superseded twice: there are never two live successors.
    NoFork = "g2_a_session_never_forks",
    /// Within grace, if the successor is not refreshed and retry or budget is left: a success.
    RepeatGetsSuccessor = "g3_a_repeat_within_grace_gets_the_successor",
    /// An honest client with retry keys is answered at any age, if it presents the newest token, or the previous one that it or
    /// another client with keys has superseded.
    KeyIsAnswered = "g3_a_client_with_a_retry_key_is_answered_at_any_age",
    /// A write that was made is recognised by the request that made it, also after one more refresh.
    OwnWriteIsRecognised = "g3_a_resend_of_a_write_that_was_made_is_not_refused",
    /// Two or three generations back and superseded at most 30 s ago: refused, and the session lives.
    LateDuplicateKeeps = "g3_a_late_duplicate_never_ends_a_session",
    /// A genuine superseded token without an excuse ends the session.
    ReuseEnds = "g4_a_superseded_token_that_is_not_excused_ends_the_session",
    /// No other presented token ends it.
    OnlyReuseEnds = "g4_only_a_genuine_token_that_is_not_excused_ends_a_session",
    /// A forged token changes nothing.
    ForgedChangesNothing = "g4_a_forged_token_changes_nothing",
    /// No refresh begun after the end was answered succeeds.
    EndedRefusesRefresh = "g5_no_refresh_begun_after_an_answered_end_succeeds",
    /// No deleted row returns.
    EndedStaysEnded = "g5_an_ended_session_never_comes_back",
    /// After the answer to a password change, no session of the old password exists.
    OldPasswordLeavesNothing = "g5_no_sign_in_with_the_old_password_leaves_a_session_behind",
    /// After the answer to a sign-in, no session exists that a change has ended, even if that change died.
    SignInFinishesChanges = "g5_a_sign_in_finishes_what_a_change_that_died_has_left",
    /// A mailed code works once, and not after a change that ended sessions.
    CodeWorksOnce = "a_mailed_code_works_once_and_not_after_a_change_that_ended_sessions",
    /// A code of an authenticator app is used by one request, sign-in or change, however many present it at once.
    FactorWorksOnce = "of_all_requests_with_one_code_of_an_authenticator_app_one_succeeds",
    /// The row is always as the last whole rotation left it.
    WholeRotations = "g6_a_crash_leaves_the_session_before_or_after_the_rotation",
    /// A client whose request failed at any point recovers by repeating it.
    CrashRecovers = "g6_a_crash_recovers_by_a_retry_within_grace",
    /// The condition of the write holds exactly when the rule says "rotate".
    ConditionIsTheRule = "the_write_applies_exactly_when_the_rule_says_rotate",
    /// Nothing succeeds past the idle or the absolute end.
    LifetimesEnd = "no_refresh_succeeds_past_a_lifetime",
    /// After the answer to a change of roles, every session has the new roles.
    RolesReachSessions = "every_session_says_the_roles_of_the_last_answered_change",
    /// After the answer to a change of the address or its undo, every session has the new address.
    AddressReachesSessions = "every_session_says_the_address_of_the_last_answered_change",
    /// After an operator is told that an account is disabled, it has no session, and none begins.
    DisabledLeavesNothing = "g5_a_disabled_account_has_no_session_and_none_begins",
    /// Sign-ins of the owner give a stranger no additional guesses.
    NoMoreGuesses = "no_sign_in_of_the_owner_gives_a_stranger_more_guesses",
    /// The count of the owner's sign-ins is subtracted.
    OwnerLeavesNoCount = "an_owner_without_typing_errors_accumulates_nothing",
    /// G3 as worded: grace counts from the moment the successor is written.
    AsWordedGrace = "g3_as_worded_grace_counts_from_the_write",
    /// G3 as worded: no late duplicate at all ends a session.
    AsWordedDuplicate = "g3_as_worded_no_late_duplicate_ends_a_session",
    /// G6 as worded: a retry within grace of the write recovers, whatever the budget.
    AsWordedCrash = "g6_as_worded_a_retry_within_grace_of_the_write_recovers",
    /// G3 as worded: resends sign nobody out.
    AsWordedResend = "g3_as_worded_a_resend_signs_nobody_out",
}

/// The guarantees that a path has violated: part of the state, and empty unless something is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Violations(u32);

impl Violations {
    pub(crate) fn note(&mut self, guarantee: Guarantee) {
        self.0 |= 1 << guarantee as u32;
    }

    pub(crate) fn note_if(&mut self, violated: bool, guarantee: Guarantee) {
        if violated {
            self.note(guarantee);
        }
    }

    /// Returns whether this one was violated.
    #[must_use]
    pub fn has(self, guarantee: Guarantee) -> bool {
        self.0 & (1 << guarantee as u32) != 0
    }
}
