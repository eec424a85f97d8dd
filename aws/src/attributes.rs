//! Conversion between rows and DynamoDB's attribute values.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use shared::Timestamp;
use shared::custom_claims::CustomClaims;
use shared::refresh_token::Nonce;
use shared::role::{self, Role};
use shared::session::Attempt;

use crate::TableError;

const NO_ATTEMPT: [u8; 1] = [0];

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(crate) fn millis(time: Timestamp) -> AttributeValue {
    number(time.millis())
}

pub(crate) fn seconds(time: Timestamp) -> AttributeValue {
    number(time.seconds())
}

pub(crate) fn nonce(nonce: &Nonce) -> AttributeValue {
    AttributeValue::B(Blob::new(*nonce.as_bytes()))
}

pub(crate) fn attempt(attempt: Attempt) -> AttributeValue {
    AttributeValue::B(Blob::new(attempt.to_bytes()))
}

/// The placeholder for no attempt: an attribute can be set to the value of another one only if that exists.
pub(crate) fn no_attempt() -> AttributeValue {
    AttributeValue::B(Blob::new(NO_ATTEMPT))
}

/// Returns a list, not a set: DynamoDB has no empty sets.
pub(crate) fn roles(roles: &[Role]) -> AttributeValue {
    AttributeValue::L(roles.iter().map(text).collect())
}

/// Returns the claims as JSON text, so that they are read back unchanged, and a row grows by no more than their length.
/// `None` if there are none.
pub(crate) fn claims(claims: &CustomClaims) -> Option<AttributeValue> {
    (!claims.is_empty()).then(|| text(claims))
}

/// Reads the attributes of one row. Errors name the attribute.
pub(crate) struct Row<'a>(pub(crate) &'a Item);

impl Row<'_> {
    pub(crate) fn text(&self, name: &'static str) -> Result<String, TableError> {
        self.get(name, |value| value.as_s().ok().cloned())
    }

    pub(crate) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, TableError> {
        self.get(name, |value| value.as_s().ok()?.parse().ok())
    }

    pub(crate) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, TableError> {
        self.get(name, |value| value.as_n().ok()?.parse().ok())
    }

    pub(crate) fn millis(&self, name: &'static str) -> Result<Timestamp, TableError> {
        self.number(name).map(Timestamp::from_millis)
    }

    pub(crate) fn seconds(&self, name: &'static str) -> Result<Timestamp, TableError> {
        self.number(name).map(Timestamp::from_seconds)
    }

    pub(crate) fn nonce(&self, name: &'static str) -> Result<Nonce, TableError> {
        self.get(name, |value| {
            let bytes = value.as_b().ok()?.as_ref();
            bytes.try_into().ok().map(Nonce::from_bytes)
        })
    }

    pub(crate) fn bytes(&self, name: &'static str) -> Result<Vec<u8>, TableError> {
        self.get(name, |value| value.as_b().ok().map(|blob| blob.as_ref().to_vec()))
    }

    pub(crate) fn optional_nonce(&self, name: &'static str) -> Result<Option<Nonce>, TableError> {
        if self.0.contains_key(name) { self.nonce(name).map(Some) } else { Ok(None) }
    }

    /// Returns `None` also if the attribute is missing, as in rows from before retry keys.
    pub(crate) fn attempt(&self, name: &'static str) -> Result<Option<Attempt>, TableError> {
        if !self.0.contains_key(name) {
            return Ok(None);
        }
        self.get(name, |value| {
            let bytes = value.as_b().ok()?.as_ref();
            if bytes == NO_ATTEMPT { Some(None) } else { Attempt::from_bytes(bytes).map(Some) }
        })
    }

    pub(crate) fn optional_number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, TableError> {
        if self.0.contains_key(name) { self.number(name).map(Some) } else { Ok(None) }
    }

    /// Returns the attribute `roles`: a list, or a set as some tools write it. Invalid roles are ignored, and so is an
    /// attribute of another form. It may be missing, because DynamoDB has no empty sets. Nobody is locked out by it.
    pub(crate) fn roles(&self) -> Vec<Role> {
        const PLACE: &str = "row";
        match self.0.get("roles") {
            None => Vec::new(),
            Some(AttributeValue::Ss(set)) => role::read(set.iter().map(String::as_str), PLACE),
            // An entry that is not text is read as an invalid role.
            Some(AttributeValue::L(list)) => {
                role::read(list.iter().map(|entry| entry.as_s().map_or("", String::as_str)), PLACE)
            }
            Some(_) => {
                role::refused(PLACE, &"neither a list nor a set of texts");
                Vec::new()
            }
        }
    }

    /// Returns the attribute `claims`. A missing one, or one of another form, is ignored.
    pub(crate) fn claims(&self) -> CustomClaims {
        let text = |value: &AttributeValue| CustomClaims::from_row(value.as_s().map_or("", String::as_str));
        self.0.get("claims").map(text).unwrap_or_default()
    }

    pub(crate) fn optional_millis(&self, name: &'static str) -> Result<Option<Timestamp>, TableError> {
        Ok(self.optional_number(name)?.map(Timestamp::from_millis))
    }

    pub(crate) fn map(&self, name: &'static str) -> Result<&Item, TableError> {
        self.0.get(name).and_then(|value| value.as_m().ok()).ok_or(TableError::Row(name))
    }

    pub(crate) fn list(&self, name: &'static str) -> Result<&[AttributeValue], TableError> {
        self.0.get(name).and_then(|value| value.as_l().ok()).map(Vec::as_slice).ok_or(TableError::Row(name))
    }

    /// Returns `None` if the attribute is missing.
    pub(crate) fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Result<T, TableError>,
    ) -> Result<Option<T>, TableError> {
        if self.0.contains_key(name) { read(self, name).map(Some) } else { Ok(None) }
    }

    /// A set of texts.
    pub(crate) fn texts(&self, name: &'static str) -> Result<&[String], TableError> {
        let set = self.0.get(name).and_then(|value| value.as_ss().ok());
        set.map(Vec::as_slice).ok_or(TableError::Row(name))
    }

    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, TableError> {
        if self.0.contains_key(name) {
            self.get(name, |value| value.as_bool().ok().copied())
        } else {
            Ok(false)
        }
    }

    fn get<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&AttributeValue) -> Option<T>,
    ) -> Result<T, TableError> {
        self.0.get(name).and_then(read).ok_or(TableError::Row(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Option<AttributeValue>) -> String {
        let item = value.map(|value| ("roles".to_owned(), value)).into_iter().collect();
        role::joined(&Row(&item).roles())
    }

    #[test]
    fn roles_are_a_list_or_a_set_and_what_is_no_role_counts_for_nothing() {
        let list = |roles: &[&str]| AttributeValue::L(roles.iter().map(text).collect());
        let set = |roles: &[&str]| AttributeValue::Ss(roles.iter().map(ToString::to_string).collect());
        assert_eq!(read(Some(list(&["admin", "editor"]))), "admin editor");
        assert_eq!(read(Some(set(&["admin", "editor"]))), "admin editor");
        for bad in ["not admin", "", "a\u{a0}admin", "a,b"] {
            assert_eq!(read(Some(list(&["editor", bad]))), "editor", "{bad:?}");
            assert_eq!(read(Some(set(&["editor", bad]))), "editor", "{bad:?}");
        }
        assert_eq!(read(Some(AttributeValue::L(vec![number(1), text("editor")]))), "editor");
        for other in [AttributeValue::Null(true), text("admin"), AttributeValue::M(HashMap::new())] {
            assert_eq!(read(Some(other)), "");
        }
        assert_eq!(read(None), "");
    }
}
