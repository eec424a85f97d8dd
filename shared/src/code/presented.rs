//! A presented code, with its accepted purposes.

use super::{Code, CodeId, CodeToken, Half, Purpose};
use crate::Timestamp;
use crate::refresh_token::RefreshKeys;

/// A presented code. Only its row shows whether we made it.
#[derive(Clone, Copy, Debug)]
pub struct PresentedCode {
    /// The text.
    pub token: CodeToken,
    /// The accepted purposes.
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

    /// Returns the row if it and one of the keys make this text, it has an accepted purpose and it has not expired.
    #[must_use]
    pub fn genuine(&self, row: Option<Code>, keys: &RefreshKeys) -> Option<Code> {
        row.filter(|code| {
            self.token.is_of(code, Half::Mail, keys)
                && self.purposes.contains(&code.purpose)
                && !code.is_over(self.now)
        })
    }
}
