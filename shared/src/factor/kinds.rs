//! What may be presented as a second factor.

use serde::ser::{Serialize, Serializer};

/// The factors that are asked for: a TOTP always, and a recovery code if one is left. In JSON a list of the members of a
/// request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorKinds {
    /// Whether a recovery code is left.
    pub recovery_code: bool,
}

impl FactorKinds {
    /// Returns the names of the members.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        ["totp"].into_iter().chain(self.recovery_code.then_some("recovery_code"))
    }
}

impl Serialize for FactorKinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}
