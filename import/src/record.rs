//! One line of a file.

use serde_json::{Map, Value};

use crate::reason::BadLineError;

/// A line of a file that is imported.
pub struct Record {
    /// Its number, from 1. Of a record of several lines, the first one's.
    pub number: u64,
    /// The object that it is; its members have not been checked.
    pub object: Result<Map<String, Value>, BadLineError>,
}
