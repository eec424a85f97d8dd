//! Second factors: a code of an authenticator app (TOTP, RFC 6238), or a recovery code in its place.
//!
//! # Invariants
//! * A code works once. The step of a TOTP only grows, by the write that what it allows depends on; a recovery code goes with that
//!   write.
//! * What is stored opens nothing without the data keys: the secret is encrypted, a recovery code is a HMAC.

mod check;
mod code;
mod kinds;
mod recovery;
mod totp;

pub use check::{Checked, FactorUse, Presented, Used};
pub use code::{FactorCode, RecoveryCode, RecoveryCodeError, TotpCode, TotpCodeError};
pub use kinds::FactorKinds;
pub use recovery::{RECOVERY_CODES, RecoveryCodes};
pub use totp::{PENDING_FOR, PendingTotp, STEP_SECONDS, Totp, TotpSecret};

/// The second factors of an account, as its row has them. They have no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Factors {
    /// The authenticator app, if there is one. Then it or a recovery code is asked for.
    pub totp: Option<Totp>,
    /// An authenticator app that is being set up.
    pub pending_totp: Option<PendingTotp>,
    /// The recovery codes that are left.
    pub recovery_codes: Option<RecoveryCodes>,
}

impl Factors {
    /// Whether a second factor is asked for.
    #[must_use]
    pub fn are_set(&self) -> bool {
        self.totp.is_some()
    }

    /// Returns what may be presented.
    #[must_use]
    pub fn kinds(&self) -> FactorKinds {
        FactorKinds { recovery_code: self.recovery_codes.as_ref().is_some_and(|codes| codes.left() > 0) }
    }

    /// Returns how many recovery codes are left.
    #[must_use]
    pub fn recovery_codes_left(&self) -> usize {
        self.recovery_codes.as_ref().map_or(0, RecoveryCodes::left)
    }
}
