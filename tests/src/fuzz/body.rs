//! The checks that all request bodies share.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use http::{Method, Request};
use runtime::Body;
use serde_json::Value;
use shared::api::MAX_BODY_BYTES;

use super::functions::{Answered, Function};
use crate::contract;

/// The names of all members that the bodies have, and what else a JSON object is made of.
pub(super) const WORDS: &[&str] = &[
    "\"email\":",
    "\"password\":",
    "\"name\":",
    "\"refresh_token\":",
    "\"access_token\":",
    "\"device_token\":",
    "\"refresh_transport\":\"cookie\"",
    "\"ada@example.com\"",
    "null",
    "true",
    "[]",
    "{}",
    "1e5",
    "\\u0000",
    "\\ud800",
    "\\\"",
];

/// A text that no answer may contain.
const MARK: &str = "Zq7Yv3Kx9Wm2";

/// Sends the body and holds the answer against the contract; then once more with a mark in it that must not come back.
/// Hands back status and requests.
pub(super) fn check(function: Function, path: &str, data: &[u8]) -> (u16, usize) {
    let Answered { response, requests } = post(function, path, data);
    let status = response.status().as_u16();
    let too_large = data.len() > MAX_BODY_BYTES;
    assert_eq!(status == 413, too_large, "{} bytes are answered {status}", data.len());
    assert!(status == 503 || requests == 0, "{status} after {requests} requests");
    let marked = post(function, path, &marked(data)).response;
    assert!(!marked.body().contains(MARK), "{path} repeats what it was sent: {}", marked.body());
    (status, requests)
}

/// The member of that name, if the body is a JSON object in which it is a text.
pub(super) fn text(data: &[u8], name: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(data).ok().filter(|_| data.len() <= MAX_BODY_BYTES)?;
    body.get(name)?.as_str().map(ToOwned::to_owned)
}

/// Whether the body is a JSON object with a member of that name.
pub(super) fn has(data: &[u8], name: &str) -> bool {
    serde_json::from_slice::<Value>(data).is_ok_and(|body| body.get(name).is_some())
}

/// Whether the text has a member of that name more than once, as far as can be seen: escapes may hide some.
pub(super) fn repeats(data: &[u8], name: &str) -> bool {
    String::from_utf8_lossy(data).matches(&format!("\"{name}\"")).count() > 1
}

fn post(function: Function, path: &str, data: &[u8]) -> Answered {
    let body = match std::str::from_utf8(data) {
        Ok(text) => Body::Text(text.to_owned()),
        Err(_) => Body::Binary(data.to_vec()),
    };
    let request = Request::builder().method(Method::POST).uri(path).header(CONTENT_TYPE, "application/json");
    let answered = function.call(request.body(body).expect("a request"));
    assert_of_the_contract("POST", path, &answered.response);
    answered
}

/// The answer is one that `openapi.yaml` has, and an error has the one form of errors.
pub(super) fn assert_of_the_contract(method: &str, path: &str, response: &http::Response<String>) {
    let (status, headers, text) = (response.status().as_u16(), response.headers(), response.body());
    contract::assert_documented(method, path, status, headers, text);
    if status < 400 {
        return;
    }
    // A logout that is refused may clear a cookie. No error sets one.
    let cookie = headers.get(SET_COOKIE).map(|value| value.to_str().expect("ASCII"));
    let is_cleared =
        cookie.is_some_and(|cookie| cookie.starts_with("__Host-refresh_token=; ") && path == "/logout");
    assert!(cookie.is_none() || is_cleared && status < 500, "{path} is answered {status} with {cookie:?}");
    assert_eq!(headers[CONTENT_TYPE], "application/json");
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    let body: Value = serde_json::from_str(text).expect("JSON");
    let members = body.as_object().expect("an object");
    assert!(members.keys().eq(["error", "error_description"]), "{text}");
    assert!(
        members["error_description"].as_str().is_some_and(|sentence| sentence.ends_with(['.', '!'])),
        "{text}"
    );
}

/// The body with the mark at the end of every text of an object, or behind whatever else it is.
fn marked(data: &[u8]) -> Vec<u8> {
    match serde_json::from_slice(data) {
        Ok(Value::Object(mut members)) => {
            members.values_mut().for_each(|value| {
                *value = match value.as_str() {
                    Some(text) => format!("{text}{MARK}").into(),
                    None => vec![value.take(), MARK.into()].into(),
                }
            });
            Value::Object(members).to_string().into_bytes()
        }
        Ok(_) | Err(_) => [data, MARK.as_bytes()].concat(),
    }
}
