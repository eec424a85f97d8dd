//! The addresses of a dry run, which creates no account that a later line with the same address could find.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Value};
use shared::email::Email;

/// Hashes of the addresses of accounts that would be created. Of a million addresses two have the same hash with a probability of
/// 1 in 37 million.
#[derive(Default)]
pub(super) struct Addresses {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl Addresses {
    /// Adds an address. Returns whether it is new.
    pub(super) fn add(&mut self, address: &Email) -> bool {
        self.hashes.insert(self.hasher.hash_one(address.as_str()))
    }
}

/// Returns the address of a line, normalised.
pub(super) fn address(line: &Map<String, Value>) -> Option<Email> {
    Email::parse(line.get("email")?.as_str()?).ok()
}
