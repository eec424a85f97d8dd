//! Rows of the codes table for mails to different recipients.
//!
//! # Invariants
//! No mail contains a name or other text that a user chose: somebody who requests mail to a foreign address, or has
//! taken over an account, must not write to its owner.

use rand::CryptoRng;

use crate::Timestamp;
use crate::account::Account;
use crate::code::{Code, CodeId, OfAccount, Purpose};
use crate::email::Email;
use crate::refresh_token::{Nonce, RefreshKeyId};

/// A mail without its recipient.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// The purpose.
    pub purpose: Purpose,
    /// The key of its row.
    pub code_id: CodeId,
    /// The secret part of the row.
    pub nonce: Nonce,
    /// The key that derives the code.
    pub key_id: RefreshKeyId,
    /// The language of the request.
    pub locale: Option<String>,
    /// The clock reading of the request.
    pub now: Timestamp,
}

impl Mailing {
    /// Prepares a mail with a row of its own.
    #[must_use]
    pub fn new(
        purpose: Purpose,
        key_id: RefreshKeyId,
        locale: Option<String>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let (code_id, nonce) = (CodeId::random(rng), Nonce::random(rng));
        Self { purpose, code_id, nonce, key_id, locale, now }
    }

    /// Returns the row of the mail to the user of an account.
    #[must_use]
    pub fn to(&self, account: &Account) -> Code {
        Code { account: Some(OfAccount::now(account)), ..self.to_address(account.email.clone()) }
    }

    /// Returns the row of a notice to the user of an account. `None` if the address is unverified: it may be a
    /// stranger's, who must not get a mail at every change of the account.
    #[must_use]
    pub fn notice_to(&self, account: &Account) -> Option<Code> {
        account.email_verified_at.map(|_| self.to(account))
    }

    /// Returns the row of a notice to an address that the account has left.
    #[must_use]
    pub fn notice_to_left(&self, account: &Account, left: Email) -> Code {
        Code { account: Some(OfAccount::now(account)), ..self.to_address(left) }
    }

    /// Returns the row of the mail to the new address of an account.
    #[must_use]
    pub fn to_new_address(&self, account: &Account, new_email: Email) -> Code {
        Code {
            account: Some(OfAccount::now(account)),
            new_email: Some(new_email),
            ..self.to_address(account.email.clone())
        }
    }

    /// Returns the row of the mail to the former address of an account, with the code that restores it.
    #[must_use]
    pub fn to_left_address(&self, left: &Account, moved: &Account) -> Code {
        Code {
            account: Some(OfAccount { user_id: moved.user_id, version: moved.moves.count }),
            new_email: Some(moved.email.clone()),
            ..self.to_address(left.email.clone())
        }
    }

    /// Returns the row of the mail to an address without an account.
    #[must_use]
    pub fn to_address(&self, email: Email) -> Code {
        let Self { purpose, code_id, nonce, key_id, ref locale, now } = *self;
        Code {
            code_id,
            purpose,
            email,
            new_email: None,
            account: None,
            pending: None,
            locale: locale.clone(),
            key_id,
            nonce,
            created_at: now,
            expires_at: purpose.ends_at(now),
        }
    }

    /// Returns the same mail with another purpose.
    #[must_use]
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }
}
