//! `GET /.well-known/...`: the public keys (RFC 7517) and the server's metadata (RFC 8414), the same for everybody.

use http::Response;
use runtime::{Request, RequestContext, RequestExt};
use serde_json::{Value, json};
use shared::Invocation;
use shared::api::Responder;
use shared::config::{self, ConfigError, Lookup};

/// How long caches may keep these answers, in seconds. A new signing key is published for a whole deployment before it
/// signs, so an answer this old still has it.
const MAX_AGE: u32 = 300;

const JWK_SET_PATH: &str = "/.well-known/jwks.json";
const OPENID_PATH: &str = "/.well-known/openid-configuration";

/// What the function keeps between requests.
pub struct App {
    issuer: String,
    jwk_set: String,
    responder: Responder,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: config::issuer(lookup)?,
            jwk_set: config::public_keys(lookup)?.1,
            responder: config::responder(lookup)?,
        })
    }
}

/// Answers one request.
#[allow(clippy::unused_async, reason = "the handler of every function is async")]
pub async fn handle(app: &App, request: Request, _: Invocation) -> Response<String> {
    let route = request.uri().path();
    let body = if route.ends_with(JWK_SET_PATH) {
        app.jwk_set.clone()
    } else {
        document(&app.issuer, &base_url(&request), route.ends_with(OPENID_PATH)).to_string()
    };
    tracing::info!(route = "metadata", outcome = "answered");
    app.responder.cacheable(body, MAX_AGE)
}

/// RFC 8414 section 2. There is no OAuth endpoint to name yet: it says who issues the tokens and where the keys are,
/// which is what verifiers such as API Gateway's JWT authorizer look up here.
fn document(issuer: &str, base_url: &str, openid: bool) -> Value {
    let mut document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{base_url}{JWK_SET_PATH}"),
        "response_types_supported": [],
        "grant_types_supported": [],
        "token_endpoint_auth_methods_supported": [],
    });
    if openid && let Some(members) = document.as_object_mut() {
        // OpenID Connect Discovery 1.0 section 3 requires both, though no ID tokens are issued.
        members.insert("subject_types_supported".to_owned(), json!(["public"]));
        members.insert("id_token_signing_alg_values_supported".to_owned(), json!([]));
    }
    document
}

/// Where this API is reached, stage included. From what API Gateway says of itself, not from a header that a client
/// chose: the answer is cached.
fn base_url(request: &Request) -> String {
    let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref() else {
        return String::new();
    };
    let domain = context.domain_name.as_deref().unwrap_or_default();
    let path = context.path.as_deref().unwrap_or_default();
    let prefix = path.find("/.well-known/").and_then(|end| path.get(..end)).unwrap_or_default();
    // The gateway's own line is the last.
    let scheme = request.headers().get_all("x-forwarded-proto").iter().next_back();
    let scheme = scheme.and_then(|value| value.to_str().ok());
    let scheme = if scheme == Some("http") { "http" } else { "https" };
    format!("{scheme}://{domain}{prefix}")
}
