//! Whether what was presented is a second factor of an account, and what its use writes.

use rand::CryptoRng;

use super::{FactorCode, FactorKinds, Factors, RecoveryCodes, Totp, TotpCode, TotpSecret};
use crate::Timestamp;
use crate::data_key::{DataKeyError, DataKeys, Sealed, SealingNonce};
use crate::ids::UserId;

/// A second factor as a request presents it, and what it is checked with.
pub struct Presented<'a> {
    /// What was typed, if anything was.
    pub code: Option<&'a FactorCode>,
    /// The data keys.
    pub keys: &'a DataKeys,
    /// The clock reading of the request.
    pub now: Timestamp,
    /// None seals no secret anew.
    nonce: Option<SealingNonce>,
}

/// What a check comes to.
#[derive(Clone, PartialEq, Eq)]
pub enum Checked {
    /// The account has no second factor.
    NotNeeded,
    /// One of these is asked for, and none was presented.
    Missing(FactorKinds),
    /// It is wrong, or was used before.
    Wrong,
    /// It can't be checked: its data key is missing.
    KeyMissing,
    /// It is right, unless it is used meanwhile.
    Right(FactorUse),
}

/// The use of a second factor: what is written so that it is not used again. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum FactorUse {
    /// A code of an authenticator app.
    Totp {
        /// Its step, which becomes the newest one that was used. If it is not newer than that, the use is refused.
        step: i64,
        /// The app's secret under the current data key, if it was sealed under another one.
        resealed: Option<Sealed>,
    },
    /// A recovery code.
    Recovery {
        /// Its HMAC, which goes. If it is gone, the use is refused.
        hash: String,
        /// Whether it was the last one.
        is_last: bool,
    },
}

/// What a write came to that uses a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It is written.
    Written,
    /// Nothing is: the account is not as it was read.
    AccountDiffers,
    /// Nothing is: the factor was used meanwhile.
    FactorUsed,
}

impl FactorUse {
    /// Whether it is that of the last recovery code.
    #[must_use]
    pub fn is_last_code(&self) -> bool {
        matches!(self, Self::Recovery { is_last: true, .. })
    }
}

impl<'a> Presented<'a> {
    /// Prepares a check.
    pub fn new(
        code: Option<&'a FactorCode>,
        keys: &'a DataKeys,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Self {
        Self { code, keys, now, nonce: Some(SealingNonce::random(rng)) }
    }

    /// Nothing was typed.
    #[must_use]
    pub fn nothing(keys: &'a DataKeys, now: Timestamp) -> Self {
        Self { code: None, keys, now, nonce: None }
    }
}

impl Factors {
    /// Checks what was presented against the factors of this user. If a data key is missing, nothing is right: the log says so.
    #[must_use]
    pub fn check(&self, user_id: UserId, presented: Presented<'_>) -> Checked {
        let Some(totp) = &self.totp else { return Checked::NotNeeded };
        let Presented { code, keys, now, nonce } = presented;
        let Some(code) = code else { return Checked::Missing(self.kinds()) };
        let used = match code {
            FactorCode::Totp(code) => totp.use_of(user_id, (code, now), keys, nonce),
            FactorCode::Recovery(code) => match &self.recovery_codes {
                Some(codes) => {
                    codes.find(user_id, code, keys).map(|hash| hash.map(|hash| codes.use_of(hash)))
                }
                None => Ok(None),
            },
        };
        match used {
            Ok(Some(used)) => Checked::Right(used),
            Ok(None) => Checked::Wrong,
            Err(error) => {
                tracing::error!(event = "data_key_missing", %user_id, %error);
                Checked::KeyMissing
            }
        }
    }

    /// Returns the factors after a use.
    #[must_use]
    pub fn after(&self, used: &FactorUse) -> Self {
        match used {
            FactorUse::Totp { step, resealed } => {
                let totp = self.totp.as_ref().map(|totp| Totp {
                    secret: resealed.as_ref().unwrap_or(&totp.secret).clone(),
                    last_step: *step,
                    ..totp.clone()
                });
                Self { totp, ..self.clone() }
            }
            FactorUse::Recovery { hash, .. } => Self {
                recovery_codes: self.recovery_codes.as_ref().and_then(|codes| codes.without(hash)),
                ..self.clone()
            },
        }
    }
}

impl Totp {
    fn use_of(
        &self,
        user_id: UserId,
        (code, now): (&TotpCode, Timestamp),
        keys: &DataKeys,
        nonce: Option<SealingNonce>,
    ) -> Result<Option<FactorUse>, DataKeyError> {
        let secret = TotpSecret::opened(&self.secret, user_id, keys)?;
        let Some(step) = secret.step_of(code, now).filter(|step| *step > self.last_step) else {
            return Ok(None);
        };
        let is_old = keys.current()? != self.secret.key_id;
        let nonce = nonce.filter(|_| is_old);
        let resealed = nonce.map(|nonce| secret.sealed(user_id, keys, nonce)).transpose()?;
        Ok(Some(FactorUse::Totp { step, resealed }))
    }
}

impl RecoveryCodes {
    fn use_of(&self, hash: String) -> FactorUse {
        FactorUse::Recovery { hash, is_last: self.left() == 1 }
    }
}

#[cfg(test)]
mod tests;
