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

/// So long after keys could not be fetched nobody tries again.
const RETRY: Duration = Duration::from_secs(1);

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
    /// For how long keys are good.
    max_age: Duration,
    /// While they are, they are fetched no more often than this.
    cooldown: Duration,
    client: reqwest::Client,
    keys: Mutex<Keys>,
}

/// The newest keys and when they were fetched, and the last try.
#[derive(Default)]
struct Keys {
    fetched: Option<(JwkSet, Instant)>,
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
        let known = self.fresh(&keys).is_some_and(|set| set.find(kid).is_some());
        let wait = if self.fresh(&keys).is_some() { self.cooldown } else { RETRY };
        if !known && keys.tried.is_none_or(|tried| tried.elapsed() >= wait) {
            let answer = self.fetch().await;
            keys.tried = Some(Instant::now());
            keys.fetched = Some((answer.map_err(|_| Refusal::Unavailable)?, Instant::now()));
        }
        let set = self.fresh(&keys).ok_or(Refusal::Unavailable)?;
        set.find(kid).cloned().ok_or(Refusal::Invalid)
    }

    fn fresh<'a>(&self, keys: &'a Keys) -> Option<&'a JwkSet> {
        keys.fetched.as_ref().filter(|(_, since)| since.elapsed() < self.max_age).map(|(set, _)| set)
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
    let seconds = |name, default| setting(name, default).parse().map(Duration::from_secs);
    let verifier = Verifier {
        jwks_url: std::env::var("JWKS_URL")?,
        issuer: std::env::var("ISSUER")?,
        audience: setting("AUDIENCE", "ratchet"),
        max_age: seconds("JWKS_MAX_AGE_SECONDS", "300")?,
        cooldown: seconds("JWKS_COOLDOWN_SECONDS", "30")?,
        client: reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?,
        keys: Mutex::default(),
    };
    let app = Router::new().route("/hello", get(hello)).with_state(Arc::new(verifier));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", setting("PORT", "8080").parse()?)).await?;
    println!("http://{}/hello", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
