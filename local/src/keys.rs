//! The key set: from the environment, from the data directory, or made for this run only.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rand::CryptoRng;
use shared::Timestamp;
use shared::key_set::{Algorithm, KeySet, rotation};

use crate::data_directory::DataDirectory;
use crate::error::StartError;
use crate::private_file;

/// The key set in the two forms that functions read.
pub(crate) struct Keys {
    /// `KEY_SET`: the whole document.
    pub(crate) secret: String,
    /// `PUBLIC_KEYS`: for the authorizer and the metadata.
    pub(crate) public: String,
    /// The version of the set.
    pub(crate) version: String,
}

impl From<&KeySet> for Keys {
    fn from(set: &KeySet) -> Self {
        Self { secret: set.to_json(), public: set.public_jwk_set(), version: set.version() }
    }
}

/// The keys that this start makes.
#[derive(Clone, Copy)]
pub(crate) struct NewKeys {
    /// Their algorithm (`SIGNING_ALGORITHM`).
    pub(crate) algorithm: Algorithm,
    /// The current time.
    pub(crate) now: Timestamp,
}

/// Returns the keys of this start. The public half always belongs to the whole set, even if the whole set is given.
pub(crate) fn obtain(
    given: Option<&str>,
    directory: Option<&DataDirectory>,
    new: NewKeys,
    rng: &mut impl CryptoRng,
) -> Result<Keys, StartError> {
    let set = match (given, directory) {
        (Some(document), _) => KeySet::parse(document).map_err(StartError::KeySet)?,
        (None, Some(directory)) => kept(&directory.key_set(), new, rng)?,
        (None, None) => KeySet::generate(new.algorithm, rng).map_err(StartError::NewKeys)?,
    };
    Ok(Keys::from(&set))
}

/// Reads the file, or creates it if there is none. A file that cannot be read is never replaced: its keys may be the only
/// ones that recognise the tokens of living sessions.
///
/// If it signs with another algorithm, it gets a new key, which signs from now on: all verifiers in this process start with it.
fn kept(path: &Path, new: NewKeys, rng: &mut impl CryptoRng) -> Result<KeySet, StartError> {
    let fail = |error| StartError::File { path: path.to_owned(), error };
    match fs::read_to_string(path) {
        Ok(document) => {
            let damaged = |problem| StartError::KeyFile { path: path.to_owned(), problem };
            let set = KeySet::parse(&document).map_err(damaged)?;
            let changed = up_to_date(&set, new, rng).map_err(StartError::Rotation)?;
            if let Some(changed) = &changed {
                private_file::create(path, &changed.to_json()).map_err(fail)?;
            }
            Ok(changed.unwrap_or(set))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let set = KeySet::generate(new.algorithm, rng).map_err(StartError::NewKeys)?;
            private_file::create(path, &set.to_json()).map_err(fail)?;
            Ok(set)
        }
        Err(error) => Err(fail(error)),
    }
}

/// Returns the set that this start needs, if this one is not.
fn up_to_date(
    set: &KeySet,
    new: NewKeys,
    rng: &mut impl CryptoRng,
) -> Result<Option<KeySet>, rotation::RotationError> {
    let with_data_keys = rotation::with_data_keys(set, rng)?;
    if set.signing.algorithm() == new.algorithm {
        return Ok(with_data_keys);
    }
    let set = with_data_keys.as_ref().unwrap_or(set);
    let changed = rotation::sign_with(set, new.algorithm, new.now, rng)?;
    tracing::info!(algorithm = new.algorithm.name(), "a new key signs; what the old ones signed stays good");
    Ok(Some(changed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn rng() -> StdRng {
        StdRng::seed_from_u64(7)
    }

    fn new(algorithm: Algorithm) -> NewKeys {
        NewKeys { algorithm, now: Timestamp::from_seconds(2_000_000_000) }
    }

    fn fresh() -> (tempfile::TempDir, DataDirectory) {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::open(directory.path()).unwrap();
        (directory, data)
    }

    #[test]
    fn the_first_start_makes_keys_and_later_ones_read_them() {
        let (_directory, data) = fresh();
        let first = obtain(None, Some(&data), new(Algorithm::ES256), &mut rng()).unwrap();
        let again = obtain(None, Some(&data), new(Algorithm::ES256), &mut StdRng::seed_from_u64(8)).unwrap();
        assert_eq!(first.secret, again.secret);
        assert_eq!(first.public, again.public);
        assert!(!first.public.contains("private"), "{}", first.public);
    }

    #[test]
    fn another_algorithm_signs_from_the_next_start_on_and_the_old_keys_stay() {
        let (_directory, data) = fresh();
        let mut kids = Vec::new();
        for algorithm in [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA] {
            let keys =
                obtain(None, Some(&data), new(algorithm), &mut StdRng::seed_from_u64(kids.len() as u64));
            let set = KeySet::parse(&keys.unwrap().secret).unwrap();
            assert_eq!(set.signing.algorithm(), algorithm);
            kids.push(set.signing.key_id().to_owned());
            for kid in &kids {
                assert!(set.to_json().contains(kid), "{kid} of {kids:?}");
            }
            // The previous key is published too, so that its tokens work until they expire.
            for kid in kids.iter().rev().take(2) {
                assert!(set.public_jwk_set().contains(kid), "{kid} of {kids:?}");
            }
            let again = obtain(None, Some(&data), new(algorithm), &mut StdRng::seed_from_u64(99)).unwrap();
            assert_eq!(again.secret, set.to_json(), "a start with the same changes nothing");
        }
    }

    #[test]
    fn a_key_file_from_before_there_were_data_keys_gets_them_once() {
        let (_directory, data) = fresh();
        let first = obtain(None, Some(&data), new(Algorithm::ES256), &mut rng()).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&first.secret).unwrap();
        document.as_object_mut().unwrap().remove("data_keys");
        fs::write(data.key_set(), document.to_string()).unwrap();
        let [added, again] = [8, 9].map(|seed| {
            obtain(None, Some(&data), new(Algorithm::ES256), &mut StdRng::seed_from_u64(seed)).unwrap()
        });
        assert!(KeySet::parse(&added.secret).unwrap().data.current().is_ok());
        assert_eq!((added.public, &added.secret), (first.public, &again.secret));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, data) = fresh();
        obtain(None, Some(&data), new(Algorithm::ES256), &mut rng()).unwrap();
        let mode = fs::metadata(data.key_set()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_file_is_named_and_left_as_it_is() {
        for damage in ["", "{", "{\"signing_keys\": [], \"refresh_token_keys\": []}"] {
            let (_directory, data) = fresh();
            fs::write(data.key_set(), damage).unwrap();
            let error = obtain(None, Some(&data), new(Algorithm::ES256), &mut rng()).err().unwrap();
            assert!(matches!(&error, StartError::KeyFile { .. }), "{error}");
            assert!(error.to_string().contains("key-set.json"), "{error}");
            assert_eq!(fs::read_to_string(data.key_set()).unwrap(), damage);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_damage_too() {
        let (_directory, data) = fresh();
        fs::write(data.key_set(), [0xff, 0xfe]).unwrap();
        let error = obtain(None, Some(&data), new(Algorithm::ES256), &mut rng()).err().unwrap();
        assert!(error.to_string().contains("key-set.json"), "{error}");
        assert_eq!(fs::read(data.key_set()).unwrap(), [0xff, 0xfe]);
    }

    #[test]
    fn given_keys_win_and_touch_no_file() {
        let (_directory, data) = fresh();
        let given = KeySet::generate(Algorithm::EdDSA, &mut rng()).unwrap();
        let keys =
            obtain(Some(&given.to_json()), Some(&data), new(Algorithm::ES256), &mut StdRng::seed_from_u64(9))
                .unwrap();
        assert_eq!(keys.public, given.public_jwk_set());
        assert!(!data.key_set().exists());
        let error = obtain(Some("{}"), None, new(Algorithm::ES256), &mut rng()).err().unwrap().to_string();
        assert!(error.starts_with("KEY_SET "), "{error}");
    }
}
