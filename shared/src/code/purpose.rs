//! The purposes of rows of the codes table.

use std::str::FromStr;

use crate::{Seconds, Timestamp};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The effect of a code, and the text of its mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// No effect and no mail: the address of the request has no account.
    Nobody,
    /// Replaces the password.
    Reset,
    /// Replaces the password. An operator hands it over; it is never mailed.
    ResetLink,
    /// Verifies the address of an account.
    Verify,
    /// Verifies the address of a future account.
    Registration,
    /// No effect. Tells the owner of an address that somebody tried to register with it.
    AddressTaken,
    /// Verifies the new address of an account.
    ChangeAddress,
    /// Restores the old address, to which it is mailed.
    AddressChanged,
    /// No effect. Tells the address that an undo has removed from the account.
    AddressUndone,
    /// Activates an account that an operator has created.
    Invitation,
    /// No effect. Tells that the password was changed.
    PasswordChanged,
    /// No effect. Tells of a sign-in from an unknown device.
    NewDevice,
    /// No effect. Tells that the account was deleted.
    AccountDeleted,
    /// Nothing. It tells that a second factor or a passkey was added, or recovery codes were replaced.
    FactorAdded,
    /// Nothing. It tells that a second factor or a passkey was removed.
    FactorRemoved,
    /// Nothing. It tells that the last recovery code was used.
    RecoveryCodesUsedUp,
}

/// The text is not a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no purpose of a code")]
pub struct PurposeError;

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 16] = [
        Self::Nobody,
        Self::Reset,
        Self::ResetLink,
        Self::Verify,
        Self::Registration,
        Self::AddressTaken,
        Self::ChangeAddress,
        Self::AddressChanged,
        Self::AddressUndone,
        Self::Invitation,
        Self::PasswordChanged,
        Self::NewDevice,
        Self::AccountDeleted,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesUsedUp,
    ];

    /// Returns the kind of mail. A change of the address that cannot be undone has a kind of its own.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::AddressUndone => Self::AddressChanged.name(),
            Self::Nobody
            | Self::Reset
            | Self::ResetLink
            | Self::Verify
            | Self::Registration
            | Self::AddressTaken
            | Self::ChangeAddress
            | Self::AddressChanged
            | Self::Invitation
            | Self::PasswordChanged
            | Self::NewDevice
            | Self::AccountDeleted
            | Self::FactorAdded
            | Self::FactorRemoved
            | Self::RecoveryCodesUsedUp => self.name(),
        }
    }

    /// Returns its name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Reset => "reset",
            Self::ResetLink => "reset_link",
            Self::Verify => "verify",
            Self::Registration => "registration",
            Self::AddressTaken => "address_taken",
            Self::ChangeAddress => "change_address",
            Self::AddressChanged => "address_changed",
            Self::AddressUndone => "address_undone",
            Self::Invitation => "invitation",
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::AccountDeleted => "account_deleted",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::RecoveryCodesUsedUp => "recovery_codes_used_up",
        }
    }

    /// Returns whether the row causes a mail.
    #[must_use]
    pub const fn is_mailed(self) -> bool {
        !matches!(self, Self::Nobody | Self::ResetLink)
    }

    /// Returns whether the row has a code.
    #[must_use]
    pub const fn has_code(self) -> bool {
        match self {
            Self::Reset
            | Self::ResetLink
            | Self::Verify
            | Self::Registration
            | Self::ChangeAddress
            | Self::AddressChanged
            | Self::Invitation => true,
            Self::Nobody
            | Self::AddressTaken
            | Self::AddressUndone
            | Self::PasswordChanged
            | Self::NewDevice
            | Self::AccountDeleted
            | Self::FactorAdded
            | Self::FactorRemoved
            | Self::RecoveryCodesUsedUp => false,
        }
    }

    /// Returns how long the code works, in seconds. A row without a code lives for as long as its mail may be delayed.
    #[must_use]
    pub const fn lifetime(self) -> Seconds {
        Seconds(match self {
            Self::Nobody | Self::Reset | Self::ResetLink => 30 * MINUTE,
            Self::Verify
            | Self::Registration
            | Self::ChangeAddress
            | Self::AddressTaken
            | Self::AddressUndone
            | Self::PasswordChanged
            | Self::NewDevice
            | Self::AccountDeleted
            | Self::FactorAdded
            | Self::FactorRemoved
            | Self::RecoveryCodesUsedUp => DAY,
            Self::AddressChanged => crate::account::UNDOABLE_FOR.0,
            Self::Invitation => 7 * DAY,
        })
    }

    /// Returns when a code made at `now` expires: a whole second, as the TTL attribute stores it.
    #[must_use]
    pub fn ends_at(self, now: Timestamp) -> Timestamp {
        Timestamp::from_seconds((now + self.lifetime()).seconds())
    }
}

impl FromStr for Purpose {
    type Err = PurposeError;

    fn from_str(text: &str) -> Result<Self, PurposeError> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == text).ok_or(PurposeError)
    }
}
