//! Any sequence of changes keeps the promises of the module.

use super::*;
use crate::data_key::DataKeyId;
use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// A request: the value, the keys to revoke, the time since the last one, and whether it is repeated.
#[derive(Clone, Debug)]
struct Request {
    value: u8,
    revoke: Vec<prop::sample::Index>,
    seconds: i64,
    twice: bool,
    algorithm: Algorithm,
}

fn request() -> impl Strategy<Value = Request> {
    let indices = || prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    let revoke = prop_oneof![4 => Just(Vec::new()), 1 => indices()];
    let seconds = prop_oneof![3 => 1..100i64, 1 => 1..100 * 24 * 60 * 60i64];
    // Making an RSA key is slow.
    let algorithm = prop_oneof![Just(Algorithm::ES256), Just(Algorithm::EdDSA)];
    (0..5u8, revoke, seconds, any::<bool>(), algorithm).prop_map(
        |(value, revoke, seconds, twice, algorithm)| Request { value, revoke, seconds, twice, algorithm },
    )
}

fn all_names(document: &Document) -> Vec<KeyName> {
    let signing = document.signing_keys.iter().map(|key| KeyName::Signing(key.kid.clone()));
    let refresh = document.refresh_token_keys.iter().map(|key| KeyName::RefreshToken(key.id));
    signing.chain(refresh).chain(document.data_keys.iter().map(|key| KeyName::Data(key.id))).collect()
}

fn published(set: &KeySet) -> BTreeSet<String> {
    set.public.keys.iter().filter_map(|key| key.common.key_id.clone()).collect()
}

/// Checks the properties of a single set.
fn check_set(set: &KeySet) -> Result<(), TestCaseError> {
    let document = &set.document;
    check_line(&document.signing_keys)?;
    check_line(&document.refresh_token_keys)?;
    check_line(&document.data_keys)?;
    let names = all_names(document);
    for (position, name) in names.iter().enumerate() {
        prop_assert!(!names[..position].contains(name), "{name} twice");
        prop_assert!(!document.revoked.contains(&name.to_string()), "{name} is back");
    }
    prop_assert!(document.refresh_token_keys.iter().all(|key| key.id > 0));
    let published = published(set);
    prop_assert!(published.len() <= 3);
    prop_assert!(published.contains(set.signing.key_id()));
    prop_assert!(chain::next(&document.signing_keys).is_some_and(|next| published.contains(&next.kid)));
    Ok(())
}

/// Checks the order: retired, current, next; one current, at least one next; retired keys state since when.
fn check_line<K: chain::Key>(keys: &[K]) -> Result<(), TestCaseError> {
    prop_assert!(keys.is_sorted_by_key(chain::Key::state));
    prop_assert_eq!(keys.iter().filter(|key| key.state() == State::Current).count(), 1);
    prop_assert!(chain::next(keys).is_some());
    prop_assert!(keys.iter().all(|key| key.state() != State::Retired || key.used_until().is_some()));
    Ok(())
}

/// Checks the properties of a set and its predecessor.
fn check_change(before: &KeySet, change: &Change<'_>, after: &KeySet) -> Result<(), TestCaseError> {
    let revoked = |name: KeyName| change.revoke.contains(&name);
    let old = before.signing.key_id().to_owned();
    if revoked(KeyName::Signing(old.clone())) {
        prop_assert!(after.verifying.find(&old).is_none());
    } else {
        prop_assert!(after.verifying.find(&old).is_some() && published(after).contains(&old));
    }
    let old = before.refresh.current();
    prop_assert_eq!(after.refresh.has(old), !revoked(KeyName::RefreshToken(old.0)));
    let is_kept = |id: u16| after.data.has(DataKeyId(id)) != revoked(KeyName::Data(id));
    prop_assert!(before.document.data_keys.iter().all(|key| is_kept(key.id)), "data keys are kept");
    for name in change.revoke {
        match name {
            KeyName::Signing(kid) => prop_assert!(after.verifying.find(kid).is_none()),
            KeyName::RefreshToken(id) => {
                prop_assert!(!after.refresh.has(crate::refresh_token::RefreshKeyId(*id)))
            }
            KeyName::Data(id) => prop_assert!(!after.data.has(DataKeyId(*id))),
        }
    }
    let is_new = before.document.rotations.iter().all(|step| step.value != change.step);
    if is_new && change.revoke.is_empty() {
        let next = chain::next(&before.document.signing_keys).map(|key| key.kid.as_str());
        prop_assert_eq!(Some(after.signing.key_id()), next, "the one that was published as next signs");
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_sequence_of_requests_keeps_the_promises(
        requests in prop::collection::vec(request(), 1..12),
        seed in any::<u64>(),
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut now = 2_000_000_000;
        let mut set: Option<KeySet> = None;
        for request in requests {
            now += request.seconds;
            let names = set.as_ref().map(|set| all_names(&set.document)).unwrap_or_default();
            let revoke: Vec<KeyName> = match names.is_empty() {
                true => Vec::new(),
                false => request.revoke.iter().map(|index| index.get(&names).clone()).collect(),
            };
            let step = request.value.to_string();
            let now = Timestamp::from_seconds(now);
            let change = Change { step: &step, revoke: &revoke, algorithm: request.algorithm, longest_session: Seconds(1_000_000), now };
            let stored = set.as_ref().map(KeySet::to_json);
            let applied = apply(stored.as_deref(), &change, &mut rng);
            let applied = applied.map_err(|error| TestCaseError::fail(error.to_string()))?;
            check_set(&applied.set)?;
            if let Some(before) = &set {
                prop_assert_eq!(applied.differs, before.document != applied.set.document);
                check_change(before, &change, &applied.set)?;
            }
            if request.twice {
                let json = applied.set.to_json();
                let again = apply(Some(&json), &change, &mut rng).expect("the same once more");
                prop_assert!(!again.differs && again.set.to_json() == json);
            }
            set = Some(applied.set);
        }
    }
}
