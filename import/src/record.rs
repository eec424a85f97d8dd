//! One line of a file.

use serde_json::{Map, Value};

use crate::reason::BadLineError;

/// A line of a file that is imported.
pub struct Record {
    /// Its number, from 1. For a record of several lines, the number of the first.
    pub number: u64,
    /// Its object, whose members are unchecked.
    pub object: Result<Map<String, Value>, BadLineError>,
}
