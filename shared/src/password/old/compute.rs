//! Computes the functions.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use zeroize::Zeroizing;

use super::{Digest, OldFunction, Recipe};
use crate::password::argon2id::{self, Memory};

/// The number of bytes of a password that bcrypt reads.
const BCRYPT_BYTES: usize = 72;

/// The length of a key of AES-256.
const AES_KEY_BYTES: usize = 32;

impl Recipe {
    /// Returns the hash of a password. `None` if there is not enough memory.
    pub(in crate::password) fn output(&self, memory: &Memory, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut output = Zeroizing::new(vec![0; self.length]);
        match self.function {
            OldFunction::Bcrypt { cost } => {
                let salt = self.salt.as_slice().try_into().ok()?;
                let computed = Zeroizing::new(bcrypt::bcrypt(cost, salt, &bcrypt_key(password)));
                // The last byte of the function's output is not part of a hash.
                output.copy_from_slice(computed.get(..self.length)?);
            }
            OldFunction::Pbkdf2 { digest, iterations } => {
                let iterations = NonZeroU32::new(iterations)?;
                pbkdf2::derive(digest.algorithm(), iterations, &self.salt, password, &mut output);
            }
            OldFunction::Scrypt { log_n, r, p } => {
                scrypt(password, &self.salt, (log_n, r, p), &mut output)?;
            }
            OldFunction::FirebaseScrypt { log_n, r } => {
                let mut key = Zeroizing::new([0; AES_KEY_BYTES]);
                scrypt(password, &self.salt, (log_n, r, 1), key.as_mut_slice())?;
                add_stream(key.as_slice(), &mut output)?;
            }
            OldFunction::Argon2id(cost) => {
                let computed = argon2id::output(memory, cost, password, &self.salt, self.length)?;
                output.copy_from_slice(computed.as_bytes());
            }
        }
        Some(output)
    }
}

impl Digest {
    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

/// Returns the password with a zero byte, cut to the bytes that bcrypt reads.
fn bcrypt_key(password: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.iter().copied().chain([0]).take(BCRYPT_BYTES).collect())
}

fn scrypt(password: &[u8], salt: &[u8], (log_n, r, p): (u32, u32, u32), output: &mut [u8]) -> Option<()> {
    let params = scrypt::Params::new(u8::try_from(log_n).ok()?, r, p).ok()?;
    scrypt::scrypt(password, salt, &params, output).ok()
}

/// Combines the data with the stream of AES-256-CTR that starts at zero. A key is used for one stream only, because it
/// comes from a salt and a password.
fn add_stream(key: &[u8], bytes: &mut [u8]) -> Option<()> {
    let key = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, key).ok()?).ok()?;
    let from_zero = EncryptionContext::Iv128(FixedLength::from([0; 16]));
    key.less_safe_encrypt(bytes, from_zero).ok()?;
    Some(())
}
