//! A rotation with a retry key, as the table stores it.

use crate::refresh_token::Generation;
use crate::retry_key::RetryKeyHash;

/// A rotation with a retry key.
///
/// It names its generation, because a function that does not know keys leaves it in the row when it rotates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt {
    /// The hash of the key.
    pub key: RetryKeyHash,
    /// The generation that the rotation made.
    pub generation: Generation,
}

impl Attempt {
    /// The length in the table, in bytes.
    pub const BYTES: usize = 19;

    /// Returns the bytes for the table: the hash, and the generation in big endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (hash, generation) = bytes.split_at_mut(16);
        hash.copy_from_slice(self.key.as_bytes());
        generation.copy_from_slice(&self.generation.to_bytes());
        bytes
    }

    /// Reads the bytes of the table. Returns `None` if their number is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hash, generation) = bytes.split_first_chunk()?;
        let generation = Generation::from_bytes(generation.try_into().ok()?);
        Some(Self { key: RetryKeyHash::from_bytes(*hash), generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_round_trips_through_its_bytes() {
        let attempt = Attempt {
            key: RetryKeyHash::from_bytes([7; 16]),
            generation: Generation::new(0x01_0203).unwrap(),
        };
        let bytes = attempt.to_bytes();
        assert_eq!((bytes[..16].to_vec(), &bytes[16..]), (vec![7; 16], &[1, 2, 3][..]));
        assert_eq!(Attempt::from_bytes(&bytes), Some(attempt));
        assert_eq!(Attempt::from_bytes(&bytes[..18]), None);
        assert_eq!(Attempt::from_bytes(&[0]), None);
    }
}
