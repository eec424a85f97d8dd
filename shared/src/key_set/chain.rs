//! The keys of one kind in the order in which they sign: retired ones, the current one, next ones.
//!
//! # Invariants
//! After each of these functions one key is current, all before it are retired and state until when
//! they were used, and all after it are next. A step back makes keys next that have signed before, so those may state
//! it too.

use super::document::{DataEntry, RefreshEntry, SigningEntry, State};

/// What the kinds of keys have in common.
pub(super) trait Key {
    type Id: PartialEq + Clone;

    fn id(&self) -> Self::Id;
    fn state(&self) -> State;
    fn used_until(&self) -> Option<i64>;
    fn set(&mut self, state: State, used_until: Option<i64>);
}

/// Returns the key that signs.
pub(super) fn current<K: Key>(keys: &[K]) -> Option<&K> {
    keys.iter().find(|key| key.state() == State::Current)
}

/// Returns the key that will sign after the current one.
pub(super) fn next<K: Key>(keys: &[K]) -> Option<&K> {
    keys.iter().find(|key| key.state() == State::Next)
}

/// Returns the key that was current last before the current one.
pub(super) fn last_used<K: Key>(keys: &[K]) -> Option<&K> {
    let next = next(keys).map(Key::id);
    let others = keys.iter().filter(|key| key.state() != State::Current && Some(key.id()) != next);
    others
        .filter(|key| key.state() == State::Retired || key.used_until().is_some())
        .max_by_key(|key| key.used_until())
}

/// Sorts a list that a person has written into the order that the other functions require. Our own lists have it.
pub(super) fn put_in_order<K: Key>(keys: &mut [K], now: i64) {
    keys.sort_by_key(Key::state);
    for key in keys {
        if key.state() == State::Retired && key.used_until().is_none() {
            key.set(State::Retired, Some(now));
        }
    }
}

/// Makes the key with this id current. Does nothing if it is current, or does not exist.
pub(super) fn select<K: Key>(keys: &mut [K], id: &K::Id, now: i64) {
    let Some(chosen) = keys.iter().position(|key| key.id() == *id) else { return };
    for (position, key) in keys.iter_mut().enumerate() {
        let was_current = key.state() == State::Current;
        let used_until = if was_current { Some(now) } else { key.used_until() };
        match position.cmp(&chosen) {
            std::cmp::Ordering::Less => key.set(State::Retired, used_until),
            std::cmp::Ordering::Equal => key.set(State::Current, None),
            std::cmp::Ordering::Greater => key.set(State::Next, used_until),
        }
    }
}

/// Makes the next key current, if there is one.
pub(super) fn select_next<K: Key>(keys: &mut [K], now: i64) {
    if let Some(next) = next(keys).map(Key::id) {
        select(keys, &next, now);
    }
}

/// Drops the key with this id, and returns the id of the one after it: its heir, which becomes current if the dropped one was.
/// The key must have a successor.
pub(super) fn drop_key<K: Key>(keys: &mut Vec<K>, id: &K::Id) -> Option<K::Id> {
    let position = keys.iter().position(|key| key.id() == *id)?;
    let heir = keys.get_mut(position + 1)?;
    let heir_id = heir.id();
    let dropped = keys.remove(position);
    if let (State::Current, Some(heir)) = (dropped.state(), keys.get_mut(position)) {
        heir.set(State::Current, None);
    }
    Some(heir_id)
}

/// Drops retired keys whose last token has certainly expired.
pub(super) fn prune<K: Key>(keys: &mut Vec<K>, kept_for: i64, now: i64) {
    let over = |key: &K| key.used_until().is_some_and(|until| until.saturating_add(kept_for) <= now);
    keys.retain(|key| key.state() != State::Retired || !over(key));
}

/// All kinds have fields of the same names, but for the id.
macro_rules! implement_key {
    ($entry:ty, $id:ident: $type:ty) => {
        impl Key for $entry {
            type Id = $type;

            fn id(&self) -> $type {
                self.$id.clone()
            }

            fn state(&self) -> State {
                self.state
            }

            fn used_until(&self) -> Option<i64> {
                self.used_until
            }

            fn set(&mut self, state: State, used_until: Option<i64>) {
                (self.state, self.used_until) = (state, used_until);
            }
        }
    };
}

implement_key!(SigningEntry, kid: String);
implement_key!(RefreshEntry, id: u8);
implement_key!(DataEntry, id: u16);
