//! The changes that an operation can make to an account.

use crate::Timestamp;
use crate::account::Account;
use crate::custom_claims::CustomClaims;
use crate::email::Email;
use crate::factor::Factors;
use crate::role::{self, Role};

/// The maximum length of a user's roles, separated by spaces, in bytes: sessions and tokens contain them all.
pub const MAX_ROLES_BYTES: usize = 512;

/// A change that an operation makes to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets the display name.
    Name(String),
    /// Replaces all roles.
    Roles(Vec<Role>),
    /// Adds a role.
    AddRole(Role),
    /// Removes a role.
    RemoveRole(Role),
    /// Replaces the custom claims.
    Claims(CustomClaims),
    /// Disables the account: nobody can sign in, and all sessions end.
    Disable,
    /// Enables the account.
    Enable,
    /// Its user has neither second factors nor passkeys any more, and all sessions end.
    RemoveFactors,
    /// Ends all sessions.
    EndSessions,
    /// Sets the address and ends all sessions.
    Move {
        /// The address.
        new_email: Email,
        /// Whether it counts as verified.
        is_verified: bool,
    },
    /// Deletes the account. It is disabled first, so that no sign-in can leave a session.
    Delete,
}

/// What happens to the sessions of an account that is not as requested yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sessions {
    End,
    Update,
}

impl Edit {
    /// Returns the account as requested, without its new version.
    #[must_use]
    pub fn applied_to(&self, account: &Account, now: Timestamp) -> Account {
        let mut edited = account.clone();
        match self {
            Self::Name(name) => edited.name.clone_from(name),
            Self::Roles(roles) => edited.roles = role::distinct(roles.clone()),
            Self::AddRole(role) => {
                edited.roles = role::distinct(edited.roles.into_iter().chain([role.clone()]))
            }
            Self::RemoveRole(role) => edited.roles.retain(|own| own != role),
            Self::Claims(claims) => edited.claims.clone_from(claims),
            Self::Disable | Self::Delete => edited.disabled_at = edited.disabled_at.or(Some(now)),
            Self::Enable => edited.disabled_at = None,
            Self::RemoveFactors => {
                edited.factors = Factors::default();
                edited.passkeys = 0;
            }
            Self::EndSessions => {}
            Self::Move { new_email, is_verified } => {
                let proven_at = edited.email_verified_at.filter(|_| edited.email == *new_email);
                edited.email_verified_at = is_verified.then(|| proven_at.unwrap_or(now));
                edited.email.clone_from(new_email);
            }
        }
        edited
    }

    /// Returns whether the operation ends the sessions of an account that it changes from `read` to `edited`.
    #[must_use]
    pub fn ends_sessions(&self, read: &Account, edited: &Account) -> bool {
        self.sessions(read, edited) == Some(Sessions::End)
    }

    /// Returns whether the operation deletes the account.
    pub(super) fn deletes(&self) -> bool {
        *self == Self::Delete
    }

    /// Returns what happens to the sessions of an account that differs from `edited`. `None` if it is already as requested.
    pub(super) fn sessions(&self, read: &Account, edited: &Account) -> Option<Sessions> {
        match self {
            Self::EndSessions => Some(Sessions::End),
            Self::Name(_)
            | Self::Roles(_)
            | Self::AddRole(_)
            | Self::RemoveRole(_)
            | Self::Claims(_)
            | Self::Enable => (read != edited).then_some(Sessions::Update),
            Self::Disable | Self::Delete | Self::Move { .. } | Self::RemoveFactors => {
                (read != edited).then_some(Sessions::End)
            }
        }
    }
}

/// Returns whether tokens can contain these roles.
pub(super) fn fits(roles: &[Role]) -> bool {
    role::joined(roles).len() <= MAX_ROLES_BYTES
}
