//! The event of a function behind a route, as the Lambda runtime reads it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::functions::{Answered, Function};
use super::{Target, body, events_of};

/// An event of API Gateway as JSON. Its path chooses the function.
///
/// A stranger chooses what is in it, but not everything: `lambda_http` panics if the host is not the name of one or a
/// body that is marked as base64 is none, and both are API Gateway's to write. So they are made good before it is read.
pub const TARGET: Target = Target {
    name: "api_event",
    check,
    seeds: || events_of(&["login", "logout", "metadata", "refresh", "register", "weather"]),
    words: &[
        "\"path\":\"/login\"",
        "\"path\":\"/logout\"",
        "\"path\":\"/refresh\"",
        "\"path\":\"/register\"",
        "\"path\":\"/weather\"",
        "\"path\":\"/.well-known/jwks.json\"",
        "\"httpMethod\":\"POST\"",
        "\"headers\":{\"Content-Type\":\"application/json\"}",
        "\"multiValueHeaders\":{",
        "\"queryStringParameters\":{\"a\":\"b\"}",
        "\"multiValueQueryStringParameters\":{\"a\":[\"b\",\"c\"]}",
        "\"body\":\"{}\"",
        "\"body\":null",
        "\"isBase64Encoded\":true",
        "\"requestContext\":{",
        "\"authorizer\":{\"sub\":\"u\"}",
        "\"version\":\"2.0\"",
        "null",
        "[]",
    ],
};

const ROUTES: [(&str, &str, Function); 8] = [
    ("POST", "/login", Function::Login),
    ("POST", "/logout", Function::Logout),
    ("POST", "/refresh", Function::Refresh),
    ("POST", "/register", Function::Register),
    ("GET", "/weather", Function::Weather),
    ("GET", "/.well-known/jwks.json", Function::Metadata),
    ("GET", "/.well-known/oauth-authorization-server", Function::Metadata),
    ("GET", "/.well-known/openid-configuration", Function::Metadata),
];

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(Value::Object(mut event)) = serde_json::from_slice(data) else { return };
    let route = ROUTES.into_iter().find(|(_, path, _)| event.get("path").is_some_and(|it| it == path));
    let Some((method, path, function)) = route else { return };
    write_what_the_gateway_writes(&mut event);
    let event = Value::from(event);
    // What the runtime can't read never reaches a function.
    let Ok(request) = lambda_http::request::from_str(&event.to_string()) else { return };
    let Answered { response, requests } = function.call(request);
    body::assert_of_the_contract(method, path, &response);
    let status = response.status().as_u16();
    match function {
        Function::Weather => assert_eq!(status, if names_a_caller(&event) { 200 } else { 401 }, "{event}"),
        Function::Metadata => assert_eq!(status, 200, "{event}"),
        Function::Logout if status == 204 => assert_eq!(requests, 0, "answered without its table: {event}"),
        Function::Login | Function::Logout | Function::Refresh | Function::Register => {
            assert!([400, 413, 415, 503].contains(&status), "{status} without a table: {event}");
            assert_eq!(status == 503, requests > 0, "{status} after {requests} requests: {event}");
        }
    }
}

fn write_what_the_gateway_writes(event: &mut Map<String, Value>) {
    let own = ["host", "x-forwarded-proto"];
    for map in ["headers", "multiValueHeaders"] {
        if let Some(Value::Object(headers)) = event.get_mut(map) {
            headers.retain(|name, _| own.iter().all(|own| !name.eq_ignore_ascii_case(own)));
        }
    }
    if let Some(Value::Object(context)) = event.get_mut("requestContext") {
        context.insert("domainName".to_owned(), "api.example.com".into());
        context.insert("stage".to_owned(), "prod".into());
    }
    if event.get("isBase64Encoded") == Some(&Value::Bool(true))
        && let Some(Value::String(body)) = event.get_mut("body")
    {
        *body = STANDARD.encode(&body);
    }
}

/// Only the gateway writes the context, and only after the authorizer has said who calls.
fn names_a_caller(event: &Value) -> bool {
    event["requestContext"]["authorizer"]["sub"].as_str().is_some_and(|sub| !sub.is_empty())
}
