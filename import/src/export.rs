//! An account as a line for an import.

use serde_json::{Value, json};
use shared::Timestamp;
use shared::account::Account;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Returns the line of an account. Importing it recreates the account, except for changes of its address that can still be
/// undone. The password hash is included only on request.
#[must_use]
pub fn exported(account: &Account, with_hash: bool) -> Value {
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
    if let (true, Some(hash), Some(members)) = (with_hash, &account.password_hash, line.as_object_mut()) {
        members.insert("password".to_owned(), json!({ "format": "ratchet", "hash": hash }));
    }
    line
}

/// Returns `None` for a time that RFC 3339 cannot represent.
fn rfc3339(time: Timestamp) -> Option<String> {
    let nanos = i128::from(time.millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(&Rfc3339).ok()
}
