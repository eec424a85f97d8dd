//! A service that serves callers with an access token of Ratchet, verified with the JWK set. Copy all but the routes.

use std::env::VarError;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

/// How long to wait after keys could not be fetched.
const RETRY: Duration = Duration::from_secs(1);
const A_DAY: u64 = 86_400;

/// The claims of a good token. A token that lacks one of them is refused.
#[derive(Deserialize)]
struct Caller {
    sub: String,
    sid: String,
    /// A user without roles has no such claim.
    #[serde(default)]
    roles: Vec<String>,
    /// A claim of your own, which `ratchet user set-claims` sets: say what its absence means.
    #[serde(default = "free")]
    plan: String,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    iss: String,
    aud: String,
}

fn free() -> String {
    "free".to_owned()
}

impl Caller {
    /// # Errors
    /// [`Refusal::Forbidden`] if the caller lacks the role.
    fn require(&self, role: &'static str) -> Result<(), Refusal> {
        let has_it = self.roles.iter().any(|each| each == role);
        if has_it { Ok(()) } else { Err(Refusal::Forbidden { user: self.sub.clone(), role }) }
    }
}

/// Why a request is refused.
enum Refusal {
    Missing,
    /// The reason is for the log alone.
    Invalid(&'static str),
    Expired,
    Forbidden {
        user: String,
        role: &'static str,
    },
    /// The keys can't be fetched.
    Unavailable,
}

struct Verifier {
    jwks_url: Url,
    issuer: String,
    audience: String,
    /// How long keys are good.
    max_age: Duration,
    /// While they are good, tokens of unknown keys have them fetched no more often than this.
    cooldown: Duration,
    client: reqwest::Client,
    /// The newest keys, and when they were fetched.
    keys: watch::Sender<Option<(JwkSet, Instant)>>,
    /// The last attempt to fetch keys. Locked during an attempt.
    attempt: Mutex<Option<Instant>>,
}

impl Verifier {
    /// Reads the settings. Nothing that decides whom to trust has a default.
    ///
    /// # Errors
    /// Names the variable.
    fn from_env() -> Result<Self, Box<dyn Error>> {
        let jwks_url =
            Url::parse(&setting("JWKS_URL", None)?).map_err(|error| format!("JWKS_URL: {error}"))?;
        if !matches!(jwks_url.scheme(), "https" | "http") {
            return Err("JWKS_URL must be a URL of the scheme https or http".into());
        }
        let seconds = |name, default| number(name, default, 1, A_DAY).map(Duration::from_secs);
        Ok(Self {
            jwks_url,
            issuer: setting("ISSUER", None)?,
            audience: setting("AUDIENCE", None)?,
            max_age: seconds("JWKS_MAX_AGE_SECONDS", "300")?,
            cooldown: seconds("JWKS_COOLDOWN_SECONDS", "30")?,
            client: reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?,
            keys: watch::Sender::new(None),
            attempt: Mutex::default(),
        })
    }

    /// Returns the claims of a good token. `kid` names the key, and the key names the algorithm; there is no leeway.
    async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Invalid("the header is malformed"))?;
        let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
        if typ != "at+jwt" && typ != "application/at+jwt" {
            return Err(Refusal::Invalid("the type is wrong"));
        }
        let fields = json_of(token, 0).ok_or(Refusal::Invalid("the header is malformed"))?;
        if fields.get("crit").is_some() {
            return Err(Refusal::Invalid("a header field is critical"));
        }
        if json_of(token, 1).is_none() {
            return Err(Refusal::Invalid("the claims are malformed"));
        }
        let key = self.find(&header.kid.ok_or(Refusal::Invalid("no key is named"))?).await?;
        let caller = genuine(token, &key)?;
        if caller.iss != self.issuer {
            return Err(Refusal::Invalid("the issuer is wrong"));
        }
        if caller.aud != self.audience {
            return Err(Refusal::Invalid("the audience is wrong"));
        }
        if caller.sub.is_empty() || caller.sid.is_empty() {
            return Err(Refusal::Invalid("the user or the session is empty"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if now < caller.nbf {
            return Err(Refusal::Invalid("the token is not good yet"));
        }
        if now < caller.exp { Ok(caller) } else { Err(Refusal::Expired) }
    }

    /// Keys are fetched when they are first needed, when they are old, and when a token names an unknown one.
    async fn find(&self, kid: &str) -> Result<Jwk, Refusal> {
        // A token of a known key takes no lock, so that a forged `kid` can't make it wait for a fetch.
        if let Some(key) = self.known(kid) {
            return Ok(key);
        }
        let mut attempt = self.attempt.lock().await;
        let wait = if self.is_fresh() { self.cooldown } else { RETRY };
        if self.known(kid).is_none() && attempt.is_none_or(|tried| tried.elapsed() >= wait) {
            // Before too, since a client that goes away cancels the attempt, and must not start another one.
            *attempt = Some(Instant::now());
            let answer = self.fetch().await;
            *attempt = Some(Instant::now());
            let set = answer.map_err(|_| Refusal::Unavailable)?;
            self.keys.send_replace(Some((set, Instant::now())));
        }
        let unknown =
            if self.is_fresh() { Refusal::Invalid("the key is unknown") } else { Refusal::Unavailable };
        self.known(kid).ok_or(unknown)
    }

    fn known(&self, kid: &str) -> Option<Jwk> {
        let keys = self.keys.borrow();
        let (set, _) = keys.as_ref().filter(|(_, since)| since.elapsed() < self.max_age)?;
        set.find(kid).cloned()
    }

    fn is_fresh(&self) -> bool {
        self.keys.borrow().as_ref().is_some_and(|(_, since)| since.elapsed() < self.max_age)
    }

    async fn fetch(&self) -> Result<JwkSet, reqwest::Error> {
        self.client.get(self.jwks_url.clone()).send().await?.error_for_status()?.json().await
    }
}

/// Returns a part of a token as JSON. The library passes over a field that is null, and over bytes that are not UTF-8 where it
/// needs no text.
fn json_of(token: &str, part: usize) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(part)?).ok()?;
    serde_json::from_str(str::from_utf8(&bytes).ok()?).ok()
}

/// Verifies the signature alone: the library would let a token live for its last second, and pass one without `iss`.
fn genuine(token: &str, key: &Jwk) -> Result<Caller, Refusal> {
    let algorithm = match key.common.key_algorithm {
        Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        Some(KeyAlgorithm::RS256) => Algorithm::RS256,
        _ => return Err(Refusal::Invalid("the key is of an unknown algorithm")),
    };
    let key = DecodingKey::from_jwk(key).map_err(|_| Refusal::Invalid("the key is malformed"))?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let data = decode::<Caller>(token, &key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Refusal::Invalid("the signature is wrong"),
        ErrorKind::InvalidAlgorithm => Refusal::Invalid("the algorithm is not that of the key"),
        _ => Refusal::Invalid("the claims are malformed"),
    })?;
    Ok(data.claims)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let header = headers.next().ok_or(Refusal::Missing)?;
        let not_one = || Refusal::Invalid("there is not one bearer token");
        let (scheme, token) =
            header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(not_one)?;
        if headers.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
            return Err(not_one());
        }
        Arc::<Verifier>::from_ref(state).verify(token.trim()).await
    }
}

/// 401 (RFC 6750 section 3), 403 or 503. Logs why, which the client does not learn; the log never has the token in it.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, description) = match &self {
            Self::Missing => (StatusCode::UNAUTHORIZED, "invalid_token", "The access token is missing."),
            Self::Invalid(_) => (StatusCode::UNAUTHORIZED, "invalid_token", "The access token is not valid."),
            Self::Expired => (StatusCode::UNAUTHORIZED, "invalid_token", "The access token has expired."),
            Self::Forbidden { .. } => {
                (StatusCode::FORBIDDEN, "insufficient_scope", "The user lacks a role that this needs.")
            }
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "Try again."),
        };
        let header = match &self {
            Self::Missing => (WWW_AUTHENTICATE, "Bearer".to_owned()),
            Self::Unavailable => (RETRY_AFTER, "1".to_owned()),
            Self::Invalid(_) | Self::Expired | Self::Forbidden { .. } => {
                let challenge = format!("Bearer error=\"{error}\", error_description=\"{description}\"");
                (WWW_AUTHENTICATE, challenge)
            }
        };
        eprintln!("Refused: {self}");
        let body = json_body(json!({ "error": error, "error_description": description }));
        let mut response = (status, [header], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let is_expired = if matches!(self, Self::Expired) { "true" } else { "false" };
            response.headers_mut().insert("is-token-expired", HeaderValue::from_static(is_expired));
        }
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("the Authorization header is missing"),
            Self::Invalid(reason) => formatter.write_str(reason),
            Self::Expired => formatter.write_str("the token has expired"),
            Self::Forbidden { user, role } => write!(formatter, "the user {user} lacks the role {role}"),
            Self::Unavailable => formatter.write_str("the keys can't be fetched"),
        }
    }
}

fn json_body(body: Value) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body.to_string())
}

/// Reads a setting; an empty one counts as unset.
fn setting(name: &str, default: Option<&str>) -> Result<String, String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
        Ok(_) | Err(VarError::NotPresent) => {
            default.map(str::to_owned).ok_or_else(|| format!("{name} is not set"))
        }
    }
}

fn number(name: &str, default: &str, least: u64, most: u64) -> Result<u64, String> {
    let value = setting(name, Some(default))?.parse().ok().filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| format!("{name} must be a whole number from {least} to {most}"))
}

async fn hello(caller: Caller) -> impl IntoResponse {
    json_body(json!({ "user": caller.sub, "session": caller.sid, "roles": caller.roles }))
}

async fn reports(caller: Caller) -> Result<impl IntoResponse, Refusal> {
    caller.require("editor")?;
    Ok(json_body(json!({ "reader": caller.sub })))
}

async fn plan(caller: Caller) -> impl IntoResponse {
    json_body(json!({ "plan": caller.plan }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let port = u16::try_from(number("PORT", "8080", 0, u16::MAX.into())?)?;
    let routes =
        Router::new().route("/hello", get(hello)).route("/reports", get(reports)).route("/plan", get(plan));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/hello", listener.local_addr()?);
    Ok(axum::serve(listener, routes.with_state(Arc::new(verifier))).await?)
}
