//! The mailed text: 32 bytes that name a row and prove that we made them.
//!
//! ```text
//! code id 16 | tag 16
//! tag = first 16 bytes of HMAC-SHA-256(refresh-token key named in the row, "ratchet-code-v1\0" | half 1 | code id 16 |
//!       nonce 12 | user id 16 | version 8 (big endian) | purpose | "\0" | email | "\0" | new email)
//! ```
//!
//! Without an account, its id and version are zeros. No user has the id of zeros: ids are UUIDs of version 4.

use std::fmt;

use aws_lc_rs::constant_time;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Code, CodeId, OfAccount, Purpose};
use crate::ids::UserId;
use crate::refresh_token::RefreshKeys;

/// The length of a code as text, in bytes.
const TEXT_BYTES: usize = 43;

const BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const LABEL: &[u8] = b"ratchet-code-v1\0";

/// A presented code. Only its row shows whether we made it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeToken {
    /// The row.
    pub code_id: CodeId,
    tag: [u8; TAG_BYTES],
}

/// Selects one of the two texts that a row makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The text that is mailed.
    Mail,
    /// The text for the browser that requested the mail: a registration needs both.
    Browser,
}

/// The text of a code, for a mail or an answer. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct CodeText(String);

impl CodeToken {
    /// Reads a text. Returns `None` unless it is the one canonical encoding of 32 bytes (RFC 4648 section 3.5).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; BYTES];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == TEXT_BYTES => {}
            Ok(_) | Err(_) => return None,
        }
        let (code_id, tag) = bytes.split_first_chunk()?;
        Some(Self { code_id: CodeId::from_bytes(*code_id), tag: tag.try_into().ok()? })
    }

    /// Returns whether this row and one of the keys make this text. Compares in constant time.
    #[must_use]
    pub fn is_of(&self, code: &Code, half: Half, keys: &RefreshKeys) -> bool {
        let expected = tag(code, half, keys).filter(|_| self.code_id == code.code_id);
        expected.is_some_and(|tag| constant_time::verify_slices_are_equal(&tag, &self.tag).is_ok())
    }
}

impl Code {
    /// Derives the text of the code. Returns `None` if its key has been dropped: the code has then expired.
    #[must_use]
    pub fn text(&self, half: Half, keys: &RefreshKeys) -> Option<CodeText> {
        let tag = tag(self, half, keys)?;
        Some(CodeText(URL_SAFE_NO_PAD.encode([&self.code_id.as_bytes()[..], &tag].concat())))
    }
}

fn tag(code: &Code, half: Half, keys: &RefreshKeys) -> Option<[u8; TAG_BYTES]> {
    let nobody = OfAccount { user_id: UserId::from_bytes([0; 16]), version: 0 };
    let OfAccount { user_id, version } = code.account.unwrap_or(nobody);
    let half = match half {
        Half::Mail => [0],
        Half::Browser => [1],
    };
    let new_email = code.new_email.as_ref().map_or("", |email| email.as_str());
    // Fields of fixed length come first. No purpose and no address contains a zero byte.
    let parts: [&[u8]; 10] = [
        &half,
        code.code_id.as_bytes(),
        code.nonce.as_bytes(),
        user_id.as_bytes(),
        &version.to_be_bytes(),
        code.purpose.name().as_bytes(),
        &[0],
        code.email.as_str().as_bytes(),
        &[0],
        new_email.as_bytes(),
    ];
    keys.mac(code.key_id, LABEL, &parts)?.as_ref().first_chunk().copied()
}

impl CodeText {
    /// Returns the link to a page of the deployer with the code in the fragment, which browsers do not send.
    #[must_use]
    pub fn link(&self, app_url: &str, purpose: Purpose) -> String {
        // The page treats both alike: they replace the password.
        let kind = if purpose == Purpose::ResetLink { Purpose::Reset } else { purpose };
        format!("{app_url}#{}={}", kind.name(), self.0)
    }

    /// Returns the text itself, for use in the mail or the answer only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeToken").field("code_id", &self.code_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText(..)")
    }
}
