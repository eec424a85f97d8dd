//! What a success does to the count of attempts.

use super::{Lane, TakeBack};

/// The lane in which an attempt is counted. It determines what a success does to the count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountedIn {
    /// The common lane. A success subtracts itself. If it cleared the count, a stranger would learn that the
    /// account exists and that its owner has just signed in, and could guess more often.
    Common(Lane),
    /// The lane of a device. A success clears it.
    Device(Lane),
}

impl CountedIn {
    /// Returns the lane that a success clears.
    #[must_use]
    pub fn forgotten(&self) -> Option<&Lane> {
        match self {
            Self::Common(_) => None,
            Self::Device(lane) => Some(lane),
        }
    }

    /// Returns the write by which an attempt takes itself from the count that knew the password, and is not over: a second
    /// factor is still asked for. It forgets no others, in the lane of a device either: those may be wrong factors of somebody who knows
    /// the password.
    #[must_use]
    pub fn taken_back_alone(&self) -> TakeBack {
        let (Self::Common(lane) | Self::Device(lane)) = self;
        TakeBack { lane: lane.clone() }
    }

    /// Returns the write by which a success subtracts itself.
    #[must_use]
    pub fn taken_back(&self) -> Option<TakeBack> {
        match self {
            Self::Common(lane) => Some(TakeBack { lane: lane.clone() }),
            Self::Device(_) => None,
        }
    }
}
