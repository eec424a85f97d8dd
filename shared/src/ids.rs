//! Identifiers: random UUIDs (RFC 9562 version 4), one type per meaning.

use std::fmt;
use std::str::FromStr;

use rand::{CryptoRng, RngExt};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new random identifier.
            pub fn random(rng: &mut impl CryptoRng) -> Self {
                Self(uuid::Builder::from_random_bytes(rng.random()).into_uuid())
            }

            /// Returns the identifier with these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Returns the identifier's 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            /// Returns the hyphenated lower-case form.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

id! {
    /// A user: the `sub` claim, and the partition key of the refresh tokens table.
    UserId
}

id! {
    /// A session, one sign-in on one device: the `sid` claim, and the sort key of the refresh tokens table.
    SessionId
}

id! {
    /// A device with a past sign-in, as its device token names it.
    DeviceId
}

id! {
    /// A sign-in attempt. By this id a request recognises its own reservation.
    AttemptId
}

id! {
    /// An access token: the `jti` claim (RFC 7519 section 4.1.7).
    TokenId
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn an_id_is_a_version_4_uuid_and_round_trips_as_text() {
        let id = UserId::random(&mut rand::rngs::StdRng::seed_from_u64(1));
        let text = id.to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(text.as_bytes()[14], b'4');
        assert_eq!(text.parse::<UserId>().unwrap(), id);
        assert_eq!(UserId::from_bytes(*id.as_bytes()), id);
    }
}
