//! Verifies access tokens with jwt-simple. Speaks as worker.js does, but answers on standard output: calls come on standard
//! input, one JSON object a line.

use std::collections::HashSet;
use std::error::Error;
use std::io::stdin;

use jwt_simple::prelude::*;
use serde_json::{Value, json};
use ureq::tls::{RootCerts, TlsConfig};

struct Verifier {
    jwks_uri: String,
    options: VerificationOptions,
    /// The keys of the set, as they were fetched last.
    keys: Vec<Value>,
}

impl Verifier {
    fn new(setting: &Value) -> Self {
        let text = |name: &str| setting[name].as_str().unwrap_or_default().to_owned();
        let options = VerificationOptions {
            allowed_issuers: Some(HashSet::from([text("issuer")])),
            allowed_audiences: Some(HashSet::from([text("audience")])),
            required_signature_type: Some("at+jwt".to_owned()),
            time_tolerance: Some(Duration::from_secs(0)),
            ..VerificationOptions::default()
        };
        Self { jwks_uri: text("jwksUri"), options, keys: Vec::new() }
    }

    fn verify(&mut self, token: &str) -> Result<Option<String>, Box<dyn Error>> {
        let metadata = Token::decode_metadata(token)?;
        let key = self.find(metadata.key_id().unwrap_or_default())?;
        let jwk = key.to_string();
        // The key names the algorithm.
        let options = Some(self.options.clone());
        let claims: JWTClaims<NoCustomClaims> = match key["alg"].as_str() {
            Some("ES256") => ES256PublicKey::from_jwk(&jwk)?.verify_token(token, options)?,
            Some("EdDSA") => Ed25519PublicKey::from_jwk(&jwk)?.verify_token(token, options)?,
            Some("RS256") => RS256PublicKey::from_jwk(&jwk)?.verify_token(token, options)?,
            other => return Err(format!("a key of the algorithm {other:?}").into()),
        };
        Ok(claims.subject)
    }

    /// Fetches the keys if there is none of this id.
    fn find(&mut self, kid: &str) -> Result<Value, Box<dyn Error>> {
        let known = |keys: &[Value]| keys.iter().find(|key| key["kid"] == kid).cloned();
        if known(&self.keys).is_none() {
            let roots = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
            let agent = ureq::Agent::config_builder().tls_config(roots).build().new_agent();
            let set = agent.get(&self.jwks_uri).call()?.body_mut().read_to_string()?;
            self.keys = serde_json::from_str::<Value>(&set)?["keys"].as_array().cloned().unwrap_or_default();
        }
        known(&self.keys).ok_or_else(|| "the key is unknown".into())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let setting = std::env::args().nth(1).ok_or("no setting")?;
    let mut verifier = Verifier::new(&serde_json::from_str(&setting)?);
    for line in stdin().lines() {
        let call: Value = serde_json::from_str(&line?)?;
        let token = call["parameters"][0].as_str().unwrap_or_default();
        let answer = match verifier.verify(token) {
            Ok(subject) => json!({ "value": subject }),
            Err(error) => json!({ "error": { "code": null, "message": format!("Error: {error}") } }),
        };
        println!("{answer}");
    }
    Ok(())
}
