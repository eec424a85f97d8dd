//! The event of the authorizer, from reading it to the answer in its service's form.

mod reading;

use std::sync::LazyLock;

use authorizer::App;
use serde_json::{Value, json};

use super::genuine::{ACCESS_TOKENS, NOW};
use super::{Target, events_of, functions};
use crate::authorizer_events::Format;
use reading::{arn, brings_one_good_token, format_of, resource_of};

/// An event as JSON.
pub const TARGET: Target = Target {
    name: "authorizer",
    check,
    seeds: || events_of(&["authorizer"]),
    words: &[
        "\"type\":\"TOKEN\"",
        "\"type\":\"REQUEST\"",
        "\"version\":\"1.0\"",
        "\"version\":\"2.0\"",
        "\"methodArn\":\"arn:aws:execute-api:r:1:a/b/GET/c\"",
        "\"routeArn\":\"arn:aws:execute-api:r:1:a/$default/GET/weather\"",
        "/$connect\"",
        "\"requestContext\":{\"eventType\":\"CONNECT\",\"routeKey\":\"$connect\"}",
        "\"requestContext\":{\"apiId\":\"a\"}",
        "\"connectionId\":\"c\"",
        "\"http\":{\"method\":\"GET\"}",
        "\"rawPath\":\"/weather\"",
        "\"authorizationToken\":",
        "\"headers\":{",
        "\"multiValueHeaders\":{",
        "\"Authorization\":",
        "\"authorization\":",
        "\"Sec-WebSocket-Protocol\":",
        "ratchet.bearer.",
        "Bearer ",
        "bEARER  ",
        "Ratchet ",
        "Basic ",
        "%2f",
        "null",
        "[]",
    ],
};

static APP: LazyLock<App> = LazyLock::new(|| app(&[]));

/// The same with simple responses turned off, and only `/weather` and handshakes open to who is signed in.
static STRICT: LazyLock<App> = LazyLock::new(|| {
    app(&[
        ("HTTP_API_SIMPLE_RESPONSES", "false"),
        ("ROUTE_ROLES", "GET /weather *; $connect *; * /** nobodys"),
    ])
});

fn app(settings: &[(&str, &str)]) -> App {
    let mut environment = functions::environment("authorizer");
    environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    App::new(&|name| environment.get(name).cloned()).expect("the settings are good")
}

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Value>(data) else { return };
    let format = format_of(&event);
    let (Some(answered), Some(strict)) = (answer(&APP, &event), answer(&STRICT, &event)) else {
        return assert_eq!(format, None, "not answered: {event}");
    };
    let format = format.unwrap_or_else(|| panic!("answered: {event}"));
    let allowed = format.allows(&answered);
    assert!(!allowed || brings_one_good_token(format, &event), "let through: {event}");
    if !allowed {
        assert_says_nothing_of_the_event(format.context(&answered), &answered);
    }
    if format == Format::AppSync {
        assert_is_forgotten_in_time(&answered, &event);
    }
    assert_is_about_the_stage(&answered, &event);
    rules_only_take_away(format, allowed, &strict, &event);
    nothing_else_in_an_event_turns_a_good_token_away(format, event);
}

fn answer(app: &App, event: &Value) -> Option<Value> {
    let answer = authorizer::handle(app, event, NOW).ok()?;
    Some(serde_json::to_value(answer).expect("JSON"))
}

/// The decision must be for the event's API and stage.
fn assert_is_about_the_stage(answer: &Value, event: &Value) {
    let Some(statement) = answer.pointer("/policyDocument/Statement/0") else { return };
    let (arn, resource) = (arn(event).expect("an ARN"), statement["Resource"].as_str().expect("a text"));
    let stage = resource.strip_suffix('*').expect("the whole stage");
    assert_eq!(arn.strip_prefix(stage), resource_of(arn), "{resource} for {arn}");
}

/// Rules of roles only ever deny more requests, and over HTTP allow only those that they name. An allowing policy
/// names one request, and has no wildcard.
fn rules_only_take_away(format: Format, allowed: bool, strict: &Value, event: &Value) {
    // Without simple responses, the form is that of 1.0.
    let form = if format == Format::HttpApi2 { Format::HttpApi1 } else { format };
    let still_allowed = form.allows(strict);
    assert!(allowed || !still_allowed, "let through by rules: {event}");
    match format {
        Format::HttpApi1 | Format::HttpApi2 if still_allowed => {
            let resource = &strict["policyDocument"]["Statement"][0]["Resource"];
            let asked = arn(event).and_then(resource_of).expect("a resource");
            assert_eq!(resource.as_str(), arn(event));
            assert!(!asked.contains(['*', '?', '{', '#']) && asked.is_ascii(), "{resource}");
            assert!(asked.starts_with("GET/") || asked.starts_with("HEAD/"), "{event}");
        }
        Format::HttpApi1 | Format::HttpApi2 => {
            let denied = strict["policyDocument"]["Statement"][0]["Resource"].as_str().expect("a text");
            assert!(arn(event) == Some(denied) || denied.ends_with("/*"), "{denied} for {event}");
        }
        Format::RestToken
        | Format::RestRequest
        | Format::WebSocket
        | Format::WebSocketPage
        | Format::AppSync => {
            assert_eq!(still_allowed, allowed, "{event}");
        }
    }
}

/// AppSync must ask again before the token has expired.
fn assert_is_forgotten_in_time(answer: &Value, event: &Value) {
    let ttl = answer["ttlOverride"].as_i64().expect("seconds");
    let exp = answer.pointer("/resolverContext/exp").and_then(Value::as_str);
    let exp: i64 = exp.map_or(Ok(NOW.seconds()), str::parse).expect("seconds");
    assert!(NOW.seconds() + ttl <= exp, "{answer} for {event}");
}

/// One of three: there is no token, it has expired, it is not good.
fn assert_says_nothing_of_the_event(context: Option<&Value>, answer: &Value) {
    let invalid = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;
    let expired = r#"Bearer error="invalid_token", error_description="The access token has expired.""#;
    let known = [
        ("Bearer", "false", "The access token is missing."),
        (invalid, "false", "The access token is not valid."),
        (expired, "true", "The access token has expired."),
    ];
    let contexts = known.map(|(challenge, token_expired, error_description)| {
        json!({ "challenge": challenge, "token_expired": token_expired, "error": "invalid_token",
                "error_description": error_description })
    });
    assert!(context.is_none_or(|context| contexts.contains(context)), "{answer}");
    assert!(answer.get("principalId").is_none_or(|id| id == "anonymous"), "{answer}");
}

fn nothing_else_in_an_event_turns_a_good_token_away(format: Format, mut event: Value) {
    let good = ACCESS_TOKENS.iter().find(|(_, exp)| NOW.seconds() < **exp).expect("a good token").0;
    let header = format!("Bearer {good}");
    match format {
        Format::RestToken | Format::AppSync => event["authorizationToken"] = header.into(),
        Format::RestRequest
        | Format::HttpApi1
        | Format::HttpApi2
        | Format::WebSocket
        | Format::WebSocketPage => {
            event["headers"] = json!({ "authorization": header });
            event["multiValueHeaders"] = Value::Null;
        }
    }
    let answer = answer(&APP, &event).expect("an answer");
    assert!(format.allows(&answer), "{event}");
}
