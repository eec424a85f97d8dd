//! Passkeys (Web Authentication level 3): what the table holds of each, and the challenges that are under way.
//!
//! The library that verifies what a browser sends is in the function `passkeys` alone. Here are the values on both sides of it.

mod challenge;
mod credential_id;

use crate::Timestamp;
use crate::ids::UserId;
pub use challenge::{Challenge, ChallengeKind, Creator};
pub use credential_id::{CredentialId, CredentialIdError};

/// The most passkeys of one user.
pub const MAX_PASSKEYS: u32 = 20;

/// A passkey: a row of the table of passkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The user. It is the user handle (section 5.4.3) of the passkey, too.
    pub user_id: UserId,
    /// Its id.
    pub credential_id: CredentialId,
    /// The public key, a `COSE_Key` (RFC 9052 section 7) in CBOR.
    pub public_key: Vec<u8>,
    /// How often it has signed, as its authenticator says (section 6.1.1). 0 where the authenticator does not count.
    pub sign_count: u32,
    /// Whether it may be copied to other devices of its user (section 6.1.3).
    pub is_backup_eligible: bool,
    /// Whether it has been.
    pub is_backed_up: bool,
    /// The model of the authenticator (section 6.5.1). Nobody vouches for it. Zeros if it does not say.
    pub aaguid: [u8; 16],
    /// How the authenticator is reached (section 5.8.4), for browsers.
    pub transports: Vec<String>,
    /// The relying party that it was made for. Under another one it works nowhere.
    pub rp_id: String,
    /// What its user calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last signed in. None if it never has.
    pub last_used_at: Option<Timestamp>,
}

/// What a sign-in writes into the row of its passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// As in [`Passkey`].
    pub sign_count: u32,
    /// As in [`Passkey`].
    pub is_backed_up: bool,
}

/// Returns the ids of the passkeys that were added after `since`.
#[must_use]
pub fn added_after(passkeys: &[Passkey], since: Timestamp) -> Vec<CredentialId> {
    let added = passkeys.iter().filter(|passkey| passkey.created_at > since);
    added.map(|passkey| passkey.credential_id.clone()).collect()
}

/// Returns the ids of all of these.
#[must_use]
pub fn ids(passkeys: &[Passkey]) -> Vec<CredentialId> {
    passkeys.iter().map(|passkey| passkey.credential_id.clone()).collect()
}
