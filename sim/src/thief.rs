//! Who steals what, and what they do with it.

use crate::Millis;
use crate::device::Pair;

/// A kind of thief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Copies the newest token, refreshes at once, and goes on day and night.
    AtOnce,
    /// Copies the newest token, waits, then goes on day and night.
    Later,
    /// Copies the newest token, refreshes at once, and goes on whenever the device is in use, and only then.
    Beside,
    /// Copies the store in the middle of a refresh, the retry key with it, and then does as `Beside`.
    Store,
    /// Has the token that was superseded last, repeats it until the device is used again, and refreshes no successor.
    Away,
    /// The same with the whole request, the retry key with it.
    Captured,
}

impl Kind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::AtOnce, Self::Later, Self::Beside, Self::Store, Self::Away, Self::Captured];

    /// What the table calls it.
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

    /// Whether it acts only while the device is in use.
    pub(crate) fn hides(self) -> bool {
        matches!(self, Self::Beside | Self::Store)
    }

    /// Whether it repeats what it has stolen and refreshes nothing that it is answered.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::Away | Self::Captured)
    }
}

/// A thief at work.
pub(crate) struct Thief {
    pub kind: Kind,
    pub holds: Pair,
    /// Whether it waits for the device's next refresh, to copy what is sent.
    pub is_waiting: bool,
    /// When it first presented what it had stolen.
    pub first_at: Option<Millis>,
    /// How many refreshes succeeded.
    pub answers: u32,
}

impl Thief {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, holds: Pair::default(), is_waiting: false, first_at: None, answers: 0 }
    }
}
