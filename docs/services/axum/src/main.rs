//! A service that lets in who has an access token of Ratchet, verified with the JWK set. Copy `Verifier` and `Caller`.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{StatusCode, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// Keys older than this are fetched again.
const MAX_AGE: Duration = Duration::from_secs(600);

/// What a good token says. One that lacks any of it is no token of Ratchet.
#[derive(Deserialize)]
struct Caller {
    sub: String,
    sid: String,
    roles: Vec<String>,
    exp: u64,
    iss: String,
    aud: String,
}

enum Refusal {
    Missing,
    Invalid,
    Expired,
    /// The keys can't be had.
    Unavailable,
}

struct Verifier {
    jwks_url: String,
    issuer: String,
    audience: String,
    /// Keys are fetched no more often than this.
    cooldown: Duration,
    client: reqwest::Client,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

impl Verifier {
    /// The key is the one that `kid` names, the algorithm that of the key; there is no leeway.
    async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Invalid)?;
        let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
        if (typ != "at+jwt" && typ != "application/at+jwt") || header.crit.is_some() {
            return Err(Refusal::Invalid);
        }
        let key = self.find(&header.kid.ok_or(Refusal::Invalid)?).await?;
        let algorithm = match key.common.key_algorithm {
            Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
            Some(KeyAlgorithm::ES256) => Algorithm::ES256,
            Some(KeyAlgorithm::RS256) => Algorithm::RS256,
            _ => return Err(Refusal::Invalid),
        };
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refusal::Invalid)?;
        // The signature alone: the library would let a token live for its last second, and pass one without `iss`.
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let caller = decode::<Caller>(token, &key, &validation).map_err(|_| Refusal::Invalid)?.claims;
        if caller.iss != self.issuer || caller.aud != self.audience {
            return Err(Refusal::Invalid);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if now.as_secs() < caller.exp { Ok(caller) } else { Err(Refusal::Expired) }
    }

    /// Keys are fetched when they are first needed, when they are old, and when a token names one that is not there.
    async fn find(&self, kid: &str) -> Result<Jwk, Refusal> {
        let mut keys = self.keys.lock().await;
        let older = |since: Option<Instant>, than| since.is_none_or(|since| since.elapsed() >= than);
        let known = keys.set.as_ref().and_then(|set| set.find(kid)).is_some();
        if (!known || older(keys.fetched, MAX_AGE)) && older(keys.tried, self.cooldown) {
            keys.tried = Some(Instant::now());
            keys.set = Some(self.fetch().await.map_err(|_| Refusal::Unavailable)?);
            keys.fetched = Some(Instant::now());
        }
        let set = keys.set.as_ref().ok_or(Refusal::Unavailable)?;
        set.find(kid).cloned().ok_or(Refusal::Invalid)
    }

    async fn fetch(&self) -> Result<JwkSet, reqwest::Error> {
        self.client.get(&self.jwks_url).send().await?.error_for_status()?.json().await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let header = headers.next().ok_or(Refusal::Missing)?;
        let (scheme, token) =
            header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Refusal::Invalid)?;
        if headers.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Invalid);
        }
        Arc::<Verifier>::from_ref(state).verify(token.trim()).await
    }
}

/// 401 (RFC 6750 section 3), or 503.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let description = match self {
            Self::Missing => "The access token is missing.",
            Self::Invalid => "The access token is not valid.",
            Self::Expired => "The access token has expired.",
            Self::Unavailable => {
                let body = json!({ "error": "temporarily_unavailable", "error_description": "Try again." });
                return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], json_body(body))
                    .into_response();
            }
        };
        let challenge = match self {
            Self::Missing => "Bearer".to_owned(),
            _ => format!("Bearer error=\"invalid_token\", error_description=\"{description}\""),
        };
        let expired = if matches!(self, Self::Expired) { "true" } else { "false" };
        let body = json!({ "error": "invalid_token", "error_description": description });
        let headers = [(WWW_AUTHENTICATE, challenge.as_str())];
        (StatusCode::UNAUTHORIZED, headers, [("is-token-expired", expired)], json_body(body)).into_response()
    }
}

fn json_body(body: Value) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body.to_string())
}

async fn hello(caller: Caller) -> impl IntoResponse {
    json_body(json!({ "user": caller.sub, "session": caller.sid, "roles": caller.roles }))
}

/// Settings: the outputs `JwkSetUrl` and `Issuer` of Ratchet's stack, and its parameter `Audience`.
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let verifier = Verifier {
        jwks_url: std::env::var("JWKS_URL")?,
        issuer: std::env::var("ISSUER")?,
        audience: setting("AUDIENCE", "ratchet"),
        cooldown: Duration::from_secs(setting("JWKS_COOLDOWN_SECONDS", "30").parse()?),
        client: reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?,
        keys: Mutex::default(),
    };
    let app = Router::new().route("/hello", get(hello)).with_state(Arc::new(verifier));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", setting("PORT", "8080").parse()?)).await?;
    println!("http://{}/hello", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
