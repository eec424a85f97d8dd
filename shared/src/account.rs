//! An account: a row of the users table, and the note that it leaves under a former address.

mod moves;
mod tombstone;

use crate::Timestamp;
use crate::custom_claims::CustomClaims;
use crate::email::Email;
use crate::factor::Factors;
use crate::ids::UserId;
use crate::role::Role;
use crate::session::Profile;
pub use moves::{Move, Moves, UNDOABLE_FOR};
pub use tombstone::{Entry, LeftAddress, Tombstone};

/// An account as it was read. It has no `Debug`, because it contains the password hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The normalised email address: the key of the row.
    pub email: Email,
    /// The `sub` of its tokens.
    pub user_id: UserId,
    /// The display name.
    pub name: String,
    /// The password hash: a PHC string, or another system's hash, wrapped. None if the account has no password: every
    /// password is wrong.
    pub password_hash: Option<String>,
    /// The roles of the claim of that name.
    pub roles: Vec<Role>,
    /// The custom claims of its tokens.
    pub claims: CustomClaims,
    /// Counts changes of the account, such as password, address, roles and name. A write based on an older version fails.
    pub version: i64,
    /// The version of the last change that ended sessions. Sessions of an older version must end.
    pub ended_version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When the user verified the address. None if it is unverified.
    pub email_verified_at: Option<Timestamp>,
    /// When an operator disabled the account. None if it is enabled.
    pub disabled_at: Option<Timestamp>,
    /// The changes of its address.
    pub moves: Moves,
    /// How many passkeys it has. Each is a row of a table of its own, and comes and goes with a change of the account.
    pub passkeys: u32,
    /// Its second factors.
    pub factors: Factors,
}

impl Account {
    /// Returns a new account: no password, roles or claims, and an unverified address.
    #[must_use]
    pub fn new(email: Email, user_id: UserId, name: String, now: Timestamp) -> Self {
        Self {
            email,
            user_id,
            name,
            password_hash: None,
            roles: Vec::new(),
            claims: CustomClaims::default(),
            version: 1,
            ended_version: 1,
            created_at: now,
            email_verified_at: None,
            disabled_at: None,
            moves: Moves::default(),
            passkeys: 0,
            factors: Factors::default(),
        }
    }

    /// Returns the account after a change that keeps its sessions: one version later.
    #[must_use]
    pub fn next_version(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Returns the account after a change that ends its sessions: one version later, and sessions of an
    /// older version must end.
    #[must_use]
    pub fn next_version_ending_sessions(&self) -> Self {
        let next = self.next_version();
        Self { ended_version: next.version, ..next }
    }

    /// Returns whether an operator has disabled the account: nobody can sign in to it, and no code works for it.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Returns the hash to compare a password with. None if the account has no password or is disabled: the typed password is
    /// hashed all the same, and is wrong.
    #[must_use]
    pub fn usable_password_hash(&self) -> Option<&str> {
        self.password_hash.as_deref().filter(|_| !self.is_disabled())
    }

    /// Returns the account with one passkey more.
    #[must_use]
    pub fn with_another_passkey(self) -> Self {
        Self { passkeys: self.passkeys.saturating_add(1), ..self }
    }

    /// Returns the account with so many passkeys less.
    #[must_use]
    pub fn with_fewer_passkeys(self, fewer: usize) -> Self {
        let fewer = u32::try_from(fewer).unwrap_or(u32::MAX);
        Self { passkeys: self.passkeys.saturating_sub(fewer), ..self }
    }

    /// Returns the user's profile for tokens.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile {
            email: self.email.as_str().to_owned(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            claims: self.claims.clone(),
            email_verified: self.email_verified_at.is_some(),
            account_version: Some(self.version),
        }
    }
}
