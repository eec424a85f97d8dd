//! The members of a JSON object or the parameters of a form, with repeated ones marked.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of a JSON object, or the parameters of a form. For a repeated one some parsers take the first value, some the last
/// (RFC 8259 section 4), so the reader of a field must be able to refuse it.
pub(super) struct Members {
    values: Map<String, Value>,
    repeated: BTreeSet<String>,
}

/// The member is repeated.
pub(super) struct Repeated;

impl Members {
    /// Returns an empty set of members.
    pub(super) fn new() -> Self {
        Self { values: Map::new(), repeated: BTreeSet::new() }
    }

    /// Adds a member. If it is repeated, the first value stays.
    pub(super) fn add(&mut self, name: String, value: Value) {
        if self.values.contains_key(&name) {
            self.repeated.insert(name);
        } else {
            self.values.insert(name, value);
        }
    }

    /// Returns the member's value.
    pub(super) fn get(&self, name: &str) -> Result<Option<&Value>, Repeated> {
        if self.repeated.contains(name) { Err(Repeated) } else { Ok(self.values.get(name)) }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            members.add(name, value);
        }
        Ok(members)
    }
}
