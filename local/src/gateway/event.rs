//! The events of API Gateway for functions and authorizers.
//!
//! The fields are those of payload format 1.0, so that the same code reads them here and on Lambda. Paths have
//! no stage, as under a custom domain.

use std::net::IpAddr;

use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use shared::Timestamp;

use super::authorizer::Context;
use template::{ACCOUNT_ID, Api, Authorizer, AuthorizerEvent, REGION};

/// A request as API Gateway describes it, without its body.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) request_id: String,
    pub(super) received_at: Timestamp,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// The path of the route as in the template; empty before a route is found.
    pub(super) resource: &'a str,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) source: IpAddr,
    pub(super) api: &'a str,
    pub(super) stage: &'a str,
    pub(super) domain: &'a str,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        parts: &'a http::request::Parts,
        source: IpAddr,
        api: &'a Api,
        domain: &'a str,
    ) -> Self {
        Self {
            request_id: String::new(),
            received_at: Timestamp::default(),
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            resource: "",
            parameters: Vec::new(),
            source,
            api: &api.id,
            stage: &api.stage,
            domain,
        }
    }

    /// Returns the same request, at its route.
    pub(super) fn at(&mut self, resource: &'a str, parameters: Vec<(String, String)>) {
        self.resource = resource;
        self.parameters = parameters;
    }
}

/// Returns the event of a Lambda proxy integration.
pub(super) fn proxy(call: &Call<'_>, body: Option<&str>, authorizer: Option<&Context>) -> Value {
    let mut event = request(call);
    event.insert("body".to_owned(), json!(body));
    event.insert("isBase64Encoded".to_owned(), json!(false));
    if let (Some(context), Some(Value::Object(request))) = (authorizer, event.get_mut("requestContext")) {
        request.insert("authorizer".to_owned(), json!(context));
    }
    Value::Object(event)
}

/// Returns the event of an authorizer, in the form that the template selects.
pub(super) fn authorizer(authorizer: &Authorizer, call: &Call<'_>, method_arn: &str) -> Value {
    match authorizer.event {
        AuthorizerEvent::Request => {
            let mut event = request(call);
            event.insert("type".to_owned(), json!("REQUEST"));
            event.insert("methodArn".to_owned(), json!(method_arn));
            Value::Object(event)
        }
        AuthorizerEvent::Token => {
            let header = authorizer.identity_headers.first().unwrap_or(&AUTHORIZATION);
            let token = call.headers.get(header).map(spell);
            json!({"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token})
        }
    }
}

/// Returns the ARN of the called method, which an authorizer's policy refers to.
pub(super) fn method_arn(call: &Call<'_>) -> String {
    let Call { api, stage, method, path, .. } = call;
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{api}/{stage}/{method}{path}")
}

fn request(call: &Call<'_>) -> Map<String, Value> {
    let headers = headers(call);
    let query = query(call.query);
    let event = json!({
        "resource": call.resource,
        "path": call.path,
        "httpMethod": call.method,
        "headers": last_of_each(&headers),
        "multiValueHeaders": grouped(&headers),
        "queryStringParameters": last_of_each(&query),
        "multiValueQueryStringParameters": grouped(&query),
        "pathParameters": last_of_each(&call.parameters),
        "stageVariables": null,
        "requestContext": context(call),
    });
    match event {
        Value::Object(event) => event,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn context(call: &Call<'_>) -> Value {
    json!({
        "accountId": ACCOUNT_ID,
        "apiId": call.api,
        "domainName": call.domain,
        "domainPrefix": call.api,
        "extendedRequestId": call.request_id,
        "httpMethod": call.method,
        "identity": {
            "sourceIp": call.source.to_string(),
            "userAgent": call.headers.get(USER_AGENT).map(spell),
        },
        "path": call.path,
        "protocol": "HTTP/1.1",
        "requestId": call.request_id,
        "requestTimeEpoch": call.received_at.millis(),
        "resourceId": call.resource,
        "resourcePath": call.resource,
        "stage": call.stage,
    })
}

/// Returns the client's headers, with those that API Gateway sets itself.
///
/// `Host` is always the API's own there, because a request with any other would not have reached it.
fn headers(call: &Call<'_>) -> Vec<(String, String)> {
    let forwarded_for = call.headers.get("x-forwarded-for").map(|value| format!("{}, ", spell(value)));
    let own = [
        (HOST, call.domain.to_owned()),
        (
            HeaderName::from_static("x-forwarded-for"),
            forwarded_for.unwrap_or_default() + &call.source.to_string(),
        ),
        (HeaderName::from_static("x-forwarded-proto"), "http".to_owned()),
    ];
    let passed = call.headers.iter().filter(|(name, _)| own.iter().all(|(own, _)| own != *name));
    let passed = passed.map(|(name, value)| (name.to_string(), spell(value)));
    passed.chain(own.iter().map(|(name, value)| (name.to_string(), value.clone()))).collect()
}

fn query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// API Gateway sends `null` for a map without entries.
fn last_of_each(entries: &[(String, String)]) -> Option<Map<String, Value>> {
    let map = entries.iter().map(|(name, value)| (name.clone(), json!(value)));
    (!entries.is_empty()).then(|| map.collect())
}

fn grouped(entries: &[(String, String)]) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for (name, value) in entries {
        let values = map.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(json!(value));
        }
    }
    (!entries.is_empty()).then_some(map)
}

fn spell(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests;
