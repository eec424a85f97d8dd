//! Custom claims: claims that operators add to the access tokens of a user.
//!
//! # Invariants
//! * They are a JSON object of at most [`MAX_BYTES`] bytes, written without white space, so that a session's row stays small.
//! * None has the name of a claim with a meaning to us or to verifiers of tokens: it could change the token's identity.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// The maximum length of a user's custom claims as text, in bytes.
pub const MAX_BYTES: usize = 400;

/// The maximum length of the name of a claim, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The maximum nesting of lists and objects. DynamoDB and JSON parsers have limits of their own.
const MAX_DEPTH: usize = 8;

/// Names that no custom claim may have: those of our access tokens, of RFC 7519, of RFC 9068 with the claims that it
/// takes from OpenID Connect Core and SCIM, and those of RFC 7800 (`cnf`), RFC 8693 (`act`, `may_act`) and RFC 8176
/// (`amr`).
pub const RESERVED: [&str; 25] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "sid",
    "auth_time",
    "name",
    "email",
    "email_verified",
    "roles",
    "acr",
    "amr",
    "scope",
    "groups",
    "entitlements",
    "cnf",
    "act",
    "may_act",
    "azp",
    "nonce",
    "events",
];

/// The custom claims of a user. An empty object means none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CustomClaims(Map<String, Value>);

/// The reason why a value is not a set of custom claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomClaimsError {
    /// It is not a JSON object.
    #[error("must be a JSON object")]
    NotAnObject,
    /// It is too long.
    #[error("must be at most {MAX_BYTES} bytes of JSON, not {0}")]
    TooLong(usize),
    /// A claim has a reserved name.
    #[error("must not have {0:?}: the name is reserved")]
    Reserved(String),
    /// A claim has an invalid name.
    #[error("must have names of 1 to {MAX_NAME_BYTES} characters of visible ASCII that do not begin with $")]
    Name,
    /// A whole number has more digits than are read.
    #[error("must not have a whole number beyond 64 bits: write it as a text")]
    Number,
    /// Its lists and objects are nested too deeply.
    #[error("must not be nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl CustomClaims {
    /// Checks an object.
    ///
    /// # Errors
    /// Returns [`CustomClaimsError`], which states the reason.
    pub fn new(value: Value) -> Result<Self, CustomClaimsError> {
        let Value::Object(claims) = value else { return Err(CustomClaimsError::NotAnObject) };
        if let Some(name) = claims.keys().find(|name| is_reserved(name)) {
            return Err(CustomClaimsError::Reserved(name.clone()));
        }
        if !claims.keys().all(|name| is_name(name)) {
            return Err(CustomClaimsError::Name);
        }
        claims.values().try_for_each(|value| check(value, MAX_DEPTH - 1))?;
        let claims = Self(claims);
        match claims.to_string().len() {
            0..=MAX_BYTES => Ok(claims),
            length => Err(CustomClaimsError::TooLong(length)),
        }
    }

    /// Reads the text in a row. Invalid text is ignored and logged, as with roles.
    #[must_use]
    pub fn from_row(text: &str) -> Self {
        let read = serde_json::from_str(text).map_err(|_| CustomClaimsError::NotAnObject).and_then(Self::new);
        read.unwrap_or_else(|error| {
            tracing::warn!(place = "row", %error, "custom claims count for nothing");
            Self::default()
        })
    }

    /// Keeps the claims of a token without a reserved name: a token has custom claims as members of its own.
    #[must_use]
    pub(crate) fn of_token(mut members: Map<String, Value>) -> Self {
        members.retain(|name, _| !is_reserved(name));
        Self(members)
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a claim by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Adds the claims to the JSON text of an object that has other members.
    pub(crate) fn add_to(&self, object: &mut String) {
        if !self.is_empty() && object.ends_with('}') {
            object.pop();
            object.push(',');
            object.push_str(self.to_string().get(1..).unwrap_or("}"));
        }
    }
}

/// Returns the JSON text without white space.
impl fmt::Display for CustomClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Serialising an object of texts and values cannot fail.
        f.write_str(&serde_json::to_string(&self.0).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for CustomClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Returns whether a name is reserved.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// serde_json gives names that begin with `$` a meaning of its own.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic())
        && !name.starts_with('$')
}

fn is_beyond_64_bits(number: f64) -> bool {
    // 2^63, whose negative is the least whole number of 64 bits.
    number.abs() >= 9_223_372_036_854_775_808.0
}

fn check(value: &Value, levels_left: usize) -> Result<(), CustomClaimsError> {
    let children: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(members) if members.keys().any(|name| name.starts_with('$')) => {
            return Err(CustomClaimsError::Name);
        }
        Value::Object(members) => members.values().collect(),
        // What has no place in 64 bits is read as a float, and has lost its last digits.
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(is_beyond_64_bits) => {
            return Err(CustomClaimsError::Number);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(()),
    };
    let levels_left = levels_left.checked_sub(1).ok_or(CustomClaimsError::TooDeep)?;
    children.into_iter().try_for_each(|child| check(child, levels_left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn claims_are_an_object_of_at_most_400_bytes_with_names_that_are_free() {
        let nested = |depth: usize| (1..depth).fold(json!(1), |inner, _| json!([inner]));
        for good in [
            json!({}),
            json!({ "plan": "pro", "seats": 5, "beta": true, "tags": ["a"], "org": { "id": 1, "sub": 2 } }),
            json!({ "https://example.com/plan": null }),
            json!({ "x": "x".repeat(392) }),
            json!({ "x": nested(8) }),
            json!({ "x": u64::MAX, "y": i64::MIN, "z": 1.0e18 }),
        ] {
            assert!(CustomClaims::new(good.clone()).is_ok(), "{good}");
        }
        for (bad, expected) in [
            (json!([]), CustomClaimsError::NotAnObject),
            (json!("{}"), CustomClaimsError::NotAnObject),
            (json!({ "x": "x".repeat(393) }), CustomClaimsError::TooLong(401)),
            (json!({ "": 1 }), CustomClaimsError::Name),
            (json!({ "a b": 1 }), CustomClaimsError::Name),
            (json!({ "\u{e9}": 1 }), CustomClaimsError::Name),
            (json!({ "$serde_json::private::RawValue": "1" }), CustomClaimsError::Name),
            (json!({ "x": [{ "$serde_json::private::RawValue": "1" }] }), CustomClaimsError::Name),
            (json!({ "x": nested(9) }), CustomClaimsError::TooDeep),
            (json!({ "x": [1.0e19] }), CustomClaimsError::Number),
            (json!({ "x": -1.0e19 }), CustomClaimsError::Number),
        ] {
            assert_eq!(CustomClaims::new(bad), Err(expected));
        }
        for name in RESERVED {
            let reserved = CustomClaimsError::Reserved(name.to_owned());
            assert_eq!(CustomClaims::new(json!({ name: "x" })), Err(reserved));
        }
    }

    #[test]
    fn they_become_members_of_an_object_beside_others() {
        let claims = CustomClaims::new(json!({ "plan": "pro", "quote": "\"}" })).unwrap();
        let mut object = r#"{"sub":"s"}"#.to_owned();
        claims.add_to(&mut object);
        let read: Value = serde_json::from_str(&object).unwrap();
        assert_eq!(read, json!({ "sub": "s", "plan": "pro", "quote": "\"}" }));
        let mut alone = r#"{"sub":"s"}"#.to_owned();
        CustomClaims::default().add_to(&mut alone);
        assert_eq!(alone, r#"{"sub":"s"}"#);
    }

    #[test]
    fn what_a_row_has_counts_for_nothing_unless_it_is_good() {
        let claims = CustomClaims::new(json!({ "plan": "pro" })).unwrap();
        assert_eq!(CustomClaims::from_row(&claims.to_string()), claims);
        for bad in ["", "{", "[]", r#"{"sub":"somebody else"}"#] {
            assert_eq!(CustomClaims::from_row(bad), CustomClaims::default(), "{bad}");
        }
    }
}
