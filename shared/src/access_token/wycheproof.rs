//! Signatures and JWS of C2SP's Wycheproof: valid ones verify, and no others do. `tests/vectors/README.md` states their
//! origin.

use serde_json::Value;

use super::*;

const FILES: [(&str, &str); 4] = [
    ("jws", include_str!("../../../tests/vectors/wycheproof/jws.json")),
    ("es256", include_str!("../../../tests/vectors/wycheproof/es256.json")),
    ("eddsa", include_str!("../../../tests/vectors/wycheproof/eddsa.json")),
    ("rs256", include_str!("../../../tests/vectors/wycheproof/rs256.json")),
];

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    key: Value,
    tests: Vec<Vector>,
}

/// Has either `jws` or `msg` and `sig`.
#[derive(Deserialize)]
struct Vector {
    id: u32,
    result: String,
    #[serde(default)]
    jws: Value,
    msg: Option<String>,
    sig: Option<String>,
}

/// A vector and its expected result.
struct Judged {
    file: &'static str,
    /// The algorithm of the key.
    algorithm: Option<String>,
    id: u32,
    is_invalid: bool,
    verifies: bool,
}

/// Vectors that Wycheproof does not call invalid, and that we refuse: file, algorithm of the key, numbers (all of that
/// algorithm if there is none), and why.
const STRICTER: [(&str, &str, &[u32], &str); 9] = [
    ("rs256", "RS256", &[8], "acceptable: the ASN.1 lacks the NULL of RFC 8017 section 9.2"),
    ("rs256", "RS256", &[258, 259], "the exponent of the key is 3"),
    ("jws", "HS256", &[], "who verifies a token must not be able to make one"),
    ("jws", "RS384", &[], "not an algorithm of ours"),
    ("jws", "RS512", &[], "not an algorithm of ours"),
    ("jws", "PS256", &[], "not an algorithm of ours"),
    ("jws", "PS384", &[], "not an algorithm of ours"),
    ("jws", "PS512", &[], "not an algorithm of ours"),
    ("jws", "ES521", &[], "not an algorithm of ours, and ES512 misspelt"),
];

impl Judged {
    fn reason_for_refusal(&self) -> Option<&'static str> {
        let is_this = |(file, algorithm, ids, _): &&(&str, &str, &[u32], &str)| {
            let is_listed = ids.is_empty() || ids.contains(&self.id);
            *file == self.file && Some(*algorithm) == self.algorithm.as_deref() && is_listed
        };
        STRICTER.iter().find(is_this).map(|(_, _, _, reason)| *reason)
    }
}

/// Returns the key of a group if `PUBLIC_KEYS` may contain it.
fn key(group: &Group) -> Option<VerifyingKey> {
    let mut key = group.key.clone();
    key["kid"] = "k".into();
    let set = VerifyingKeys::from_jwk_set(&serde_json::json!({ "keys": [key] }).to_string()).ok()?;
    set.find("k").cloned()
}

fn verifies(key: &VerifyingKey, vector: &Vector) -> bool {
    match (&vector.msg, &vector.sig) {
        (Some(message), Some(signature)) => key.verifies(signature, URL_SAFE_NO_PAD.decode(message).unwrap()),
        // One vector is not a text, but a JWS in JSON form.
        _ => vector
            .jws
            .as_str()
            .and_then(Parts::read)
            .is_some_and(|parts| check_signature(&parts, key).is_ok()),
    }
}

fn judged() -> Vec<Judged> {
    let mut all = Vec::new();
    for (file, text) in FILES {
        let groups = serde_json::from_str::<File>(text).unwrap().groups;
        for group in groups {
            let key = key(&group);
            let algorithm = group.key["alg"].as_str().map(ToOwned::to_owned);
            all.extend(group.tests.iter().map(|vector| Judged {
                file,
                algorithm: algorithm.clone(),
                id: vector.id,
                is_invalid: vector.result == "invalid",
                verifies: key.as_ref().is_some_and(|key| verifies(key, vector)),
            }));
        }
    }
    all
}

#[test]
fn no_invalid_vector_of_wycheproof_verifies() {
    let invalid: Vec<_> = judged().into_iter().filter(|each| each.is_invalid).collect();
    assert_eq!(invalid.len(), 355 + 89 + 63 + 249);
    for each in invalid {
        assert!(!each.verifies, "{}, {}", each.file, each.id);
    }
}

#[test]
fn valid_vectors_of_wycheproof_verify_but_for_those_with_a_reason() {
    for each in judged().into_iter().filter(|each| !each.is_invalid) {
        let reason = each.reason_for_refusal();
        assert_eq!(each.verifies, reason.is_none(), "{}, {}: {reason:?}", each.file, each.id);
    }
}
