//! The id of a passkey.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest id, in bytes: as text it must fit into a sort key of DynamoDB, of 1,024 bytes. Web Authentication allows 1,023
/// bytes (section 4), but an id that long is one with the key wrapped in it, which no discoverable credential needs.
const MAX_BYTES: usize = 768;

/// The id that an authenticator has given to a passkey: 1 to 768 bytes. As text it is base64url, without padding. It is no secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId(Vec<u8>);

/// The bytes or the text are no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 768 bytes in base64url")]
pub struct CredentialIdError;

impl CredentialId {
    /// Takes the bytes.
    ///
    /// # Errors
    /// [`CredentialIdError`] if there are none or too many.
    pub fn new(bytes: Vec<u8>) -> Result<Self, CredentialIdError> {
        if (1..=MAX_BYTES).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(CredentialIdError) }
    }

    /// Returns its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl FromStr for CredentialId {
    type Err = CredentialIdError;

    fn from_str(text: &str) -> Result<Self, CredentialIdError> {
        URL_SAFE_NO_PAD.decode(text).map_err(|_| CredentialIdError).and_then(Self::new)
    }
}

impl serde::Serialize for CredentialId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_round_trips_as_text_and_has_one_spelling() {
        for bytes in [vec![0], vec![255; 16], vec![7; MAX_BYTES]] {
            let id = CredentialId::new(bytes).unwrap();
            let text = id.to_string();
            assert!(text.len() <= 1024);
            assert_eq!(text.parse(), Ok(id));
        }
        for bad in ["", "AA==", "AB", "A", "A A", "+/8", "../x"] {
            assert_eq!(bad.parse::<CredentialId>(), Err(CredentialIdError), "{bad}");
        }
        assert_eq!(CredentialId::new(vec![7; MAX_BYTES + 1]), Err(CredentialIdError));
    }
}
