//! Rotation: the settings `KeyRotation` and `RevokeKeys`, applied to a stored key set.
//!
//! ```text
//!            made          its turn           a later one's turn        nothing of it can live
//!   (none) --------> next ----------> current -----------------> retired ---------------------> (none)
//!                     ^                 |  ^                        |
//!                     |  a step back    |  |     a step back to it  |
//!                     +-----------------+  +------------------------+
//!
//!   any state --- revoked ---> (none), at once and for good; if it was current, the next takes over
//! ```
//!
//! A set has one such line of keys for access tokens, one for refresh tokens and one for data. [`apply`] does, in this order:
//!
//! 1. **Create.** Without a stored set it makes one: a current and a next key of each kind. A set from before there were data
//!    keys gets them, and its steps stand for the first.
//! 2. **Step.** Each value of `KeyRotation` represents the keys that it made current when it was first seen, which the
//!    document keeps as `rotations`. A new value moves all lines one key on, to the one that the last deployment has
//!    published; a known value selects its keys again. Repeating a value therefore adds nothing, and a rollback
//!    selects the old keys again.
//! 3. **Revoke.** Drops the named keys. Values that represented a dropped key now represent the one after it. This follows
//!    the step, so that one deployment can rotate a leaked key away and drop it; the other order would skip a key.
//! 4. **Refill.** Drops an unused next key of another algorithm than `SIGNING_ALGORITHM`: no token was signed with
//!    it, and no value represents it. Makes a next key if there is none. Another algorithm therefore signs one rotation
//!    after it was chosen, when every verifier knows its key.
//! 5. **Prune.** Drops retired keys when no session can have one of their tokens any more, and the values that represent
//!    them; such a value then counts as a new one. Until then a retired key keeps its private half, for the way back. Data keys
//!    are kept until they are revoked: nobody knows when nothing of theirs is stored any more.
//!
//! # Invariants
//! * Each kind has one current key.
//! * Ids are unique, and a revoked id never comes back.
//! * The key that was current before is among the published ones after, unless it was revoked.

mod names;

use rand::CryptoRng;

use super::document::{DataEntry, Document, RefreshEntry, SigningEntry, State, Step};
use super::{Algorithm, KeySet, KeySetError, chain};
use crate::account::UNDOABLE_FOR;
use crate::{Seconds, Timestamp};
pub use names::{KeyName, KeyNameError, key_names};

/// How much longer a retired key is kept than the longest session: functions sign with it until they have loaded the
/// new set, which takes minutes, or longer when the secret cannot be read.
const MARGIN: Seconds = Seconds(24 * 60 * 60);

/// The requested change of a key set.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The value of `KeyRotation`.
    pub step: &'a str,
    /// The keys that must not be used any more.
    pub revoke: &'a [KeyName],
    /// The algorithm of new signing keys.
    pub algorithm: Algorithm,
    /// The longest lifetime of any token, refresh token or access token.
    pub longest_session: Seconds,
    /// The current time.
    pub now: Timestamp,
}

/// The result of a change.
#[derive(Debug)]
pub struct Applied {
    /// The set.
    pub set: KeySet,
    /// Whether it differs from the stored set and must be stored.
    pub differs: bool,
}

/// The reason why a change cannot be made. No message repeats key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// The stored set is invalid. It is left unchanged: its keys may be the only ones that recognise living sessions.
    #[error("the stored key set {0}")]
    Stored(KeySetError),
    /// The resulting set would be invalid.
    #[error("the new key set {0}")]
    New(KeySetError),
    /// A key to revoke does not exist, and was not revoked before.
    #[error("there is no key {0} to revoke: neither in the key set nor among those revoked before")]
    UnknownKey(KeyName),
    /// All 255 ids of refresh-token keys are in use or were revoked.
    #[error("all 255 ids of refresh-token keys are taken: rotate less often than sessions live")]
    NoFreeId,
    /// All 65535 ids of data keys were given away.
    #[error("all 65535 ids of data keys were given away")]
    NoFreeDataId,
}

/// Applies `change` to the stored document, if there is one.
///
/// # Errors
/// Returns [`RotationError`]; the stored document then stays unchanged.
pub fn apply(
    stored: Option<&str>,
    change: &Change<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Applied, RotationError> {
    let before = match stored {
        Some(json) => KeySet::parse(json).map_err(RotationError::Stored)?.document,
        None => Document::default(),
    };
    let mut after = before.clone();
    after.apply(change, rng)?;
    let differs = after != before;
    Ok(Applied { set: after.try_into().map_err(RotationError::New)?, differs })
}

/// Makes a new key of `algorithm` current at once. This is for a process in which all signers and verifiers start
/// with the new set. Others use [`apply`], which publishes a key before it signs. Tokens of the old keys stay
/// valid.
///
/// # Errors
/// Returns [`RotationError`] if the key cannot be made.
pub fn sign_with(
    set: &KeySet,
    algorithm: Algorithm,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySet, RotationError> {
    let mut document = set.document.clone();
    chain::put_in_order(&mut document.signing_keys, now.seconds());
    document.signing_keys.retain(|key| key.state != State::Next || key.used_until.is_some());
    document.add_signing_key(algorithm, State::Next, rng)?;
    if let Some(newest) = document.signing_keys.last().map(chain::Key::id) {
        chain::select(&mut document.signing_keys, &newest, now.seconds());
    }
    document.refill(algorithm, rng)?;
    document.try_into().map_err(RotationError::New)
}

/// Adds data keys to a set from before there were any, for a process that reads the set it is in alone. None if it has
/// them.
///
/// # Errors
/// [`RotationError`] if they can't be made.
pub fn with_data_keys(set: &KeySet, rng: &mut impl CryptoRng) -> Result<Option<KeySet>, RotationError> {
    let mut document = set.document.clone();
    for state in [State::Current, State::Next].into_iter().skip(document.data_keys.len()) {
        document.add_data_key(state, rng)?;
    }
    let differs = document != set.document;
    Ok(if differs { Some(document.try_into().map_err(RotationError::New)?) } else { None })
}

impl Document {
    fn apply(&mut self, change: &Change<'_>, rng: &mut impl CryptoRng) -> Result<(), RotationError> {
        let now = change.now.seconds();
        chain::put_in_order(&mut self.signing_keys, now);
        chain::put_in_order(&mut self.refresh_token_keys, now);
        chain::put_in_order(&mut self.data_keys, now);
        self.refill(change.algorithm, rng)?;
        self.step(change.step, now);
        self.refill(change.algorithm, rng)?;
        for name in change.revoke {
            self.revoke(name, change.algorithm, rng)?;
            self.refill(change.algorithm, rng)?;
        }
        self.drop_unused(change.algorithm);
        self.refill(change.algorithm, rng)?;
        // Never lowered: a session that began under a longer lifetime keeps it.
        self.longest_session = self.longest_session.max(change.longest_session.0);
        self.prune(now);
        Ok(())
    }

    /// Makes a current key if there is none, that is, for a new set, and a next one.
    fn refill(&mut self, algorithm: Algorithm, rng: &mut impl CryptoRng) -> Result<(), RotationError> {
        for state in [State::Current, State::Next] {
            if self.signing_keys.iter().all(|key| key.state != state) {
                self.add_signing_key(algorithm, state, rng)?;
            }
            if self.refresh_token_keys.iter().all(|key| key.state != state) {
                self.add_refresh_token_key(state, rng)?;
            }
            if self.data_keys.iter().all(|key| key.state != state) {
                self.add_data_key(state, rng)?;
            }
        }
        let current = chain::current(&self.data_keys).map(chain::Key::id);
        self.rotations.iter_mut().for_each(|step| step.data_key = step.data_key.or(current));
        Ok(())
    }

    fn add_signing_key(
        &mut self,
        algorithm: Algorithm,
        state: State,
        rng: &mut impl CryptoRng,
    ) -> Result<(), RotationError> {
        self.signing_keys.push(SigningEntry::generate(algorithm, state, rng).map_err(RotationError::New)?);
        Ok(())
    }

    fn add_refresh_token_key(&mut self, state: State, rng: &mut impl CryptoRng) -> Result<(), RotationError> {
        let id = self.free_id().ok_or(RotationError::NoFreeId)?;
        self.refresh_token_keys.push(RefreshEntry::generate(id, state, rng));
        Ok(())
    }

    /// Ids only grow, so that a revoked one never comes back.
    fn add_data_key(&mut self, state: State, rng: &mut impl CryptoRng) -> Result<(), RotationError> {
        let newest = self.data_keys.last().map_or(0, |key| key.id);
        let id = newest.checked_add(1).ok_or(RotationError::NoFreeDataId)?;
        self.data_keys.push(DataEntry::generate(id, state, rng));
        Ok(())
    }

    /// Drops next keys of another algorithm that no token and no value uses.
    fn drop_unused(&mut self, algorithm: Algorithm) {
        let rotations = &self.rotations;
        let is_named = |kid: &str| rotations.iter().any(|step| step.signing_key == kid);
        self.signing_keys.retain(|key| {
            key.state != State::Next || key.alg == algorithm || key.used_until.is_some() || is_named(&key.kid)
        });
    }

    /// Returns the id after the newest key's, modulo 255, so that a free id rests for as long as possible.
    fn free_id(&self) -> Option<u8> {
        let newest = self.refresh_token_keys.last().map_or(0, |key| key.id);
        let around = (newest.saturating_add(1)..=u8::MAX).chain(1..=newest).filter(|id| *id > 0);
        let taken = |id: u8| self.refresh_token_keys.iter().any(|key| key.id == id);
        let revoked = |id: u8| self.revoked.contains(&KeyName::RefreshToken(id).to_string());
        around.into_iter().find(|id| !taken(*id) && !revoked(*id))
    }

    fn step(&mut self, value: &str, now: i64) {
        if let Some(known) = self.rotations.iter().find(|step| step.value == value) {
            chain::select(&mut self.signing_keys, &known.signing_key, now);
            chain::select(&mut self.refresh_token_keys, &known.refresh_token_key, now);
            if let Some(data_key) = known.data_key {
                chain::select(&mut self.data_keys, &data_key, now);
            }
            return;
        }
        // The first value represents the keys of the original set.
        if !self.rotations.is_empty() {
            chain::select_next(&mut self.signing_keys, now);
            chain::select_next(&mut self.refresh_token_keys, now);
            chain::select_next(&mut self.data_keys, now);
        }
        if let (Some(signing), Some(refresh)) =
            (chain::current(&self.signing_keys), chain::current(&self.refresh_token_keys))
        {
            let (signing_key, refresh_token_key) = (signing.kid.clone(), refresh.id);
            let data_key = chain::current(&self.data_keys).map(chain::Key::id);
            self.rotations.push(Step { value: value.to_owned(), signing_key, refresh_token_key, data_key });
        }
    }

    fn revoke(
        &mut self,
        name: &KeyName,
        algorithm: Algorithm,
        rng: &mut impl CryptoRng,
    ) -> Result<(), RotationError> {
        let text = name.to_string();
        // An id of a refresh-token key is never reused once it is here, so this cannot mean another key.
        if self.revoked.contains(&text) {
            return Ok(());
        }
        self.revoked.push(text);
        let was_there = match name {
            KeyName::Signing(kid) => self.revoke_signing_key(kid, algorithm, rng)?,
            KeyName::RefreshToken(id) => self.revoke_refresh_token_key(*id, rng)?,
            KeyName::Data(id) => self.revoke_data_key(*id, rng)?,
        };
        if was_there { Ok(()) } else { Err(RotationError::UnknownKey(name.clone())) }
    }

    fn revoke_signing_key(
        &mut self,
        kid: &String,
        algorithm: Algorithm,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, RotationError> {
        if self.signing_keys.last().is_some_and(|key| key.kid == *kid) {
            self.add_signing_key(algorithm, State::Next, rng)?;
        }
        let Some(heir) = chain::drop_key(&mut self.signing_keys, kid) else { return Ok(false) };
        let steps = self.rotations.iter_mut().filter(|step| step.signing_key == *kid);
        steps.for_each(|step| step.signing_key.clone_from(&heir));
        Ok(true)
    }

    fn revoke_refresh_token_key(&mut self, id: u8, rng: &mut impl CryptoRng) -> Result<bool, RotationError> {
        if self.refresh_token_keys.last().is_some_and(|key| key.id == id) {
            self.add_refresh_token_key(State::Next, rng)?;
        }
        let Some(heir) = chain::drop_key(&mut self.refresh_token_keys, &id) else { return Ok(false) };
        let steps = self.rotations.iter_mut().filter(|step| step.refresh_token_key == id);
        steps.for_each(|step| step.refresh_token_key = heir);
        Ok(true)
    }

    fn revoke_data_key(&mut self, id: u16, rng: &mut impl CryptoRng) -> Result<bool, RotationError> {
        if self.data_keys.last().is_some_and(|key| key.id == id) {
            self.add_data_key(State::Next, rng)?;
        }
        let Some(heir) = chain::drop_key(&mut self.data_keys, &id) else { return Ok(false) };
        let steps = self.rotations.iter_mut().filter(|step| step.data_key == Some(id));
        steps.for_each(|step| step.data_key = Some(heir));
        Ok(true)
    }

    fn prune(&mut self, now: i64) {
        // Mailed codes live long too, such as the code that undoes a change of an address.
        let longest = self.longest_session.max(UNDOABLE_FOR.0);
        let kept_for = i64::from(longest) + i64::from(MARGIN.0);
        chain::prune(&mut self.signing_keys, kept_for, now);
        chain::prune(&mut self.refresh_token_keys, kept_for, now);
        let (signing, refresh) = (&self.signing_keys, &self.refresh_token_keys);
        self.rotations.retain(|step| {
            signing.iter().any(|key| key.kid == step.signing_key)
                && refresh.iter().any(|key| key.id == step.refresh_token_key)
        });
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
