//! Cases from the tests of JWT libraries.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::Timestamp;
use shared::key_set::{Algorithm, KeySet};

use crate::{jwt, keys};

/// The files of `tests/vectors/libraries`.
const FILES: [&str; 4] = ["pyjwt", "jsonwebtoken", "jsonwebtoken-rust", "aws-jwt-verify"];

#[derive(Deserialize)]
struct File {
    tokens: Vec<TokenCase>,
    keys: Vec<KeyCase>,
}

/// A change to a token that is otherwise valid.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenCase {
    /// The source test.
    pub test: String,
    #[serde(flatten)]
    change: Change,
    /// The expected result.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A change to a key that is otherwise valid, or to its set.
#[derive(Deserialize)]
pub struct KeyCase {
    /// The source test.
    pub test: String,
    of: Option<Algorithm>,
    #[serde(default)]
    members: Map<String, Value>,
    #[serde(default)]
    without: Vec<String>,
    set: Option<Value>,
    /// The expected result.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The expected result of a case.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is refused, with this variant of the error.
    Refused(String),
    /// The library refuses it but we do not, for this reason.
    Accepted(String),
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    headerless: Vec<String>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    claimless: Vec<String>,
    header_text: Option<String>,
    claims_text: Option<String>,
    text: Option<String>,
    #[serde(default)]
    signed_by: Signer,
}

#[derive(Clone, Copy, Default, Deserialize)]
enum Signer {
    #[default]
    #[serde(rename = "us")]
    Us,
    #[serde(rename = "a stranger")]
    Stranger,
    #[serde(rename = "nobody")]
    Nobody,
    #[serde(rename = "HMAC with the public key")]
    PublicKey,
    #[serde(rename = "HMAC with nothing")]
    Nothing,
}

/// Returns all cases with tokens.
#[must_use]
pub fn tokens() -> Vec<TokenCase> {
    files().flat_map(|file| file.tokens).collect()
}

/// Returns all cases with keys.
#[must_use]
pub fn keys() -> Vec<KeyCase> {
    files().flat_map(|file| file.keys).collect()
}

fn files() -> impl Iterator<Item = File> {
    FILES.into_iter().map(|name| super::read(&format!("libraries/{name}")))
}

impl TokenCase {
    /// Returns the changed token, made from a valid one that is signed with the current key of `keys`.
    #[must_use]
    pub fn token(&self, genuine: &str, keys: &KeySet, now: Timestamp) -> String {
        let Change { header, headerless, claims, claimless, header_text, claims_text, text, signed_by } =
            &self.change;
        let part = |whole: &Option<String>, genuine: Value, set: &Map<String, Value>, unset: &[String]| {
            let changed = || changed(genuine, set, unset, now).to_string();
            jwt::encode(whole.clone().unwrap_or_else(changed))
        };
        let header = part(header_text, jwt::header(genuine), header, headerless);
        let claims = part(claims_text, jwt::claims(genuine), claims, claimless);
        let signature = signed_by.sign(&format!("{header}.{claims}"), keys);
        let token = format!("{header}.{claims}.{signature}");
        let template = text.as_deref().unwrap_or("{token}");
        let parts =
            [("{token}", &token), ("{header}", &header), ("{claims}", &claims), ("{signature}", &signature)];
        parts.into_iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

impl KeyCase {
    /// Returns the JWK set of the case.
    ///
    /// # Panics
    /// Panics if the case is of no algorithm, and has no set.
    #[must_use]
    pub fn jwk_set(&self) -> Value {
        if let Some(set) = &self.set {
            return set.clone();
        }
        let algorithm = self.of.unwrap_or_else(|| panic!("{} names an algorithm", self.test));
        let good = keys::signing_key(algorithm, &keys::private_key(algorithm)).public().clone();
        let key = changed(json!(good), &self.members, &self.without, Timestamp::from_seconds(0));
        json!({ "keys": [key] })
    }
}

fn changed(object: Value, set: &Map<String, Value>, unset: &[String], now: Timestamp) -> Value {
    let mut members = object.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| !unset.contains(name));
    members.extend(set.iter().map(|(name, value)| (name.clone(), at(value, now))));
    members.into()
}

/// `{"now": 10}` is this many seconds from now.
fn at(value: &Value, now: Timestamp) -> Value {
    value["now"].as_i64().map_or_else(|| value.clone(), |seconds| json!(now.seconds() + seconds))
}

impl Signer {
    fn sign(self, message: &str, keys: &KeySet) -> String {
        let tag = |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        match self {
            Self::Us => jwt::signature(message, &keys.signing),
            Self::Stranger => {
                let algorithm = keys.signing.algorithm();
                jwt::signature(message, &keys::signing_key(algorithm, &keys::private_key(algorithm)))
            }
            Self::Nobody => String::new(),
            Self::PublicKey => jwt::encode(tag(json!(keys.signing.public()).to_string().as_bytes())),
            Self::Nothing => jwt::encode(tag(&[])),
        }
    }
}
