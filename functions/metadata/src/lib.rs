//! `GET /.well-known/...`: the public keys (RFC 7517) and the server's metadata (RFC 8414), the same for everybody.

use std::net::Ipv4Addr;

use http::Response;
use runtime::{Request, RequestContext, RequestExt};
use serde_json::{Value, json};
use shared::api::{REVOCATION_PATH, Responder, TOKEN_PATH};
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::Algorithm;
use shared::{Invocation, log};

/// How long caches may keep these answers, in seconds. A new signing key is published for a whole deployment before it
/// signs, so an answer this old still has it.
const MAX_AGE: u32 = 300;

const JWK_SET_PATH: &str = "/.well-known/jwks.json";
const OPENID_PATH: &str = "/.well-known/openid-configuration";

/// The state that the function keeps between requests.
pub struct App {
    issuer: String,
    has_mail: bool,
    has_passkeys: bool,
    jwk_set: String,
    /// The algorithms of the published keys.
    algorithms: Vec<Algorithm>,
    responder: Responder,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let (keys, jwk_set) = config::public_keys(lookup)?;
        Ok(Self {
            issuer: config::issuer(lookup)?,
            has_mail: config::is_mail_on(lookup)?,
            has_passkeys: has_passkeys(lookup),
            jwk_set,
            algorithms: keys.algorithms(),
            responder: config::responder(lookup)?,
        })
    }
}

/// Returns whether there are passkeys. An error in their settings stops the function `passkeys`, which names the variable. It must
/// not stop this one: verifiers need the keys.
fn has_passkeys(lookup: Lookup<'_>) -> bool {
    config::relying_party(lookup).inspect_err(log::bad_setting).is_ok_and(|party| party.is_some())
}

/// Answers one request.
#[allow(clippy::unused_async, reason = "the handler of every function is async")]
pub async fn handle(app: &App, request: Request, _: Invocation) -> Response<String> {
    let route = request.uri().path();
    let body = if route.ends_with(JWK_SET_PATH) {
        app.jwk_set.clone()
    } else {
        document(app, &base_url(&app.issuer, &request), route.ends_with(OPENID_PATH)).to_string()
    };
    tracing::info!(route = "metadata", outcome = "answered");
    app.responder.cacheable(body, MAX_AGE)
}

/// RFC 8414 section 2: who issues the tokens, where the keys are, and where OAuth clients, which are public, continue and end
/// sessions. No flow of OAuth begins one. That mail or passkeys are on, a client learns here alone: it offers them where
/// they are.
fn document(
    App { issuer, has_mail, has_passkeys, algorithms, .. }: &App,
    base_url: &str,
    openid: bool,
) -> Value {
    let mut document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{base_url}{JWK_SET_PATH}"),
        "token_endpoint": format!("{base_url}{TOKEN_PATH}"),
        "revocation_endpoint": format!("{base_url}{REVOCATION_PATH}"),
        "response_types_supported": [],
        "grant_types_supported": ["refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "ratchet_mail_enabled": has_mail,
        "ratchet_passkeys_enabled": has_passkeys,
        "ratchet_totp_enabled": true,
    });
    if openid && let Some(members) = document.as_object_mut() {
        // OpenID Connect Discovery 1.0 section 3 requires both, though no ID tokens are issued. Verifiers of access tokens read
        // the second to learn which algorithms to take.
        members.insert("subject_types_supported".to_owned(), json!(["public"]));
        members.insert("id_token_signing_alg_values_supported".to_owned(), json!(algorithms));
    }
    document
}

/// Returns the URL of this API, from the configured domain or from API Gateway's own name, and never from a header that a
/// client chose: the answer is cached.
fn base_url(issuer: &str, request: &Request) -> String {
    let (domain, stage, path) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (&context.domain_name, &context.stage, &context.path),
        Some(RequestContext::ApiGatewayV2(context)) => {
            (&context.domain_name, &context.stage, &context.http.path)
        }
        _ => (&None, &None, &None),
    };
    let [domain, stage, path] = [domain, stage, path].map(|text| text.as_deref().unwrap_or_default());
    // The issuer is the custom domain, if the stack has one. Discovery compares the two (RFC 8414 section 3.3).
    if issuer.starts_with("https://") || issuer.starts_with("http://") {
        return issuer.trim_end_matches('/').to_owned();
    }
    // Only the local server is reached by such a name; API Gateway never is.
    if is_loopback(domain) {
        return format!("http://{domain}");
    }
    let prefix = format!("/{stage}");
    // Under a custom domain the path has no stage.
    let has_stage = path.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with('/'));
    format!("https://{domain}{}", if has_stage { &prefix } else { "" })
}

fn is_loopback(domain: &str) -> bool {
    let host = domain.rsplit_once(':').map_or(domain, |(host, _)| host);
    host == "localhost" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the document's `jwks_uri` for a request to this domain that reached the gateway by HTTP, as its header states.
    fn jwks_uri(issuer: &str, domain: &str, path: &str) -> String {
        let headers = json!({ "X-Forwarded-Proto": ["http"], "Host": ["attacker.example"] });
        let event = json!({
            "httpMethod": "GET", "path": OPENID_PATH, "multiValueHeaders": headers,
            "requestContext": { "httpMethod": "GET", "domainName": domain, "stage": "prod", "path": path, "identity": {} },
        });
        let request = runtime::request(&event.to_string()).unwrap();
        format!("{}{JWK_SET_PATH}", base_url(issuer, &request))
    }

    #[test]
    fn the_scheme_of_the_keys_address_is_no_clients_to_choose() {
        let execute_api = "abc123.execute-api.eu-west-1.amazonaws.com";
        let staged = "/prod/.well-known/openid-configuration";
        assert_eq!(
            jwks_uri("urn:ratchet:x", execute_api, staged),
            "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/.well-known/jwks.json"
        );
        let of_domain = "https://auth.example.com/.well-known/jwks.json";
        assert_eq!(jwks_uri("https://auth.example.com", execute_api, staged), of_domain);
        assert_eq!(jwks_uri("https://auth.example.com/", "auth.example.com", OPENID_PATH), of_domain);
        assert_eq!(jwks_uri("urn:ratchet:x", "auth.example.com", OPENID_PATH), of_domain);
    }

    #[test]
    fn the_local_server_names_its_own_address_unless_its_issuer_is_another() {
        for issuer in ["urn:ratchet:local", "http://127.0.0.1:3000"] {
            let expected = "http://127.0.0.1:3000/.well-known/jwks.json";
            assert_eq!(jwks_uri(issuer, "127.0.0.1:3000", OPENID_PATH), expected);
        }
        // Behind a proxy that terminates TLS.
        let in_front = jwks_uri("https://localhost:8443", "127.0.0.1:3000", OPENID_PATH);
        assert_eq!(in_front, "https://localhost:8443/.well-known/jwks.json");
    }

    #[test]
    fn an_http_api_is_named_by_its_own_domain_and_stage() {
        let uri = |stage: &str, path: &str| {
            let http = json!({ "method": "GET", "path": path, "sourceIp": "192.0.2.1" });
            let event = json!({
                "version": "2.0", "rawPath": path, "headers": { "x-forwarded-proto": "http" },
                "requestContext": { "http": http, "stage": stage, "domainName": "a.example", "timeEpoch": 1 },
            });
            base_url("urn:ratchet:x", &runtime::request(&event.to_string()).unwrap())
        };
        assert_eq!(uri("$default", OPENID_PATH), "https://a.example");
        assert_eq!(uri("v1", &format!("/v1{OPENID_PATH}")), "https://a.example/v1");
    }
}
