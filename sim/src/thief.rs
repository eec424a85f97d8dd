//! The thieves: what they steal, and what they do with it.

use crate::Millis;
use crate::device::Pair;

/// A kind of thief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Copies the newest token, refreshes at once, and continues day and night.
    AtOnce,
    /// Copies the newest token, waits, then continues day and night.
    Later,
    /// Copies the newest token, refreshes at once, and continues only while the device is in use.
    Beside,
    /// Copies the store in the middle of a refresh, with the retry key, and then does as `Beside`.
    Store,
    /// Has the last superseded token, repeats it until the device is used again, and refreshes no successor.
    Away,
    /// Does the same with the whole request, including the retry key.
    Captured,
}

impl Kind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::AtOnce, Self::Later, Self::Beside, Self::Store, Self::Away, Self::Captured];

    /// Returns its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "at once",
            Self::Later => "later",
            Self::Beside => "beside the user",
            Self::Store => "with the store",
            Self::Away => "while the user is away",
            Self::Captured => "with a captured request",
        }
    }

    /// Returns whether it acts only while the device is in use.
    pub(crate) fn hides(self) -> bool {
        matches!(self, Self::Beside | Self::Store)
    }

    /// Returns whether it repeats its loot and refreshes no successor.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::Away | Self::Captured)
    }
}

/// An active thief.
pub(crate) struct Thief {
    pub kind: Kind,
    pub holds: Pair,
    /// Whether it waits for the device's next refresh, to copy the request.
    pub is_waiting: bool,
    /// When it first presented its loot.
    pub first_at: Option<Millis>,
    /// The number of successful refreshes.
    pub answers: u32,
}

impl Thief {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, holds: Pair::default(), is_waiting: false, first_at: None, answers: 0 }
    }
}
