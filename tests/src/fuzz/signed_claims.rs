//! Header and claims of an access token with a good signature: what is verified when nobody has forged.

use serde_json::{Value, json};
use shared::Timestamp;
use shared::access_token::{Claims, verify};
use shared::role::Role;

use super::Target;
use super::genuine::{ACCESS_TOKENS, FIXTURE, policy};
use crate::jwt;

/// The header as JSON, a line feed, the claims as JSON.
pub const TARGET: Target = Target {
    name: "signed_claims",
    check,
    seeds,
    words: &[
        "\"typ\":\"at+jwt\"",
        "\"application/at+jwt\"",
        "\"alg\":\"EdDSA\"",
        "\"kid\":",
        "\"crit\":[\"exp\"]",
        "\"iss\":\"urn:ratchet:local\"",
        "\"aud\":\"ratchet\"",
        "\"exp\":4102444800",
        "\"sub\":\"u\"",
        "\"sid\":\"s\"",
        "\"name\":\"n\"",
        "\"email\":\"e\"",
        "\"roles\":[]",
        "\"roles\":[\"r\"]",
        "null",
        "1e3",
        "{}",
        "[]",
    ],
};

/// The claims without which no token is one of ours.
const REQUIRED: [&str; 7] = ["iss", "aud", "sub", "exp", "sid", "name", "email"];

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((header, claims)) = text.split_once('\n') else { return };
    let accepted = verified(&format!("{}.{}", jwt::encode(header), jwt::encode(claims)));
    let json = |text: &str| serde_json::from_str::<Value>(text);
    let (Ok(header), Ok(claims)) = (json(header), json(claims)) else {
        return assert_eq!(accepted, None, "not JSON, and accepted: {text}");
    };
    let good = is_our_header(&header) && says_whose_it_is(&claims);
    if let Some(accepted) = accepted {
        assert!(good, "accepted: {text}");
        assert_says_the_same(&accepted, &claims);
    }
    // Written anew, no member is there twice. Other members of a header may still have a type that the library refuses.
    if !good || has_only_our_members(&header) {
        let accepted = verified(&jwt::message(&header, &claims));
        assert_eq!(accepted.is_some(), good, "{header} {claims}");
    }
}

fn verified(message: &str) -> Option<Claims> {
    let signature = FIXTURE.keys.signing.sign(message.as_bytes()).expect("a signature");
    let token = format!("{message}.{}", jwt::encode(signature));
    verify(&token, &FIXTURE.keys.verifying, &policy())
        .ok()
        .and_then(|token| token.even_if_expired(Timestamp::from_millis(i64::MAX)).ok())
}

fn is_our_header(header: &Value) -> bool {
    let typ = header["typ"].as_str().unwrap_or_default().to_ascii_lowercase();
    ["at+jwt", "application/at+jwt"].contains(&typ.as_str())
        && header["alg"] == "EdDSA"
        && header["kid"] == FIXTURE.keys.signing.key_id()
        && header.get("crit").is_none()
}

fn has_only_our_members(header: &Value) -> bool {
    header
        .as_object()
        .is_some_and(|members| members.keys().all(|name| ["typ", "alg", "kid"].contains(&name.as_str())))
}

fn says_whose_it_is(claims: &Value) -> bool {
    let policy = policy();
    let are_texts = |roles: &Value| roles.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    claims["iss"] == policy.issuer.as_str()
        && claims["aud"] == policy.audience.as_str()
        && claims["exp"].is_i64()
        && claims.get("nbf").is_none_or(|nbf| nbf.as_i64().is_some_and(|nbf| nbf <= i64::MAX / 1000))
        && ["sub", "sid"].iter().all(|name| claims[name] != "")
        && ["sub", "sid", "name", "email"].iter().all(|name| claims[name].is_string())
        && claims.get("roles").is_none_or(are_texts)
}

fn assert_says_the_same(accepted: &Claims, claims: &Value) {
    let Claims { sub, sid, name, email, .. } = accepted;
    assert_eq!(Some(accepted.exp), claims["exp"].as_i64());
    for (member, text) in [("sub", sub), ("sid", sid), ("name", name), ("email", email)] {
        assert_eq!(claims[member], text.as_str(), "{member}");
    }
    let roles = claims["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let roles: Vec<Role> = roles.filter_map(|role| role.parse().ok()).collect();
    assert_eq!(accepted.roles, roles);
}

/// A genuine pair, and one with each thing wrong that must be noticed.
fn seeds() -> Vec<Vec<u8>> {
    let genuine = ACCESS_TOKENS.first_key_value().expect("a token").0;
    let (header, claims) = (jwt::header(genuine), jwt::claims(genuine));
    let headers = [
        ("typ", json!("at+jwt")),
        ("typ", json!("application/at+jwt")),
        ("typ", json!("JWT")),
        ("typ", json!(null)),
        ("alg", json!("none")),
        ("alg", json!("ES256")),
        ("kid", json!("unknown")),
        ("crit", json!(["exp"])),
    ];
    let of_header = |(name, value)| format!("{}\n{claims}", with(&header, name, value));
    let mut seeds: Vec<_> = headers.map(of_header).into();
    for name in REQUIRED {
        for value in [json!(null), json!([claims[name]]), json!("other"), json!(1.5)] {
            seeds.push(format!("{header}\n{}", with(&claims, name, value)));
        }
    }
    let positional = REQUIRED.map(|name| claims[name].clone());
    seeds.push(format!("{header}\n{}", json!(positional)));
    let twice = claims.to_string().replacen('{', r#"{"sub":"somebody-else","#, 1);
    seeds.push(format!("{header}\n{twice}"));
    seeds.into_iter().map(String::into_bytes).collect()
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}
