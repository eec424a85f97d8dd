//! A line of JSON Lines.

use serde_json::{Map, Value};

use crate::account::ImportedAccount;
use crate::reason::{BadLineError, Reason};

/// The maximum length of a line, in bytes.
pub const MAX_LINE_BYTES: usize = 65_536;

/// Reads a line: one JSON object. `number` is the line's, from 1. A byte order mark before the first line is ignored.
///
/// # Errors
/// Returns [`BadLineError`] with every reason.
pub fn json(number: u64, line: &[u8]) -> Result<ImportedAccount, BadLineError> {
    account(number, &object(line).map_err(|reason| BadLineError { number, reasons: vec![reason] })?)
}

/// Reads an account that is an object already.
///
/// # Errors
/// Returns [`BadLineError`] with every reason.
pub fn account(number: u64, object: &Map<String, Value>) -> Result<ImportedAccount, BadLineError> {
    ImportedAccount::read(object).map_err(|reasons| BadLineError { number, reasons })
}

pub(crate) fn object(line: &[u8]) -> Result<Map<String, Value>, Reason> {
    if line.len() > MAX_LINE_BYTES {
        return Err(Reason::new("line", format!("must be at most {MAX_LINE_BYTES} bytes long")));
    }
    let text = str::from_utf8(line).map_err(|_| Reason::new("line", "must be UTF-8"))?;
    // Only the position of the error is used: the message may quote the line.
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        Reason::new("line", format!("must be a JSON object (see column {})", error.column()))
    })
}
