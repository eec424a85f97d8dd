//! A row of the users table: an account, or a note that an account has left the address.
//!
//! # Invariants
//! An address that an account has left stays reserved for as long as the change can be undone.

use super::Account;
use super::moves::undoable_until;
use crate::Timestamp;
use crate::email::Email;
use crate::ids::UserId;

/// A row of the table of users.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// An account.
    Account(Box<Account>),
    /// A note that an account has moved to another address.
    Tombstone(Tombstone),
}

/// The note that an account leaves under a former address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The user.
    pub moved_to: UserId,
    /// When the address becomes free. A whole second, as the TTL attribute stores it.
    pub expires_at: Timestamp,
}

/// An address that an account has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAddress {
    /// The address.
    pub email: Email,
    /// The note there, unless the account has left the address again since.
    pub tombstone: Tombstone,
}

impl Entry {
    /// Returns the account, if the row is one.
    #[must_use]
    pub fn account(self) -> Option<Account> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Tombstone(_) => None,
        }
    }
}

impl Tombstone {
    /// Returns the note that this user's account leaves at `now`. It expires with the code that undoes the change.
    #[must_use]
    pub fn new(moved_to: UserId, now: Timestamp) -> Self {
        Self { moved_to, expires_at: undoable_until(now) }
    }

    /// Returns whether the address is reserved for this user. DynamoDB deletes rows days late, so the time is always
    /// checked, here and in the condition of the write, with the same rounding.
    #[must_use]
    pub fn keeps_out(&self, user_id: UserId, now: Timestamp) -> bool {
        user_id != self.moved_to && !self.is_over(now)
    }

    /// Returns whether the address is free for everybody.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_for_its_user_for_seven_days() {
        let (owner, stranger) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let left_at = Timestamp::from_millis(1_999_999_999_999);
        let tombstone = Tombstone::new(owner, left_at);
        let end = 1_999_999_999 + 7 * 86_400;
        for (now, is_taken) in [(left_at, true), (Timestamp::from_millis(end * 1000 - 1), true)] {
            assert_eq!(tombstone.keeps_out(stranger, now), is_taken);
            assert!(!tombstone.keeps_out(owner, now));
        }
        assert!(!tombstone.keeps_out(stranger, Timestamp::from_seconds(end)));
    }
}
