//! What an operation makes of an account.

use crate::Timestamp;
use crate::account::Account;
use crate::custom_claims::CustomClaims;
use crate::email::Email;
use crate::factor::Factors;
use crate::role::{self, Role};

/// The longest text of a user's roles with spaces between them, in bytes: sessions and tokens hold them all.
pub const MAX_ROLES_BYTES: usize = 512;

/// What an operation makes of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The display name.
    Name(String),
    /// Exactly these roles.
    Roles(Vec<Role>),
    /// One role more.
    AddRole(Role),
    /// One role less.
    RemoveRole(Role),
    /// Exactly these custom claims.
    Claims(CustomClaims),
    /// Nobody can sign in, and all sessions end.
    Disable,
    /// Its user can sign in again.
    Enable,
    /// Its user has neither second factors nor passkeys any more, and all sessions end.
    RemoveFactors,
    /// All sessions end.
    EndSessions,
    /// Another address, of which is known whether its user has proved it, and all sessions end.
    Move {
        /// The address.
        new_email: Email,
        /// Whether it counts as proven.
        is_verified: bool,
    },
    /// It is disabled first, so that no sign-in can leave a session behind, and then deleted.
    Delete,
}

/// What becomes of the sessions of an account that is not as asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sessions {
    End,
    Update,
}

impl Edit {
    /// Returns the account as it is to be, but for its version.
    #[must_use]
    pub fn applied_to(&self, account: &Account, now: Timestamp) -> Account {
        let mut edited = account.clone();
        match self {
            Self::Name(name) => edited.name.clone_from(name),
            Self::Roles(roles) => edited.roles = distinct(roles),
            Self::AddRole(role) => edited.roles = distinct(edited.roles.iter().chain([role])),
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

    /// Whether the operation ends the account.
    pub(super) fn deletes(&self) -> bool {
        *self == Self::Delete
    }

    /// What becomes of the sessions of an account that `edited` would differ from. None if it already is as asked.
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

/// Whether tokens can hold these roles.
pub(super) fn fits(roles: &[Role]) -> bool {
    role::joined(roles).len() <= MAX_ROLES_BYTES
}

/// The roles in their order, each once.
fn distinct<'a>(roles: impl IntoIterator<Item = &'a Role>) -> Vec<Role> {
    let mut distinct: Vec<Role> = Vec::new();
    for role in roles {
        if !distinct.contains(role) {
            distinct.push(role.clone());
        }
    }
    distinct
}
