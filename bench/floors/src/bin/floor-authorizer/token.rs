//! Access tokens, verified with keys that are parsed once.

use std::error::Error;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Whatever a token must agree with.
pub(crate) struct Verifier {
    keys: Vec<(String, ParsedPublicKey)>,
    issuer: String,
    audience: String,
}

/// What a good token says.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    pub(crate) sub: String,
    pub(crate) exp: u64,
    pub(crate) sid: String,
    pub(crate) name: String,
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
    crit: Option<IgnoredAny>,
}

impl Verifier {
    pub(crate) fn new(jwk_set: &str, issuer: String, audience: String) -> Result<Self, Box<dyn Error>> {
        let set: KeySet = serde_json::from_str(jwk_set)?;
        let keys = set.keys.into_iter().map(|key| {
            let point = point(&key.x, &key.y)?;
            Ok::<_, Box<dyn Error>>((key.kid, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?))
        });
        Ok(Self { keys: keys.collect::<Result<_, _>>()?, issuer, audience })
    }

    /// The claims of a token that is good in this second.
    pub(crate) fn verify(&self, token: &str, now: u64) -> Option<Claims> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        let ours =
            header.alg == "ES256" && header.typ.eq_ignore_ascii_case("at+jwt") && header.crit.is_none();
        let (_, key) = self.keys.iter().find(|(kid, _)| ours && kid == header.kid)?;
        key.verify_sig(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let good = claims.iss == self.issuer && claims.aud == self.audience && now < claims.exp;
        good.then_some(claims)
    }
}

/// The uncompressed form of a point (SEC 1 section 2.3.3).
fn point(x: &str, y: &str) -> Result<Vec<u8>, String> {
    let mut point = vec![4];
    for coordinate in [x, y] {
        URL_SAFE_NO_PAD.decode_vec(coordinate, &mut point).map_err(|error| error.to_string())?;
    }
    Ok(point)
}
