//! A row, as DynamoDB's JSON has it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A row of a table, as DynamoDB's JSON has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(pub Value);

impl Row {
    /// A number.
    ///
    /// # Panics
    /// If the attribute is none.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        let text = self.0[name]["N"].as_str();
        text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number {name} in {self:?}"))
    }

    /// A text.
    ///
    /// # Panics
    /// If the attribute is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.0[name]["S"].as_str().unwrap_or_else(|| panic!("no text {name} in {self:?}")).to_owned()
    }

    /// The same row with another number.
    #[must_use]
    pub fn with_number(mut self, name: &str, value: i64) -> Self {
        self.0[name] = json!({ "N": value.to_string() });
        self
    }

    /// The same row with another text.
    #[must_use]
    pub fn with_text(mut self, name: &str, value: &str) -> Self {
        self.0[name] = json!({ "S": value });
        self
    }

    /// The same row with other bytes.
    #[must_use]
    pub fn with_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.0[name] = json!({ "B": STANDARD.encode(value) });
        self
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
