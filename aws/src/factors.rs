//! The second factors of an account, as attributes of its row.

use aws_sdk_dynamodb::types::AttributeValue;
use shared::data_key::{DataKeyId, Sealed};
use shared::factor::{Factors, PendingTotp, RecoveryCodes, Totp};

use crate::TableError;
use crate::attributes::{Row, millis, number, text};

/// What a use of a recovery code takes out of.
pub(crate) const RECOVERY_CODES: &str = "recovery_codes";

/// The newest step of which a code was used.
pub(crate) const LAST_STEP: &str = "totp_last_step";

/// Which request used a factor last, if it did so by a write of its own.
pub(crate) const FACTOR_USED_BY: &str = "factor_used_by";

/// The attributes, in a fixed order. None for one that is absent.
pub(crate) fn attributes(factors: &Factors) -> [(&'static str, Option<AttributeValue>); 7] {
    let Factors { totp, pending_totp, recovery_codes } = factors;
    let totp = totp.as_ref();
    [
        ("totp_secret", totp.map(|totp| text(&totp.secret.text))),
        ("totp_key_id", totp.map(|totp| number(totp.secret.key_id.0))),
        ("totp_confirmed_at", totp.map(|totp| millis(totp.confirmed_at))),
        (LAST_STEP, totp.filter(|totp| totp.last_step > 0).map(|totp| number(totp.last_step))),
        ("pending_totp", pending_totp.as_ref().map(pending)),
        (
            RECOVERY_CODES,
            recovery_codes.as_ref().map(|codes| AttributeValue::Ss(codes.hashes.iter().cloned().collect())),
        ),
        ("recovery_key_id", recovery_codes.as_ref().map(|codes| number(codes.key_id.0))),
    ]
}

/// Those of the secret of an app.
pub(crate) fn sealed_totp(secret: &Sealed) -> [(&'static str, AttributeValue); 2] {
    [("totp_secret", text(&secret.text)), ("totp_key_id", number(secret.key_id.0))]
}

/// That of an app that is being set up.
pub(crate) fn pending_totp(pending: &PendingTotp) -> (&'static str, AttributeValue) {
    ("pending_totp", self::pending(pending))
}

fn pending(pending: &PendingTotp) -> AttributeValue {
    let session_id = pending.session_id.map(|session_id| ("session_id", text(session_id)));
    let attributes = [
        ("secret", text(&pending.secret.text)),
        ("key_id", number(pending.secret.key_id.0)),
        ("created_at", millis(pending.created_at)),
    ];
    let attributes = attributes.into_iter().chain(session_id);
    AttributeValue::M(attributes.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Reads them. Rows from before there were factors have none.
pub(crate) fn read(row: &Row<'_>) -> Result<Factors, TableError> {
    Ok(Factors {
        totp: row.optional("totp_secret", |row, name| totp(row, name))?,
        pending_totp: row.optional("pending_totp", |row, name| {
            let row = Row(row.map(name)?);
            Ok(PendingTotp {
                secret: sealed(&row, ("secret", "key_id"))?,
                created_at: row.millis("created_at")?,
                session_id: row.optional("session_id", Row::parsed)?,
            })
        })?,
        recovery_codes: row.optional(RECOVERY_CODES, |row, name| {
            let hashes = row.texts(name)?.iter().cloned().collect();
            Ok(RecoveryCodes { key_id: DataKeyId(row.number("recovery_key_id")?), hashes })
        })?,
    })
}

fn totp(row: &Row<'_>, secret: &'static str) -> Result<Totp, TableError> {
    Ok(Totp {
        secret: sealed(row, (secret, "totp_key_id"))?,
        confirmed_at: row.millis("totp_confirmed_at")?,
        last_step: row.optional_number(LAST_STEP)?.unwrap_or_default(),
    })
}

fn sealed(row: &Row<'_>, (secret, key_id): (&'static str, &'static str)) -> Result<Sealed, TableError> {
    Ok(Sealed { key_id: DataKeyId(row.number(key_id)?), text: row.text(secret)? })
}
