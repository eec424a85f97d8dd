//! The event of a function behind a route, as the Lambda runtime reads it.

use serde_json::Value;

use uuid::Uuid;

use super::functions::{Answered, Function, ORIGIN};
use super::genuine::NOW;
use super::{Target, body, events_of};

/// An event of API Gateway as JSON. Its method and resource choose the function.
///
/// A stranger chooses what is in it, but for the path, which is the route's.
pub const TARGET: Target = Target {
    name: "api_event",
    check,
    seeds,
    words: &[
        "\"resource\":\"/login\"",
        "\"resource\":\"/logout\"",
        "\"resource\":\"/oauth2/revoke\"",
        "\"resource\":\"/oauth2/token\"",
        "\"resource\":\"/password\"",
        "\"resource\":\"/refresh\"",
        "\"resource\":\"/register\"",
        "\"resource\":\"/weather\"",
        "\"resource\":\"/.well-known/jwks.json\"",
        "\"resource\":\"/sessions/{id}\"",
        "\"pathParameters\":{\"id\":\"x\"}",
        "\"httpMethod\":\"POST\"",
        "\"httpMethod\":\"DELETE\"",
        "\"Cookie\":\"__Host-refresh_token=x\"",
        "\"Origin\":\"https://app.example.com\"",
        "\"except\":\"current\"",
        "\"headers\":{\"Content-Type\":\"application/json\"}",
        "\"headers\":{\"Content-Type\":\"application/x-www-form-urlencoded\"}",
        "\"Authorization\":\"Basic cmF0Y2hldDp4\"",
        "\"multiValueHeaders\":{",
        "\"queryStringParameters\":{\"a\":\"b\"}",
        "\"multiValueQueryStringParameters\":{\"a\":[\"b\",\"c\"]}",
        "\"body\":\"{}\"",
        "\"body\":null",
        "\"isBase64Encoded\":true",
        "\"body\":\"e30=\"",
        "\"Host\":\"a b\"",
        "\"requestContext\":{",
        "\"authorizer\":{\"sub\":\"u\"}",
        "\"version\":\"2.0\"",
        "null",
        "[]",
    ],
};

const ROUTES: [(&str, &str, Function); 15] = [
    ("POST", "/login", Function::Login),
    ("POST", "/logout", Function::Logout),
    ("POST", "/oauth2/revoke", Function::Logout),
    ("POST", "/oauth2/token", Function::Refresh),
    ("POST", "/password", Function::Password),
    ("POST", "/refresh", Function::Refresh),
    ("POST", "/register", Function::Register),
    ("GET", "/me", Function::Sessions),
    ("GET", "/sessions", Function::Sessions),
    ("DELETE", "/sessions", Function::Sessions),
    ("DELETE", "/sessions/{id}", Function::Sessions),
    ("GET", "/weather", Function::Weather),
    ("GET", "/.well-known/jwks.json", Function::Metadata),
    ("GET", "/.well-known/oauth-authorization-server", Function::Metadata),
    ("GET", "/.well-known/openid-configuration", Function::Metadata),
];

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(Value::Object(mut event)) = serde_json::from_slice(data) else { return };
    let is = |name: &str, text: &str| event.get(name).is_some_and(|value| value == text);
    let mut routes = ROUTES.into_iter();
    let Some((method, route, function)) =
        routes.find(|(method, route, _)| is("httpMethod", method) && is("resource", route))
    else {
        return;
    };
    let id = event.get("pathParameters").and_then(|parameters| parameters["id"].as_str()).unwrap_or("other");
    event.insert("path".to_owned(), route.replace("{id}", id).into());
    let event = Value::from(event);
    // An invalid request never reaches a function.
    let Ok(request) = runtime::request(&event.to_string()) else { return };
    let Answered { response, requests } = function.call(request);
    body::assert_of_the_contract(method, route, &response);
    let status = response.status().as_u16();
    assert_eq!(status == 503, requests > 0, "{status} after {requests} requests: {event}");
    let is_form = route.starts_with("/oauth2/");
    match function {
        Function::Weather => assert_eq!(status, if names_a_caller(&event) { 200 } else { 401 }, "{event}"),
        Function::Sessions => {
            assert!(names_a_caller(&event) || [400, 401, 404].contains(&status), "{status}: {event}")
        }
        Function::Password => {
            assert!(names_a_caller(&event) || status == 401, "{status}: {event}");
            assert!([400, 401, 413, 415, 503].contains(&status), "{status} without a table: {event}");
        }
        Function::Metadata => assert_eq!(status, 200, "{event}"),
        Function::Logout if status == if is_form { 200 } else { 204 } => {}
        Function::Logout | Function::Refresh if is_form => {
            assert!([400, 401, 413, 503].contains(&status), "{status} without a table: {event}");
        }
        Function::Login | Function::Logout | Function::Refresh | Function::Register => {
            assert!([400, 413, 415, 503].contains(&status), "{status} without a table: {event}");
        }
    }
}

/// Only the gateway writes the context, and only after the authorizer has said who calls.
fn names_a_caller(event: &Value) -> bool {
    let context = &event["requestContext"]["authorizer"];
    let exp: Option<i64> = context["exp"].as_str().and_then(|exp| exp.parse().ok());
    ["email", "name", "roles"].iter().all(|name| context[name].is_string())
        && ["sub", "sid"]
            .iter()
            .all(|name| context[name].as_str().is_some_and(|id| Uuid::try_parse(id).is_ok()))
        && exp.is_some_and(|exp| NOW.seconds() < exp)
}

/// The events of all functions behind routes, and those with a cookie in place of the refresh token in the body.
fn seeds() -> Vec<Vec<u8>> {
    let functions = ["login", "logout", "metadata", "password", "refresh", "register", "sessions", "weather"];
    let mut seeds = events_of(&functions);
    for function in ["logout", "refresh"] {
        for event in events_of(&[function]) {
            let mut event: Value = serde_json::from_slice(&event).expect("JSON");
            let body = event["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
            let token = body.as_ref().and_then(|body| body["refresh_token"].as_str()).unwrap_or_default();
            let cookie = format!("theme=dark; __Host-refresh_token={token}");
            for (name, value) in [("Cookie", cookie.as_str()), ("Origin", ORIGIN)] {
                event["headers"][name] = value.into();
                event["multiValueHeaders"][name] = vec![value].into();
            }
            event["body"] = "{}".into();
            seeds.push(event.to_string().into_bytes());
        }
    }
    seeds
}
