//! A code as somebody presented it, for what it is to do.

use super::{Code, CodeId, CodeToken, Half, Purpose};
use crate::Timestamp;
use crate::refresh_token::RefreshKeys;

/// A code that was presented. Whether it is one that we mailed is known when its row is read.
#[derive(Clone, Copy, Debug)]
pub struct PresentedCode {
    /// The text.
    pub token: CodeToken,
    /// What it may be for.
    pub purposes: &'static [Purpose],
    /// The clock reading of the request.
    pub now: Timestamp,
}

impl PresentedCode {
    /// Returns the key of the row to read, consistently.
    #[must_use]
    pub fn code_id(&self) -> CodeId {
        self.token.code_id
    }

    /// Returns the row, if it and one of the keys make this text, for one of these purposes and still.
    #[must_use]
    pub fn genuine(&self, row: Option<Code>, keys: &RefreshKeys) -> Option<Code> {
        row.filter(|code| {
            self.token.is_of(code, Half::Mail, keys)
                && self.purposes.contains(&code.purpose)
                && !code.is_over(self.now)
        })
    }
}
