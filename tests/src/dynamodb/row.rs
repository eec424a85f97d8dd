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
    /// Panics if the attribute is not a number.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        let text = self.0[name]["N"].as_str();
        text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number {name} in {self:?}"))
    }

    /// A text.
    ///
    /// # Panics
    /// Panics if the attribute is not a text.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.0[name]["S"].as_str().unwrap_or_else(|| panic!("no text {name} in {self:?}")).to_owned()
    }

    /// How many bytes it has, as DynamoDB counts them for billing: names and values.
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes = self.0.as_object().into_iter().flatten();
        attributes.map(|(name, value)| name.len() + size(value)).sum()
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

/// A text is its UTF-8, a number a byte for every two significant digits and one more, a flag one, a list three bytes and one
/// for each element.
fn size(value: &Value) -> usize {
    let (kind, value) = value.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(digits)) => digits.trim_matches('0').len().div_ceil(2) + 1,
        ("B", Value::String(base64)) => STANDARD.decode(base64).expect("base64").len(),
        ("L", Value::Array(values)) => 3 + values.iter().map(|value| 1 + size(value)).sum::<usize>(),
        ("BOOL", _) => 1,
        _ => panic!("no row has a {kind}"),
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
