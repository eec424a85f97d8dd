//! Codes: what a mailed link carries, and the rows of the table that mail is sent from.
//!
//! A row is written when something has to be mailed, and the stream of the table has it sent. The row holds no code: that is
//! derived from the row with a refresh-token key ([`CodeToken`]), so neither the table nor its stream is worth anything to
//! who reads it.
//!
//! # Invariants
//! * A code works once: what it does and the deletion of its row are one transaction.
//! * A code is good for the account and the `ended_version` it was made for. A change that ends sessions makes all older
//!   codes useless, without a delete.

mod id;
mod presented;
mod purpose;
mod token;

use crate::Timestamp;
use crate::account::Account;
use crate::email::Email;
use crate::ids::UserId;
use crate::refresh_token::{Nonce, RefreshKeyId};
pub use id::CodeId;
pub use presented::PresentedCode;
pub use purpose::Purpose;
pub use token::{CodeText, CodeToken, Half};

/// A row of the table of codes.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// The key of the row.
    pub code_id: CodeId,
    /// What the code does, and what its mail says.
    pub purpose: Purpose,
    /// The address of the account, or the one that somebody asked for an account.
    pub email: Email,
    /// The new address, of a change of the address. The mail that asks to confirm it goes there.
    pub new_email: Option<Email>,
    /// The account. None if there is none yet.
    pub account: Option<OfAccount>,
    /// The account to be, of a registration that waits for its proof.
    pub pending: Option<Pending>,
    /// The language of the request: the first tag (BCP 47) of its `Accept-Language`.
    pub locale: Option<String>,
    /// The key that makes the code.
    pub key_id: RefreshKeyId,
    /// What only the row knows.
    pub nonce: Nonce,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the code ends. A whole second: DynamoDB's TTL counts in seconds.
    pub expires_at: Timestamp,
}

/// The account that a code is for, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfAccount {
    /// The user.
    pub user_id: UserId,
    /// What the code is good for: [`Account::ended_version`], or for [`Purpose::AddressChanged`] the number of the change of
    /// the address.
    pub version: i64,
}

/// The account to be, of a registration that waits for its proof.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// The display name.
    pub name: String,
    /// The password hash as a PHC string.
    pub password_hash: String,
}

impl Code {
    /// Returns the address that the mail goes to.
    #[must_use]
    pub fn recipient(&self) -> &Email {
        self.new_email.as_ref().filter(|_| self.purpose == Purpose::ChangeAddress).unwrap_or(&self.email)
    }

    /// Whether the code's time is over. DynamoDB deletes rows days late, so this is always asked.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }

    /// Whether the code was made for this account as it is now, and no change has ended sessions since.
    #[must_use]
    pub fn is_of(&self, account: &Account) -> bool {
        self.account == Some(OfAccount::now(account)) && self.email == account.email
    }
}

impl OfAccount {
    /// An account as it is now.
    #[must_use]
    pub fn now(account: &Account) -> Self {
        Self { user_id: account.user_id, version: account.ended_version }
    }
}
