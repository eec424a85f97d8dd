//! Reads an authorizer event a second time, without the code under test.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::authorizer_events::Format;
use crate::fuzz::genuine::{ACCESS_TOKENS, NOW};

/// The format of an event, as the documentation of the services tells them apart.
pub(super) fn format_of(event: &Value) -> Option<Format> {
    let context = &event["requestContext"];
    let lacks = |of: &Value, names: &[&str]| names.iter().all(|name| of.get(name).is_none());
    let format = match (event.get("type").map(Value::as_str), event.get("version").map(Value::as_str)) {
        (Some(Some("TOKEN")), None)
            if lacks(event, &["routeArn"])
                && lacks(context, &["eventType", "connectionId", "http", "routeKey"]) =>
        {
            Format::RestToken
        }
        (Some(Some("REQUEST")), None)
            if lacks(event, &["routeArn"])
                && lacks(context, &["eventType", "connectionId", "http", "routeKey"]) =>
        {
            Format::RestRequest
        }
        (Some(Some("REQUEST")), None)
            if context["eventType"] == "CONNECT"
                && context["routeKey"] == "$connect"
                && lacks(event, &["routeArn"]) =>
        {
            Format::WebSocket
        }
        (Some(Some("REQUEST")), Some(Some("1.0")))
            if lacks(event, &["routeArn"]) && lacks(context, &["eventType", "connectionId"]) =>
        {
            Format::HttpApi1
        }
        (Some(Some("REQUEST")), Some(Some("2.0")))
            if lacks(event, &["methodArn"]) && lacks(context, &["eventType", "connectionId"]) =>
        {
            Format::HttpApi2
        }
        (None, None)
            if lacks(event, &["methodArn", "routeArn"])
                && lacks(context, &["operation", "channel", "stage"])
                && event["authorizationToken"].is_string()
                && context["apiId"].is_string() =>
        {
            Format::AppSync
        }
        (_, _) => return None,
    };
    let resource = arn(event).and_then(resource_of);
    let fits = match format {
        Format::AppSync => true,
        Format::WebSocket => resource == Some("$connect"),
        Format::RestToken
        | Format::RestRequest
        | Format::HttpApi1
        | Format::HttpApi2
        | Format::WebSocketPage => resource.is_some_and(|resource| resource != "$connect"),
    };
    fits.then_some(format)
}

pub(super) fn arn(event: &Value) -> Option<&str> {
    event["methodArn"].as_str().or_else(|| event["routeArn"].as_str())
}

/// Returns the part after `arn:partition:execute-api:region:account:api/stage/`, if the ARN is well-formed.
pub(super) fn resource_of(arn: &str) -> Option<&str> {
    let is_word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let (before, rest) = arn.split_once('/')?;
    let (stage, resource) = rest.split_once('/')?;
    let parts: Vec<_> = before.split(':').collect();
    let ["arn", partition, "execute-api", region, account, api] = parts.as_slice() else { return None };
    let words = [partition, region, account, api].iter().all(|part| is_word(part));
    (words && (is_word(stage) || stage == "$default") && !resource.is_empty()).then_some(resource)
}

pub(super) fn brings_one_good_token(format: Format, event: &Value) -> bool {
    let tokens = tokens(format, event);
    let mut tokens = tokens.iter();
    let (Some(Some(token)), None) = (tokens.next(), tokens.next()) else { return false };
    ACCESS_TOKENS.get(*token).is_some_and(|exp| NOW.seconds() < *exp)
}

/// Every text that stands for a token in an event of this format; none for a value that is no bearer token.
fn tokens(format: Format, event: &Value) -> BTreeSet<Option<&str>> {
    match format {
        Format::RestToken => event["authorizationToken"].as_str().map(bearer).into_iter().collect(),
        Format::AppSync => {
            let own = |value| of_scheme(value, "ratchet").or_else(|| bearer(value));
            event["authorizationToken"].as_str().map(own).into_iter().collect()
        }
        Format::RestRequest | Format::HttpApi1 | Format::HttpApi2 => {
            header(event, "authorization").into_iter().map(bearer).collect()
        }
        Format::WebSocket | Format::WebSocketPage => {
            let offered =
                header(event, "sec-websocket-protocol").into_iter().flat_map(|list| list.split(','));
            let subprotocols =
                offered.filter_map(|name| name.trim().strip_prefix("ratchet.bearer.")).map(Some);
            header(event, "authorization").into_iter().map(bearer).chain(subprotocols).collect()
        }
    }
}

fn bearer(value: &str) -> Option<&str> {
    of_scheme(value, "bearer")
}

fn of_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (named, token) = value.trim().split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then_some(token.trim())
}

/// Every text of that header in both maps.
fn header<'a>(event: &'a Value, header: &str) -> Vec<&'a str> {
    let maps = ["headers", "multiValueHeaders"].iter().filter_map(|map| event[map].as_object()).flatten();
    let named = maps.filter(|(name, _)| name.eq_ignore_ascii_case(header));
    let texts =
        named.flat_map(|(_, value)| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    texts.filter_map(Value::as_str).collect()
}
