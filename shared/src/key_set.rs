//! The key set: signing keys, refresh-token keys and data keys, each with an id and a state, as one JSON document.
//!
//! ```json
//! {
//!   "signing_keys": [{"kid": "...", "alg": "ES256", "state": "current", "private_key": "base64url of PKCS#8"}],
//!   "refresh_token_keys": [{"id": 1, "state": "current", "key": "base64url of 32 bytes"}],
//!   "data_keys": [{"id": 1, "state": "current", "key": "base64url of 32 bytes"}]
//! }
//! ```
//!
//! # Invariants
//! * Exactly one key of each kind is `current` and signs; all of them verify. A set from before there were data keys has none.
//! * A `kid` is the RFC 7638 thumbprint of its key.
//!
//! A retired signing key may be kept as its public half alone (`public_key`, a JWK). The additions of [`rotation`] to the
//! document are optional.

mod chain;
mod document;
pub mod rotation;
mod safety;
mod signing;
mod verifying;

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use rand::CryptoRng;

use crate::data_key::{DataKeyId, DataKeys};
use crate::refresh_token::{RefreshKeyId, RefreshKeys};
use document::{DataEntry, Document, Half, RefreshEntry, SigningEntry, State};
pub use safety::UnsafeKeyError;
pub use signing::{Algorithm, AlgorithmError, SigningError, SigningKey, SigningKeyError};
pub(crate) use verifying::VerifyingKey;
pub use verifying::{JwkSetError, VerifyingKeys};

/// A key set, ready for use. `Debug` shows key ids alone.
pub struct KeySet {
    document: Document,
    /// The key that signs access tokens.
    pub signing: SigningKey,
    /// The public halves of all signing keys, which verify access tokens.
    pub verifying: VerifyingKeys,
    /// The keys that make and recognise refresh tokens.
    pub refresh: RefreshKeys,
    /// Protects what is stored about second factors.
    pub data: DataKeys,
    public: JwkSet,
}

/// The reason why a key-set document cannot be used. No message repeats key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is not JSON of the documented form; the line and column of the error.
    #[error("is not a key-set document (line {line}, column {column})")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Not exactly one signing key is current.
    #[error("must have exactly one signing key in state \"current\"")]
    CurrentSigningKey,
    /// Not exactly one refresh-token key is current.
    #[error("must have exactly one refresh-token key in state \"current\"")]
    CurrentRefreshKey,
    /// A private half is damaged or of another algorithm.
    #[error("has a signing key, kid {0:?}, whose private half is not base64url of PKCS#8 for its algorithm")]
    SigningKey(String),
    /// A `kid` is not the key's thumbprint.
    #[error("has a signing key whose kid {0:?} is not the RFC 7638 thumbprint of the key")]
    KeyId(String),
    /// A private half is missing, which is allowed only for a retired key.
    #[error("has a signing key, kid {0:?}, that needs its private half unless it is retired")]
    PrivateHalf(String),
    /// A refresh-token key has id 0, or not 32 bytes.
    #[error("has a refresh-token key, id {0}, that is not base64url of 32 bytes with an id from 1 to 255")]
    RefreshKey(u8),
    /// Two refresh-token keys have the same id.
    #[error("has two refresh-token keys with the id {0}")]
    RefreshKeyTwice(u8),
    /// There are data keys, and none or several of them are current.
    #[error("must have exactly one data key in state \"current\", or no data keys at all")]
    CurrentDataKey,
    /// Id 0, or not 32 bytes.
    #[error("has a data key, id {0}, that is not base64url of 32 bytes with an id from 1 to 65535")]
    DataKey(u16),
    /// Two data keys with one id.
    #[error("has two data keys with the id {0}")]
    DataKeyTwice(u16),
    /// The public halves cannot be used together.
    #[error(transparent)]
    Public(#[from] JwkSetError),
}

impl KeySet {
    /// Makes a new set: a current and a next signing key of this algorithm, a current and a next refresh-token key, and
    /// data keys alike.
    ///
    /// # Errors
    /// Returns [`KeySetError`] if the cryptographic library fails to make a key.
    pub fn generate(algorithm: Algorithm, rng: &mut impl CryptoRng) -> Result<Self, KeySetError> {
        let signing_keys = vec![
            SigningEntry::generate(algorithm, State::Current, rng)?,
            SigningEntry::generate(algorithm, State::Next, rng)?,
        ];
        let refresh_token_keys =
            vec![RefreshEntry::generate(1, State::Current, rng), RefreshEntry::generate(2, State::Next, rng)];
        let data_keys =
            vec![DataEntry::generate(1, State::Current, rng), DataEntry::generate(2, State::Next, rng)];
        Document { signing_keys, refresh_token_keys, data_keys, ..Document::default() }.try_into()
    }

    /// Reads the document, the form of the setting `KEY_SET`.
    ///
    /// # Errors
    /// Returns [`KeySetError`], which states the reason.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        serde_json::from_str::<Document>(json)
            .map_err(|error| KeySetError::Form { line: error.line(), column: error.column() })?
            .try_into()
    }

    /// Returns the secret document, for storage as a secret.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.document).unwrap_or_default()
    }

    /// Returns the public halves as a JWK set (RFC 7517 section 5), as `PUBLIC_KEYS` contains and the metadata publishes
    /// them. These are the current, the next and the previous key, so never more than three: three RSA keys fit
    /// into the 4 KB of a function's environment, and of an answer to CloudFormation.
    #[must_use]
    pub fn public_jwk_set(&self) -> String {
        serde_json::to_string(&self.public).unwrap_or_default()
    }

    /// Returns a text that changes with every key and state, and discloses nothing else.
    #[must_use]
    pub fn version(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for key in &self.document.signing_keys {
            context.update(format!("{} {:?}\n", key.kid, key.state).as_bytes());
        }
        for key in &self.document.refresh_token_keys {
            context.update(format!("{} {:?}\n", key.id, key.state).as_bytes());
        }
        for key in &self.document.data_keys {
            context.update(format!("data {} {:?}\n", key.id, key.state).as_bytes());
        }
        URL_SAFE_NO_PAD.encode(context.finish())
    }
}

impl TryFrom<Document> for KeySet {
    type Error = KeySetError;

    fn try_from(document: Document) -> Result<Self, KeySetError> {
        let halves = document.signing_keys.iter().map(read_signing_entry).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            verifying: VerifyingKeys::from_jwks(halves.iter().map(|(_, half)| half.public()))?,
            refresh: read_refresh_keys(&document.refresh_token_keys)?,
            data: read_data_keys(&document.data_keys)?,
            public: published(&document.signing_keys, &halves),
            signing: the_current(halves)?,
            document,
        })
    }
}

fn read_signing_entry(entry: &SigningEntry) -> Result<(State, Half), KeySetError> {
    let half = match (&entry.private_key, &entry.public_key) {
        (Some(private_key), None) => {
            let pkcs8 = URL_SAFE_NO_PAD.decode(private_key).ok();
            let key = pkcs8.and_then(|bytes| SigningKey::from_pkcs8(entry.alg, &bytes).ok());
            Half::Private(Box::new(key.ok_or_else(|| KeySetError::SigningKey(entry.kid.clone()))?))
        }
        (None, Some(jwk)) if entry.state == State::Retired => Half::Public(Box::new(jwk.clone())),
        (None, _) | (Some(_), Some(_)) => return Err(KeySetError::PrivateHalf(entry.kid.clone())),
    };
    if half.thumbprint().as_ref() == Some(&entry.kid) && half.names(&entry.kid) {
        Ok((entry.state, half))
    } else {
        Err(KeySetError::KeyId(entry.kid.clone()))
    }
}

fn published(entries: &[SigningEntry], halves: &[(State, Half)]) -> JwkSet {
    let chosen = [chain::current(entries), chain::next(entries), chain::last_used(entries)];
    let is_chosen = |half: &Half| chosen.iter().flatten().any(|entry| half.names(&entry.kid));
    let keys = halves.iter().map(|(_, half)| half).filter(|half| is_chosen(half));
    JwkSet { keys: keys.map(|half| half.public().clone()).collect() }
}

fn the_current(halves: Vec<(State, Half)>) -> Result<SigningKey, KeySetError> {
    let mut current = halves.into_iter().filter_map(|(state, half)| match (state, half) {
        (State::Current, Half::Private(key)) => Some(*key),
        (State::Current | State::Next | State::Retired, Half::Private(_) | Half::Public(_)) => None,
    });
    match (current.next(), current.next()) {
        (Some(key), None) => Ok(key),
        (None | Some(_), _) => Err(KeySetError::CurrentSigningKey),
    }
}

fn read_refresh_keys(entries: &[RefreshEntry]) -> Result<RefreshKeys, KeySetError> {
    let mut current = entries.iter().filter(|entry| entry.state == State::Current);
    let (Some(first), None) = (current.next(), current.next()) else {
        return Err(KeySetError::CurrentRefreshKey);
    };
    let secret = |entry: &RefreshEntry| {
        entry.secret().filter(|_| entry.id > 0).ok_or(KeySetError::RefreshKey(entry.id))
    };
    let mut keys = RefreshKeys::new(RefreshKeyId(first.id), &secret(first)?);
    for entry in entries {
        if count(entries, entry.id) > 1 {
            return Err(KeySetError::RefreshKeyTwice(entry.id));
        }
        keys = keys.with(RefreshKeyId(entry.id), &secret(entry)?);
    }
    Ok(keys)
}

fn read_data_keys(entries: &[DataEntry]) -> Result<DataKeys, KeySetError> {
    let mut keys = DataKeys::default();
    for entry in entries {
        if count(entries, entry.id) > 1 {
            return Err(KeySetError::DataKeyTwice(entry.id));
        }
        let bad = || KeySetError::DataKey(entry.id);
        let secret = entry.secret().filter(|_| entry.id > 0).ok_or_else(bad)?;
        keys = keys.with(DataKeyId(entry.id), &secret).map_err(|_| bad())?;
    }
    let mut current = entries.iter().filter(|entry| entry.state == State::Current);
    match (current.next(), current.next()) {
        (Some(current), None) => Ok(keys.with_current(DataKeyId(current.id))),
        (None, _) if entries.is_empty() => Ok(keys),
        (None | Some(_), _) => Err(KeySetError::CurrentDataKey),
    }
}

/// How many entries have this id.
fn count<K: chain::Key>(entries: &[K], id: K::Id) -> usize {
    entries.iter().filter(|entry| entry.id() == id).count()
}

impl Half {
    fn public(&self) -> &Jwk {
        match self {
            Self::Private(key) => key.public(),
            Self::Public(jwk) => jwk,
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("signing", &self.signing)
            .field("refresh", &self.refresh)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
