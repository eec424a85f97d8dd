//! Roles: names that a user has and a route requires.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// The maximum length of a role, in bytes.
pub const MAX_BYTES: usize = 64;

/// A role: 1 to 64 characters of visible ASCII except `"`, `*`, `,` and `\`.
///
/// # Invariants
/// It has no white space, so a list of roles separated by spaces is read back unchanged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Role(String);

/// The text is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of visible ASCII but no \" * , \\")]
pub struct RoleError;

impl Role {
    /// Returns the role as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        // The characters of a scope in RFC 6749 (appendix A.4), except those with a meaning in `ROUTE_ROLES`.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !br#""*,\"#.contains(&byte);
        let is_role = (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(is_plain);
        if is_role { Ok(Self(text.to_owned())) } else { Err(RoleError) }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Returns the texts that are roles. Others are ignored and logged: they neither make the account unusable
/// nor grant a role. `place` is their origin.
pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>, place: &'static str) -> Vec<Role> {
    let parsed = texts.into_iter().map(str::parse);
    parsed.filter_map(|role: Result<Role, _>| role.inspect_err(|error| refused(place, error)).ok()).collect()
}

/// Logs that a role is ignored.
pub fn refused(place: &'static str, error: &impl fmt::Display) {
    tracing::warn!(place, %error, "a role counts for nothing");
}

/// Returns the roles in their order, without duplicates.
#[must_use]
pub fn distinct(roles: impl IntoIterator<Item = Role>) -> Vec<Role> {
    let mut distinct = Vec::new();
    for role in roles {
        if !distinct.contains(&role) {
            distinct.push(role);
        }
    }
    distinct
}

/// Returns the roles separated by spaces, as in the authorizer's context.
#[must_use]
pub fn joined(roles: &[Role]) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ")
}

/// Reads the roles of an access token. For `#[serde(deserialize_with)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Role>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(read(texts.iter().map(String::as_str), "access token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_visible_ascii_without_what_separates_roles() {
        for role in ["admin", "Admin", "read:users", "a/b@c", "~!#$%&'()+-./:;<=>?[]^_`{|}", &"x".repeat(64)]
        {
            assert_eq!(role.parse::<Role>().unwrap().as_str(), role);
        }
        for none in [
            "",
            " ",
            "not admin",
            "admin ",
            "admin\u{a0}",
            "admin\n",
            "a,b",
            "a*",
            "a\"b",
            "a\\b",
            "\u{e9}",
            &"x".repeat(65),
        ] {
            assert_eq!(none.parse::<Role>(), Err(RoleError), "{none:?}");
        }
    }

    #[test]
    fn what_is_no_role_becomes_no_other_role() {
        let roles = read(["editor", "not admin", "", "a,b"], "test");
        assert_eq!(joined(&roles), "editor");
        assert_eq!(read(joined(&roles).split(' '), "test"), roles);
        assert_eq!(joined(&[]), "");
    }
}
