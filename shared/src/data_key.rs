//! Data keys: what is stored about second factors is encrypted, or made a HMAC, under one of them.
//!
//! A row names the key that was used. Unlike the keys of tokens, a retired data key is kept until it is revoked: what it has
//! sealed is read with it, and with nothing else. Each key is two, derived with HKDF (RFC 5869): one encrypts, one makes HMACs.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::{CryptoRng, RngExt};
use zeroize::Zeroizing;

/// The length of a data key in bytes.
pub const KEY_BYTES: usize = 32;

/// The labels by which the two keys are derived (RFC 5869 section 3.2).
const TOTP: &[u8] = b"ratchet-totp-v1";
const RECOVERY: &[u8] = b"ratchet-recovery-v1";

/// Names a data key: 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataKeyId(pub u16);

/// All data keys, and the one that is used for what is new. A set from before there were any has none. `Debug` shows ids
/// alone.
#[derive(Default)]
pub struct DataKeys {
    current: Option<DataKeyId>,
    keys: BTreeMap<DataKeyId, DataKey>,
}

/// The two keys that are derived of one.
struct DataKey {
    encrypts: LessSafeKey,
    macs: hmac::Key,
}

/// A text that was encrypted (AES-256-GCM), and the key that decrypts it. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key.
    pub key_id: DataKeyId,
    /// base64url of nonce, ciphertext and tag.
    pub text: String,
}

/// What is drawn for each text that is encrypted. It can't be used twice.
#[derive(Debug)]
pub struct SealingNonce([u8; NONCE_LEN]);

/// Why something can't be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataKeyError {
    /// The key set has no data key: it is from before there were any.
    #[error("the key set has no data key: update the stack, whose custom resource adds one")]
    None,
    /// The key was revoked, or is newer than the key set in memory.
    #[error("no data key has the id {}", .0.0)]
    Unknown(DataKeyId),
    /// What is stored is damaged, or another user's.
    #[error("what is sealed under the data key {} can't be opened", .0.0)]
    Damaged(DataKeyId),
    /// The cryptographic library has failed.
    #[error("the cryptographic library can't use a data key")]
    Library,
}

impl SealingNonce {
    /// Draws one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(rng.random())
    }
}

impl DataKeys {
    /// The same set with one more key.
    ///
    /// # Errors
    /// [`DataKeyError::Library`].
    pub fn with(mut self, id: DataKeyId, secret: &[u8; KEY_BYTES]) -> Result<Self, DataKeyError> {
        self.keys.insert(id, DataKey::new(secret)?);
        Ok(self)
    }

    /// The same set, in which this key is used for what is new.
    #[must_use]
    pub fn with_current(self, id: DataKeyId) -> Self {
        Self { current: Some(id), ..self }
    }

    /// Returns the key that is used for what is new.
    ///
    /// # Errors
    /// [`DataKeyError::None`].
    pub fn current(&self) -> Result<DataKeyId, DataKeyError> {
        self.current.ok_or(DataKeyError::None)
    }

    /// Whether the set has this key.
    #[must_use]
    pub fn has(&self, id: DataKeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// Encrypts under the current key. `aad` says what it belongs to, and has to be the same when it is opened.
    ///
    /// # Errors
    /// [`DataKeyError`].
    pub fn seal(
        &self,
        secret: &[u8],
        aad: &[u8],
        SealingNonce(nonce): SealingNonce,
    ) -> Result<Sealed, DataKeyError> {
        let key_id = self.current()?;
        let mut bytes = secret.to_vec();
        self.get(key_id)?
            .encrypts
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes)
            .map_err(|_| DataKeyError::Library)?;
        let text = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &bytes].concat());
        Ok(Sealed { key_id, text })
    }

    /// Decrypts.
    ///
    /// # Errors
    /// [`DataKeyError`] if the key is unknown, or it is not what this key has sealed with this `aad`.
    pub fn open(&self, sealed: &Sealed, aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, DataKeyError> {
        let damaged = || DataKeyError::Damaged(sealed.key_id);
        let key = &self.get(sealed.key_id)?.encrypts;
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.text).map_err(|_| damaged())?;
        let (nonce, mut bytes) = match bytes.split_at_checked(NONCE_LEN) {
            Some((nonce, bytes)) => (nonce, Zeroizing::new(bytes.to_vec())),
            None => return Err(damaged()),
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let opened = key.open_in_place(nonce, Aad::from(aad), &mut bytes).map_err(|_| damaged())?;
        Ok(Zeroizing::new(opened.to_vec()))
    }

    /// HMAC-SHA-256 under the key with this id.
    ///
    /// # Errors
    /// [`DataKeyError::Unknown`].
    pub(crate) fn mac(&self, id: DataKeyId, parts: &[&[u8]]) -> Result<hmac::Tag, DataKeyError> {
        let mut context = hmac::Context::with_key(&self.get(id)?.macs);
        parts.iter().for_each(|part| context.update(part));
        Ok(context.sign())
    }

    fn get(&self, id: DataKeyId) -> Result<&DataKey, DataKeyError> {
        self.keys.get(&id).ok_or(DataKeyError::Unknown(id))
    }
}

impl DataKey {
    fn new(secret: &[u8; KEY_BYTES]) -> Result<Self, DataKeyError> {
        let key = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret);
        let derived = |label| {
            let mut bytes = [0; KEY_BYTES];
            let expanded = key.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut bytes));
            expanded.map(|()| bytes).map_err(|_| DataKeyError::Library)
        };
        let encrypts = UnboundKey::new(&AES_256_GCM, &derived(TOTP)?).map_err(|_| DataKeyError::Library)?;
        Ok(Self {
            encrypts: LessSafeKey::new(encrypts),
            macs: hmac::Key::new(hmac::HMAC_SHA256, &derived(RECOVERY)?),
        })
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKeys").field("current", &self.current).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn keys() -> DataKeys {
        let keys = DataKeys::default().with(DataKeyId(1), &[1; KEY_BYTES]).unwrap();
        keys.with(DataKeyId(2), &[2; KEY_BYTES]).unwrap().with_current(DataKeyId(2))
    }

    fn nonce() -> SealingNonce {
        SealingNonce::random(&mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn what_is_sealed_under_the_current_key_opens_with_it_for_its_owner_alone() {
        let keys = keys();
        let sealed = keys.seal(b"secret", b"ada", nonce()).unwrap();
        assert_eq!(sealed.key_id, DataKeyId(2));
        assert_eq!(**keys.open(&sealed, b"ada").unwrap(), *b"secret");
        assert_eq!(keys.open(&sealed, b"eve"), Err(DataKeyError::Damaged(DataKeyId(2))));
        let another = Sealed { key_id: DataKeyId(1), ..sealed.clone() };
        assert_eq!(keys.open(&another, b"ada"), Err(DataKeyError::Damaged(DataKeyId(1))));
        let revoked = Sealed { key_id: DataKeyId(3), ..sealed };
        assert_eq!(keys.open(&revoked, b"ada"), Err(DataKeyError::Unknown(DataKeyId(3))));
    }

    #[test]
    fn nothing_that_is_damaged_opens() {
        let keys = keys();
        let sealed = keys.seal(b"secret", b"ada", nonce()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.text).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            for bytes in [&changed[..], &bytes[..at]] {
                let damaged = Sealed { text: URL_SAFE_NO_PAD.encode(bytes), ..sealed.clone() };
                assert!(keys.open(&damaged, b"ada").is_err(), "{at}");
            }
        }
        let no_text = Sealed { text: "not base64url!".to_owned(), ..sealed };
        assert!(keys.open(&no_text, b"ada").is_err());
    }

    #[test]
    fn the_same_secret_sealed_twice_is_two_texts() {
        let (keys, mut rng) = (keys(), StdRng::seed_from_u64(1));
        let [one, two] =
            [(); 2].map(|()| keys.seal(b"secret", b"ada", SealingNonce::random(&mut rng)).unwrap().text);
        assert_ne!(one, two);
        // 12 bytes of nonce, 6 of text, 16 of tag.
        assert_eq!(one.len(), 46);
    }

    #[test]
    fn the_two_keys_are_those_of_rfc_5869() {
        // HKDF-Expand of 32 bytes is HMAC-SHA-256(key, label | 0x01): the first block (RFC 5869 section 2.3).
        let expand = |label: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &[2; KEY_BYTES]);
            hmac::sign(&key, &[label, &[1]].concat())
        };
        let macs = hmac::Key::new(hmac::HMAC_SHA256, expand(RECOVERY).as_ref());
        let mac = keys().mac(DataKeyId(2), &[b"a", b"b"]).unwrap();
        assert_eq!(mac.as_ref(), hmac::sign(&macs, b"ab").as_ref());
        assert_eq!(keys().mac(DataKeyId(3), &[]).err(), Some(DataKeyError::Unknown(DataKeyId(3))));
        assert_ne!(expand(RECOVERY).as_ref(), expand(TOTP).as_ref());
    }

    #[test]
    fn a_set_from_before_there_were_data_keys_seals_nothing() {
        let none = DataKeys::default();
        assert_eq!(none.current(), Err(DataKeyError::None));
        assert_eq!(none.seal(b"secret", b"ada", nonce()).err(), Some(DataKeyError::None));
        assert_eq!(format!("{:?}", keys()), "DataKeys { current: Some(DataKeyId(2)), .. }");
    }
}
