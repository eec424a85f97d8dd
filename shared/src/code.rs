//! Codes: the secret in a mailed link, and the rows of the table that mail is sent from.
//!
//! A row is written when a mail is due, and the stream of the table triggers the sending. The row does not contain the
//! code, which is derived from the row with a refresh-token key ([`CodeToken`]). A reader of the table or its stream
//! therefore cannot use any code.
//!
//! # Invariants
//! * A code works once: its effect and the deletion of its row are one transaction.
//! * A code is bound to an account and its `ended_version`. A change that ends sessions invalidates all older
//!   codes without deleting them.

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
    /// The effect of the code, and the text of its mail.
    pub purpose: Purpose,
    /// The address of the account, or the one that an account was requested for.
    pub email: Email,
    /// The new address, for a change of the address. The mail that asks for confirmation goes there.
    pub new_email: Option<Email>,
    /// The account. None if there is none yet.
    pub account: Option<OfAccount>,
    /// The future account, for a registration that awaits verification.
    pub pending: Option<Pending>,
    /// The language of the request: the first tag (BCP 47) of its `Accept-Language`.
    pub locale: Option<String>,
    /// The key that derives the code.
    pub key_id: RefreshKeyId,
    /// The secret part of the row, which enters the code.
    pub nonce: Nonce,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the code expires. A whole second: DynamoDB's TTL counts in seconds.
    pub expires_at: Timestamp,
}

/// The state of the account that a code is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfAccount {
    /// The user.
    pub user_id: UserId,
    /// The bound version: [`Account::ended_version`], or for [`Purpose::AddressChanged`] the number of the change of
    /// the address.
    pub version: i64,
}

/// The future account of a registration that awaits verification.
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

    /// Returns whether the code has expired. DynamoDB deletes rows days late, so this is always checked.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.seconds() <= now.seconds()
    }

    /// Returns whether the code is bound to this account, and no change has ended sessions since.
    #[must_use]
    pub fn is_of(&self, account: &Account) -> bool {
        self.account == Some(OfAccount::now(account)) && self.email == account.email
    }
}

impl OfAccount {
    /// Returns the current state of an account.
    #[must_use]
    pub fn now(account: &Account) -> Self {
        Self { user_id: account.user_id, version: account.ended_version }
    }
}
