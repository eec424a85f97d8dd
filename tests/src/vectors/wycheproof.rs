//! Signatures and JWS of C2SP's Wycheproof, as what somebody makes of a good token with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::key_set::VerifyingKeys;

use crate::{jwt, keys};

/// The files of `tests/vectors/wycheproof`.
const FILES: [&str; 4] = ["jws", "es256", "eddsa", "rs256"];

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    key: Value,
    tests: Vec<Vector>,
}

/// Has either `jws` or `sig`.
#[derive(Deserialize)]
struct Vector {
    id: u32,
    comment: String,
    #[serde(default)]
    jws: Value,
    #[serde(default)]
    sig: String,
}

/// The uses of a vector, and their names.
pub type Forgery = (String, String);

fn groups() -> impl Iterator<Item = (&'static str, Group)> {
    FILES.into_iter().flat_map(|name| {
        let file: File = super::read(&format!("wycheproof/{name}"));
        file.groups.into_iter().map(move |group| (name, group))
    })
}

/// The public keys of all groups that a key set may have, each once and with its thumbprint as `kid`.
#[must_use]
pub fn keys() -> Vec<Value> {
    let mut all: Vec<_> = groups().filter_map(|(_, group)| named(&group.key)).collect();
    all.sort_by_key(|key| key["kid"].to_string());
    all.dedup();
    all
}

/// The key with its thumbprint as `kid`, if `PUBLIC_KEYS` may have it.
fn named(key: &Value) -> Option<Value> {
    let mut named = keys::public_members(key);
    named["kid"] = keys::thumbprint(key).into();
    named["alg"] = key["alg"].clone();
    VerifyingKeys::from_jwk_set(&json!({ "keys": [named] }).to_string()).is_ok().then_some(named)
}

/// Returns the tokens made of each vector and `genuine`, a valid token: the JWS itself; and its header and signature, or the
/// signature alone, around the claims of `genuine`, in the name of the vector's key. A signature over something else than those
/// claims is good for none of them.
#[must_use]
pub fn forgeries(genuine: &str) -> Vec<Forgery> {
    let of_group = |(file, group): (&'static str, Group)| {
        let key = named(&group.key);
        let forge = move |vector: Vector| {
            let name = format!("{file} {}, {}", vector.id, vector.comment);
            let transplanted = key.as_ref().map(|key| transplanted(&vector, key, genuine));
            let tokens = as_it_is(&vector).into_iter().chain(transplanted);
            tokens.map(|token| (name.clone(), token)).collect::<Vec<_>>()
        };
        group.tests.into_iter().flat_map(forge).collect::<Vec<_>>()
    };
    groups().flat_map(of_group).collect()
}

fn as_it_is(vector: &Vector) -> Option<String> {
    match &vector.jws {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(vector.jws.to_string())
        }
    }
}

fn transplanted(vector: &Vector, key: &Value, genuine: &str) -> String {
    let jws = vector.jws.as_str().unwrap_or_default();
    let signature = jws.split('.').nth(2).unwrap_or(&vector.sig);
    let mut header = header(jws).unwrap_or_else(|| json!({ "alg": key["alg"] }));
    header["typ"] = "at+jwt".into();
    header["kid"] = key["kid"].clone();
    format!("{}.{signature}", jwt::message(&header, &jwt::claims(genuine)))
}

/// The header of a JWS, if it has one.
fn header(jws: &str) -> Option<Value> {
    let json = URL_SAFE_NO_PAD.decode(jws.split('.').next()?).ok()?;
    serde_json::from_slice(&json).ok().filter(Value::is_object)
}
