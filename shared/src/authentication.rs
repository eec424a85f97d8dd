//! How a user has signed in: the authentication methods of a session (RFC 8176).

use std::fmt;

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// A set of authentication methods: the claim `amr` (RFC 8176 section 2). It is a list in a token, and a text with spaces
/// between the methods elsewhere, always in the order in which `Display` has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AuthenticationMethods(u8);

impl AuthenticationMethods {
    /// None, which is what one knows of a sign-in that nobody has described.
    pub const NONE: Self = Self(0);
    /// `pwd`: a password.
    pub const PASSWORD: Self = Self(1);
    /// `otp`: a one-time password, which is a TOTP or a recovery code.
    pub const ONE_TIME_PASSWORD: Self = Self(2);
    /// `hwk`: possession of a key that an authenticator holds.
    pub const HARDWARE_KEY: Self = Self(4);
    /// `user`: the authenticator has verified that its user is there.
    pub const USER_VERIFIED: Self = Self(8);
    /// What a passkey is that has verified its user: `hwk` and `user`.
    pub const PASSKEY: Self = Self::HARDWARE_KEY.with(Self::USER_VERIFIED);

    /// The names of RFC 8176 section 2.
    const NAMES: [(Self, &'static str); 4] = [
        (Self::PASSWORD, "pwd"),
        (Self::ONE_TIME_PASSWORD, "otp"),
        (Self::HARDWARE_KEY, "hwk"),
        (Self::USER_VERIFIED, "user"),
    ];

    /// Returns the methods of both.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of the others are among these.
    #[must_use]
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether these are two factors: a one-time password, or a passkey that has verified its user.
    #[must_use]
    pub const fn are_two_factors(self) -> bool {
        self.has(Self::ONE_TIME_PASSWORD) || self.has(Self::PASSKEY)
    }

    /// Reads names. Those that we don't know count for nothing.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |name: &str| Self::NAMES.iter().find(|(_, own)| *own == name).map(|(method, _)| *method);
        names.into_iter().filter_map(known).fold(Self::NONE, Self::with)
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(method, _)| self.has(*method)).map(|(_, name)| name)
    }
}

impl fmt::Display for AuthenticationMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(" "))
    }
}

impl Serialize for AuthenticationMethods {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for AuthenticationMethods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(Self::read(names.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: AuthenticationMethods = AuthenticationMethods::PASSWORD
        .with(AuthenticationMethods::ONE_TIME_PASSWORD)
        .with(AuthenticationMethods::PASSKEY);

    #[test]
    fn methods_are_written_in_one_order_and_read_in_any() {
        assert_eq!(ALL.to_string(), "pwd otp hwk user");
        assert_eq!(AuthenticationMethods::read(["user", "pwd", "hwk", "otp", "pwd"]), ALL);
        let json = serde_json::to_string(&ALL).unwrap();
        assert_eq!(json, r#"["pwd","otp","hwk","user"]"#);
        assert_eq!(serde_json::from_str::<AuthenticationMethods>(&json).unwrap(), ALL);
        assert_eq!(AuthenticationMethods::NONE.to_string(), "");
        assert_eq!(serde_json::to_string(&AuthenticationMethods::NONE).unwrap(), "[]");
    }

    #[test]
    fn a_name_that_is_none_of_ours_counts_for_nothing() {
        let read = AuthenticationMethods::read(["mfa", "PWD", "pwd otp", "", "pwd"]);
        assert_eq!(read, AuthenticationMethods::PASSWORD);
        for list in [r#""pwd""#, "null", "[1]", "{}"] {
            assert!(serde_json::from_str::<AuthenticationMethods>(list).is_err(), "{list}");
        }
    }

    #[test]
    fn two_factors_are_a_one_time_password_or_a_passkey_that_has_verified_its_user() {
        use AuthenticationMethods as Methods;
        for (methods, expected) in [
            (Methods::NONE, false),
            (Methods::PASSWORD, false),
            (Methods::HARDWARE_KEY, false),
            (Methods::USER_VERIFIED, false),
            (Methods::PASSWORD.with(Methods::HARDWARE_KEY), false),
            (Methods::PASSWORD.with(Methods::ONE_TIME_PASSWORD), true),
            (Methods::PASSKEY, true),
            (ALL, true),
        ] {
            assert_eq!(methods.are_two_factors(), expected, "{methods}");
        }
    }
}
