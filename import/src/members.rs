//! The members of a JSON object, each read as the required type.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use crate::reason::Reason;

/// Decodes with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An object. Its members are named by their whole path, such as `password.hash`; the last part is the name in the object.
pub(crate) struct Members<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// Returns the member, or `None` if it is absent or null.
    pub(crate) fn value(&self, path: &'static str) -> Option<&'a Value> {
        let name = path.rsplit_once('.').map_or(path, |(_, name)| name);
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Reads a member with one of `Value`'s functions. `what` describes the required type in the reason.
    pub(crate) fn optional<T>(
        &self,
        path: &'static str,
        what: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        let read = |value| read(value).ok_or_else(|| Reason::new(path, format!("must be {what}")));
        self.value(path).map(read).transpose()
    }

    pub(crate) fn text(&self, path: &'static str) -> Result<&'a str, Reason> {
        self.optional(path, "a text", Value::as_str)?.ok_or_else(|| missing(path))
    }

    pub(crate) fn number(&self, path: &'static str) -> Result<u32, Reason> {
        let read = |value: &Value| u32::try_from(value.as_u64()?).ok();
        self.optional(path, "a whole number", read)?.ok_or_else(|| missing(path))
    }

    /// Bytes in base64.
    pub(crate) fn bytes(&self, path: &'static str) -> Result<Vec<u8>, Reason> {
        base64(path, self.text(path)?)
    }

    /// Refuses members that are not in this list.
    pub(crate) fn only(&self, path: &'static str, known: &[&str]) -> Result<(), Reason> {
        let Some(unknown) = self.0.keys().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
        let named = if may_be_told(unknown) { unknown.as_str() } else { "another" };
        Err(Reason::new(path, format!("must not have {named}: its members are {}", known.join(", "))))
    }
}

/// Returns whether the name of a member is too short for a hash, and of plain characters.
fn may_be_told(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=24).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Reads base64 in either alphabet, with or without padding.
pub(crate) fn base64(path: &'static str, text: &str) -> Result<Vec<u8>, Reason> {
    let standard = text.replace('-', "+").replace('_', "/");
    BASE64.decode(standard).map_err(|_| Reason::new(path, "must be base64"))
}

fn missing(path: &'static str) -> Reason {
    Reason::new(path, "is missing")
}
