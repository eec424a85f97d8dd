//! The event of the authorizer, from reading it to the policy.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use authorizer::App;
use serde_json::{Value, json};

use super::genuine::{ACCESS_TOKENS, FIXTURE, NOW};
use super::{Target, events_of, functions};

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
        "\"methodArn\":\"a/b/c\"",
        "\"authorizationToken\":",
        "\"headers\":{",
        "\"multiValueHeaders\":{",
        "\"Authorization\":",
        "\"authorization\":",
        "Bearer ",
        "bEARER  ",
        "Basic ",
        "null",
        "[]",
    ],
};

static APP: LazyLock<App> = LazyLock::new(|| {
    let environment = functions::environment("authorizer");
    App::new(&|name| environment.get(name).cloned()).expect("the template's settings are good")
});

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Value>(data) else { return };
    let Some(answer) = answer(&event) else {
        return assert!(!is_of_a_known_format(&event), "not answered: {event}");
    };
    assert!(is_of_a_known_format(&event), "answered: {event}");
    assert_is_for_the_gateway(&answer, &event);
    match answer["policyDocument"]["Statement"][0]["Effect"].as_str() {
        Some("Allow") => assert!(brings_one_good_token(&event), "let through: {event}"),
        Some("Deny") => assert_says_nothing_of_the_event(&answer),
        other => panic!("{other:?}"),
    }
    nothing_else_in_an_event_turns_a_good_token_away(event);
}

fn answer(event: &Value) -> Option<Value> {
    let answer = authorizer::handle(&APP, event, NOW).ok()?;
    Some(serde_json::to_value(answer).expect("JSON"))
}

fn is_of_a_known_format(event: &Value) -> bool {
    let kind = event["type"].as_str().unwrap_or_default();
    ["TOKEN", "REQUEST"].contains(&kind) && event.get("version").is_none() && event["methodArn"].is_string()
}

/// API Gateway takes no null and no context value but texts, numbers and booleans.
fn assert_is_for_the_gateway(answer: &Value, event: &Value) {
    assert!(answer["principalId"].as_str().is_some_and(|id| !id.is_empty()), "{answer}");
    let context = answer["context"].as_object().expect("a context");
    assert!(context.values().all(Value::is_string), "{answer}");
    let statement = &answer["policyDocument"]["Statement"][0];
    let (arn, resource) =
        (event["methodArn"].as_str().expect("an ARN"), statement["Resource"].as_str().expect("a text"));
    let stage = resource.strip_suffix("/*").expect("the whole stage");
    if arn.matches('/').count() >= 2 {
        assert!(
            arn.strip_prefix(stage).is_some_and(|method| method.starts_with('/')),
            "{resource} for {arn}"
        );
        assert_eq!(stage.matches('/').count(), 1, "{resource} for {arn}");
    }
}

fn brings_one_good_token(event: &Value) -> bool {
    let values = authorizations(event);
    let mut values = values.iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, token)) = value.trim().split_once(' ') else { return false };
    let exp = ACCESS_TOKENS.get(token.trim());
    scheme.eq_ignore_ascii_case("bearer") && exp.is_some_and(|exp| NOW.seconds() < *exp)
}

/// Every text that stands for an `Authorization` header in an event of its type.
fn authorizations(event: &Value) -> BTreeSet<&str> {
    if event["type"] == "TOKEN" {
        return event["authorizationToken"].as_str().into_iter().collect();
    }
    let maps = ["headers", "multiValueHeaders"].iter().filter_map(|map| event[map].as_object()).flatten();
    let named = maps.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let texts =
        named.flat_map(|(_, value)| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    texts.filter_map(Value::as_str).collect()
}

/// One of three: there is no token, it has expired, it is not good.
fn assert_says_nothing_of_the_event(answer: &Value) {
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
    assert!(contexts.contains(&answer["context"]), "{answer}");
    assert_eq!(answer["principalId"], "anonymous");
}

fn nothing_else_in_an_event_turns_a_good_token_away(mut event: Value) {
    let good = ACCESS_TOKENS.iter().find(|(_, exp)| NOW.seconds() < **exp).expect("a good token").0;
    event["type"] = "TOKEN".into();
    event["authorizationToken"] = format!("Bearer {good}").into();
    let answer = answer(&event).expect("an answer");
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow", "{event}");
    assert_eq!(answer["principalId"], FIXTURE.user_id.to_string());
}
