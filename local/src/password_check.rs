//! `POST /_password-check`: the service's judgement of a new password while somebody types it on the page.
//!
//! This is not part of the stack. It is the check of the function `register`, with its settings, so that the page's hint
//! cannot differ from the result of sending the form. It stores and logs nothing.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use shared::config::{self, ConfigError};
use shared::email::Email;
use shared::password::{OwnWords, Password, Rules};
use template::Stack;

const PATH: &str = "/_password-check";
const MAX_BYTES: usize = 8 * 1024;

/// The current content of a form on the page.
#[derive(Deserialize)]
struct Typed {
    password: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
}

/// The rules of new passwords, as the function `register` reads them.
pub(crate) fn rules(
    stack: &Stack,
    environments: &BTreeMap<String, BTreeMap<String, String>>,
) -> Result<Rules, ConfigError> {
    let register = stack.functions.iter().find(|function| function.binary == "register");
    let environment = register.and_then(|function| environments.get(&function.id));
    config::password_rules(&|name| environment?.get(name).cloned())
}

/// Returns whether the check answers here. A page of another origin cannot call it: the media type requires a preflight, which
/// this server does not allow.
pub(crate) fn is_at(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    method == Method::POST
        && path == PATH
        && headers.get(CONTENT_TYPE).is_some_and(|t| t == "application/json")
}

/// Answers `{"problem": null}`, or the problem of the password in the service's own words.
pub(crate) async fn answer(rules: Rules, request: Request<Body>) -> Response<Body> {
    let body = Limited::new(request.into_body(), MAX_BYTES).collect().await;
    let typed = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
    let (status, content) = match typed.map(|typed| problem(rules, &typed)) {
        Some(problem) => (StatusCode::OK, serde_json::json!({ "problem": problem }).to_string()),
        None => (StatusCode::BAD_REQUEST, String::new()),
    };
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn problem(rules: Rules, Typed { password, email, name }: &Typed) -> Option<String> {
    // Without a typed address, none of its words is known.
    let nobody = Email::parse("a@b.c").ok()?;
    let own = OwnWords::new(&Email::parse(email).unwrap_or(nobody), name);
    let checked = Password::parse(password).and_then(|password| password.check_new(rules, &own));
    checked.err().map(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    async fn ask(body: Value) -> (StatusCode, Value) {
        let rules = Rules { min_length: 12, min_score: 2 };
        let response = answer(rules, Request::new(Body::from(body.to_string()))).await;
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[tokio::test]
    async fn the_answer_is_what_the_service_would_say() {
        let problem = async |body| ask(body).await.1["problem"].as_str().unwrap_or_default().to_owned();
        assert_eq!(problem(json!({"password": "short"})).await, "must be at least 12 characters long");
        let own = json!({"password": "adalovelace1", "email": "ada@example.com", "name": "Ada Lovelace"});
        assert!(problem(own).await.starts_with("is too easy to guess"));
        let fine = ask(json!({"password": "velvet orbit tangle", "email": "not yet"})).await;
        assert_eq!(fine, (StatusCode::OK, json!({ "problem": null })));
    }

    #[tokio::test]
    async fn what_is_not_json_or_too_long_is_refused() {
        assert_eq!(ask(json!("text")).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(ask(json!({"password": "a".repeat(MAX_BYTES)})).await.0, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn only_json_is_taken_so_that_other_origins_are_kept_out() {
        let typed = |media_type| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        assert!(is_at(&Method::POST, PATH, &typed("application/json")));
        assert!(!is_at(&Method::POST, PATH, &typed("text/plain")));
        assert!(!is_at(&Method::POST, PATH, &HeaderMap::new()));
        assert!(!is_at(&Method::GET, PATH, &typed("application/json")));
    }
}
