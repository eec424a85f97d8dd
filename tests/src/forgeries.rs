//! Access tokens that must be refused.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::key_set::{Algorithm, KeySet};

use crate::{jwt, keys};

/// A forged or damaged access token, and what is wrong with it.
pub type Forgery = (String, String);

/// Returns `genuine`, a valid token signed with the current key of `keys`, damaged in every way. None is merely expired.
#[must_use]
pub fn all(genuine: &str, keys: &KeySet) -> Vec<Forgery> {
    [
        with_other_headers(genuine, keys),
        with_other_claims(genuine, keys),
        unsigned(genuine, keys),
        damaged(genuine),
    ]
    .concat()
}

fn named(name: impl Into<String>, token: String) -> Forgery {
    (name.into(), token)
}

/// Returns `object` with the member `name` replaced, or removed if `value` is none.
fn with(object: &Value, name: &str, value: Option<Value>) -> Value {
    let mut members = object.as_object().cloned().unwrap_or_default();
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    members.into()
}

/// Properly signed, but with a header that is not ours.
fn with_other_headers(genuine: &str, keys: &KeySet) -> Vec<Forgery> {
    let (header, claims) = (jwt::header(genuine), jwt::claims(genuine));
    let others = ["EdDSA", "ES256", "RS256", "PS256", "HS256", "none", "x"].map(|name| json!(name));
    let other_algorithms = others.into_iter().filter(|name| *name != header["alg"]);
    let mut changes: Vec<(&str, Option<Value>)> = vec![
        ("typ", None),
        ("typ", Some(json!("JWT"))),
        ("typ", Some(json!("jwt"))),
        ("typ", Some(json!("at+jwt2"))),
        ("typ", Some(json!(1))),
        ("kid", None),
        ("kid", Some(json!("unknown"))),
        ("kid", Some(json!(""))),
        ("kid", Some(json!(null))),
        ("crit", Some(json!(["exp"]))),
        ("crit", Some(json!([]))),
        ("crit", Some(json!("exp"))),
        ("crit", Some(json!(null))),
        ("alg", None),
    ];
    changes.extend(other_algorithms.map(|name| ("alg", Some(name))));
    let sign = |(name, value): (&str, Option<Value>)| {
        let changed = with(&header, name, value);
        named(format!("header {changed}"), jwt::sign(&changed, &claims, &keys.signing))
    };
    changes.into_iter().map(sign).collect()
}

/// Properly signed, but lacking a claim, or with one of another type or value.
fn with_other_claims(genuine: &str, keys: &KeySet) -> Vec<Forgery> {
    let (header, claims) = (jwt::header(genuine), jwt::claims(genuine));
    let mut changes: Vec<(&str, Option<Value>)> = vec![
        ("iss", Some(json!("https://issuer.example.com"))),
        ("iss", Some(json!(""))),
        ("aud", Some(json!("another-api"))),
        ("aud", Some(json!([claims["aud"], "another-api"]))),
        ("exp", Some(json!(claims["exp"].to_string()))),
        ("exp", Some(json!(claims["exp"].as_i64().unwrap_or_default() as f64 + 0.5))),
    ];
    changes.extend(["sub", "sid"].map(|name| (name, Some(json!("")))));
    changes.extend([json!(null), json!("1"), json!(i64::MAX), json!(1.5)].map(|nbf| ("nbf", Some(nbf))));
    for name in ["iss", "aud", "exp", "sub", "sid"] {
        changes.extend([(name, None), (name, Some(json!(null))), (name, Some(json!([claims[name]])))]);
        changes.extend([(name, Some(json!({}))), (name, Some(json!(true)))]);
        if claims[name].is_string() {
            changes.push((name, Some(json!(1))));
        }
    }
    let sign = |(name, value): (&str, Option<Value>)| {
        let changed = with(&claims, name, value);
        named(format!("claims {changed}"), jwt::sign(&header, &changed, &keys.signing))
    };
    changes.into_iter().map(sign).collect()
}

/// Not signed by a key of ours at all.
fn unsigned(genuine: &str, keys: &KeySet) -> Vec<Forgery> {
    let (header, claims) = (jwt::header(genuine), jwt::claims(genuine));
    let mut all = Vec::new();
    for name in ["none", "None", "NONE"] {
        let message = jwt::message(&with(&header, "alg", Some(json!(name))), &claims);
        all.push(named(format!("alg {name}"), format!("{message}.")));
    }
    for (what, secret) in public_key_texts(keys) {
        let message = jwt::message(&with(&header, "alg", Some(json!("HS256"))), &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        all.push(named(format!("HS256 with {what}"), format!("{message}.{}", jwt::encode(tag))));
    }
    let pkcs8 = keys::private_key(Algorithm::ES256);
    let strangers = keys::signing_key(Algorithm::ES256, &pkcs8);
    let embedded = with(&header, "alg", Some(json!("ES256")));
    let embedded = with(&embedded, "jwk", Some(json!(strangers.public())));
    all.push(named("a stranger's key under our kid", jwt::sign(&embedded, &claims, &strangers)));
    let own_kid = with(&embedded, "kid", Some(json!(strangers.key_id())));
    all.push(named("a stranger's key under its own kid", jwt::sign(&own_kid, &claims, &strangers)));
    all
}

/// Returns secrets that somebody who knows the public key might use.
fn public_key_texts(keys: &KeySet) -> Vec<(&'static str, Vec<u8>)> {
    let public = json!(keys.signing.public());
    let raw = |name: &str| public[name].as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let mut texts = vec![("the JWK", public.to_string().into_bytes()), ("nothing", Vec::new())];
    texts.extend(raw("x").map(|x| ("the public key", x)));
    texts.extend(raw("n").map(|n| ("the public key", n)));
    if let (Some(x), Some(y)) = (raw("x"), raw("y")) {
        texts.push(("the public point", [&[4], x.as_slice(), &y].concat()));
    }
    texts
}

/// Changed on its way, or no JWT.
fn damaged(genuine: &str) -> Vec<Forgery> {
    let (message, signature) = genuine.rsplit_once('.').unwrap_or_default();
    let (header, claims) = message.split_once('.').unwrap_or_default();
    [
        ("one bit of the signature flipped", jwt::with_flipped_bit(genuine, 7)),
        ("no signature", format!("{message}.")),
        ("half a signature", format!("{message}.{}", &signature[..signature.len() / 2])),
        ("a signature of zeros", format!("{message}.{}", "A".repeat(signature.len()))),
        ("a padded signature", format!("{genuine}==")),
        ("other claims", format!("{header}.{}.{signature}", jwt::encode("{}"))),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{claims}.{signature}")),
        ("two parts", message.to_owned()),
        ("four parts", format!("{genuine}.{signature}")),
        ("twice", format!("{genuine},{genuine}")),
        ("a word", "token".to_owned()),
        ("dots", "..".to_owned()),
    ]
    .map(|(name, token)| named(name, token))
    .into()
}
