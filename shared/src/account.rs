//! An account: a row of the table of users, and what stays of it under an address that it has left.

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

/// An account as it was read. It has no `Debug`, since it holds the password hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The normalised email address: the key of the row.
    pub email: Email,
    /// The `sub` of its tokens.
    pub user_id: UserId,
    /// The display name.
    pub name: String,
    /// The password hash: a PHC string, or another system's hash, wrapped. None if no password is the account's: one is as good as any other, and wrong.
    pub password_hash: Option<String>,
    /// The roles of the claim of that name.
    pub roles: Vec<Role>,
    /// What its tokens say beside our own claims.
    pub claims: CustomClaims,
    /// Counts the changes of the account, such as those of password, address, roles and name. A write that is based on an older version fails.
    pub version: i64,
    /// The version that the last change which ended sessions made. Sessions of an older version must end.
    pub ended_version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its user proved that mail to the address reaches them. None if nobody has.
    pub email_verified_at: Option<Timestamp>,
    /// When an operator disabled it. None if it is not.
    pub disabled_at: Option<Timestamp>,
    /// The changes of its address.
    pub moves: Moves,
    /// How many passkeys it has. Each is a row of a table of its own, and comes and goes with a change of the account.
    pub passkeys: u32,
    /// Its second factors.
    pub factors: Factors,
}

impl Account {
    /// Returns an account that begins at `now`: without a password, roles and claims, its address unproven.
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

    /// Returns the account as a change that keeps its sessions leaves it: one version later.
    #[must_use]
    pub fn next_version(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Returns the account as a change that ends its sessions leaves it: one version later, and every session of an
    /// older version must end.
    #[must_use]
    pub fn next_version_ending_sessions(&self) -> Self {
        let next = self.next_version();
        Self { ended_version: next.version, ..next }
    }

    /// Whether an operator has disabled it: nobody signs in to it, and no code works for it.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Returns the hash that a password is compared with. None if it has no password, or is disabled: the one that was typed is
    /// hashed all the same, and wrong.
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

    /// Returns what tokens say about the user.
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
