//! A line of JSON Lines.

use serde_json::{Map, Value};

use crate::account::ImportedAccount;
use crate::reason::{BadLineError, Reason};
use crate::unique::{TWICE, Unique};

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
    let text = text.trim_start_matches('\u{feff}');
    let wrong = |what: &str, column: usize| Reason::new("line", format!("must {what} (see column {column})"));
    match serde_json::from_str(text) {
        Ok(Unique(Value::Object(object))) => Ok(object),
        Ok(Unique(_)) => Err(wrong("be a JSON object", text.trim_end().len())),
        // The message of another error may quote the line.
        Err(error) if error.to_string().starts_with(TWICE) => {
            Err(wrong("not have a member twice", error.column()))
        }
        Err(error) => Err(wrong("be a JSON object", error.column())),
    }
}
