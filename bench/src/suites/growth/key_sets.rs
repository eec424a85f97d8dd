//! Key sets with more or fewer keys.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use shared::key_set::{Algorithm, KeySet};

use crate::Failure;

/// A set of so many keys of each kind with the same current ones. One more than that is the next, all others have retired.
pub(super) fn of(keys: &KeySet, number: usize) -> Result<KeySet, Failure> {
    let mut rng = StdRng::seed_from_u64(6);
    let mut set: Value = serde_json::from_str(&keys.to_json()).map_err(|error| error.to_string())?;
    for member in ["signing_keys", "refresh_token_keys"] {
        let chain = set.get_mut(member).and_then(Value::as_array_mut).ok_or("a key set has other members")?;
        chain.truncate(number);
        for older in 0..number.saturating_sub(2) {
            let other = KeySet::generate(Algorithm::default(), &mut rng)
                .map_err(|error| error.to_string())?
                .to_json();
            let other: Value = serde_json::from_str(&other).map_err(|error| error.to_string())?;
            let key = other.pointer(&format!("/{member}/0")).and_then(Value::as_object);
            chain.insert(older, retired(key.cloned().unwrap_or_default(), 100 + older));
        }
    }
    Ok(KeySet::parse(&set.to_string()).map_err(|error| error.to_string())?)
}

/// This key, used no more. Only keys of refresh tokens have numbers.
fn retired(mut key: Map<String, Value>, id: usize) -> Value {
    key.insert("state".to_owned(), json!("retired"));
    key.insert("used_until".to_owned(), json!(FUTURE));
    if key.contains_key("id") {
        key.insert("id".to_owned(), json!(id));
    }
    Value::Object(key)
}

/// 2100-01-01.
const FUTURE: i64 = 4_102_444_800;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_so_many_keys_and_the_same_current_one() {
        let keys = crate::ratchet::keys().unwrap();
        for number in [1, 2, 6] {
            let set = of(&keys, number).unwrap();
            let json: Value = serde_json::from_str(&set.to_json()).unwrap();
            assert_eq!(json["signing_keys"].as_array().unwrap().len(), number);
            assert_eq!(json["refresh_token_keys"].as_array().unwrap().len(), number);
            assert_eq!(set.refresh.current(), keys.refresh.current());
        }
    }
}
