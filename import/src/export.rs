//! An account as a line for an import.

use serde_json::{Value, json};
use shared::Timestamp;
use shared::account::Account;
use shared::data_key::{DataKeyError, DataKeys};
use shared::factor::TotpSecret;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An account as a line. It has no `Debug`, because it may contain a password hash and the secret of an authenticator app.
pub struct Exported {
    /// The line.
    pub line: Value,
    /// Why the requested secret of the authenticator app is missing.
    pub without_totp: Option<DataKeyError>,
}

/// Returns the line of an account. Importing it recreates the account, except for recovery codes, passkeys and the changes of
/// its address that can still be undone. With data keys it includes the password hash and the secret of the authenticator app.
#[must_use]
pub fn exported(account: &Account, secrets: Option<&DataKeys>) -> Exported {
    let mut line = json!({
        "email": account.email.as_str(),
        "name": account.name,
        "roles": account.roles,
        "claims": account.claims,
        "email_verified": account.email_verified_at.is_some(),
        "disabled": account.is_disabled(),
        "user_id": account.user_id,
        "created_at": rfc3339(account.created_at),
    });
    let mut without_totp = None;
    if let (Some(keys), Some(members)) = (secrets, line.as_object_mut()) {
        if let Some(hash) = &account.password_hash {
            members.insert("password".to_owned(), json!({ "format": "ratchet", "hash": hash }));
        }
        match totp(account, keys) {
            Ok(Some(secret)) => {
                _ = members.insert("totp".to_owned(), json!({ "secret": secret.to_base32() }))
            }
            Ok(None) => {}
            Err(error) => without_totp = Some(error),
        }
    }
    Exported { line, without_totp }
}

fn totp(account: &Account, keys: &DataKeys) -> Result<Option<TotpSecret>, DataKeyError> {
    let totp = account.factors.totp.as_ref();
    totp.map(|totp| TotpSecret::opened(&totp.secret, account.user_id, keys)).transpose()
}

/// Returns a time as RFC 3339 writes it. `None` for one that it cannot represent.
#[must_use]
pub fn rfc3339(time: Timestamp) -> Option<String> {
    let nanos = i128::from(time.millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(&Rfc3339).ok()
}
