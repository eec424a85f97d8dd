//! Authorizer events: the REST formats `TOKEN` and `REQUEST`, told apart by their own discriminators.

use serde_json::Value;

/// What an event says, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// `arn:aws:execute-api:region:account:api/stage/METHOD/path` of the request.
    pub(crate) method_arn: &'a str,
    /// What it brings as authorization.
    pub(crate) bearer: Bearer<'a>,
}

/// The `Authorization` header of a request.
#[derive(PartialEq, Eq)]
pub(crate) enum Bearer<'a> {
    /// There is none.
    Missing,
    /// There are several, or it is of another scheme.
    Unusable,
    /// The text behind the scheme `Bearer`.
    Token(&'a str),
}

/// The event is no authorizer event of a format that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a REST authorizer event of type TOKEN or REQUEST")]
pub struct UnknownEvent;

impl<'a> Event<'a> {
    pub(crate) fn read(event: &'a Value) -> Result<Self, UnknownEvent> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        let bearer = match (text("type"), event.get("version")) {
            (Some("TOKEN"), None) => Bearer::read(text("authorizationToken").into_iter()),
            (Some("REQUEST"), None) => Bearer::read(authorization_values(event).into_iter()),
            (Some(_) | None, _) => return Err(UnknownEvent),
        };
        Ok(Self { method_arn: text("methodArn").ok_or(UnknownEvent)?, bearer })
    }
}

impl<'a> Bearer<'a> {
    fn read(mut values: impl Iterator<Item = &'a str>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Missing,
            (Some(value), None) => Self::of_header(value),
            (Some(_), Some(_)) => Self::Unusable,
        }
    }

    /// RFC 6750 section 2.1. The scheme's name has no case (RFC 9110 section 11.1).
    fn of_header(value: &'a str) -> Self {
        match value.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Self::Token(token.trim_start()),
            Some(_) | None if value.trim().is_empty() => Self::Missing,
            Some(_) | None => Self::Unusable,
        }
    }
}

/// All distinct values of the header in both header maps, whatever the case of its name. API Gateway repeats a header in
/// both, and keeps only the last of several in `headers`.
fn authorization_values(event: &Value) -> Vec<&str> {
    let of = |map: &str| event.get(map).and_then(Value::as_object).into_iter().flatten();
    let named = |(name, value): (&'_ String, _)| name.eq_ignore_ascii_case("authorization").then_some(value);
    let mut values: Vec<&str> = of("multiValueHeaders")
        .filter_map(named)
        .flat_map(|value| value.as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for single in of("headers").filter_map(named).filter_map(Value::as_str) {
        if !values.contains(&single) {
            values.push(single);
        }
    }
    values
}

impl std::fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Unusable => "Unusable",
            Self::Token(_) => "Token(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:api/prod/GET/weather";

    fn request(headers: Value, multi: Value) -> Value {
        json!({ "type": "REQUEST", "methodArn": ARN, "headers": headers, "multiValueHeaders": multi,
                "queryStringParameters": { "Authorization": "Bearer from-query", "access_token": "from-query" } })
    }

    fn check(event: &Value, expected: Result<Bearer<'_>, UnknownEvent>) {
        let read = Event::read(event);
        if let Ok(event) = &read {
            assert_eq!(event.method_arn, ARN);
        }
        assert_eq!(read.map(|event| event.bearer), expected, "{event}");
    }

    #[test]
    fn one_bearer_value_in_any_case_is_the_token() {
        check(
            &json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": "bearer  x" }),
            Ok(Bearer::Token("x")),
        );
        check(&request(json!({ "authorization": "BEARER x" }), json!(null)), Ok(Bearer::Token("x")));
        check(&request(json!({}), json!({ "AUTHORIZATION": ["Bearer x"] })), Ok(Bearer::Token("x")));
        let both = request(json!({ "Authorization": "Bearer x" }), json!({ "Authorization": ["Bearer x"] }));
        check(&both, Ok(Bearer::Token("x")));
    }

    #[test]
    fn two_authorization_values_are_refused() {
        let twice = json!({ "Authorization": ["Bearer x", "Bearer y"] });
        check(&request(json!({ "Authorization": "Bearer y" }), twice), Ok(Bearer::Unusable));
        let same_twice = json!({ "Authorization": ["Bearer x", "Bearer x"] });
        check(&request(json!({ "Authorization": "Bearer x" }), same_twice), Ok(Bearer::Unusable));
        let two_cases = json!({ "Authorization": ["Bearer x"], "authorization": ["Bearer y"] });
        check(&request(json!({}), two_cases), Ok(Bearer::Unusable));
        let differing =
            request(json!({ "Authorization": "Bearer x" }), json!({ "Authorization": ["Bearer y"] }));
        check(&differing, Ok(Bearer::Unusable));
    }

    #[test]
    fn the_query_is_never_read() {
        check(&request(json!({}), json!({})), Ok(Bearer::Missing));
        check(&request(json!(null), json!(null)), Ok(Bearer::Missing));
    }

    #[test]
    fn another_scheme_is_no_token_and_an_empty_value_is_none() {
        let token = |value: &str| json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": value });
        check(&token("Basic dXNlcjpwYXNz"), Ok(Bearer::Unusable));
        check(&token("x"), Ok(Bearer::Unusable));
        check(&token("Bearer"), Ok(Bearer::Unusable));
        check(&token("Bearer "), Ok(Bearer::Unusable));
        check(&token("  "), Ok(Bearer::Missing));
        check(&json!({ "type": "TOKEN", "methodArn": ARN }), Ok(Bearer::Missing));
    }

    #[test]
    fn events_of_other_formats_are_not_read_as_ours() {
        let http_api_2 = json!({ "version": "2.0", "type": "REQUEST", "routeArn": ARN, "methodArn": ARN,
                                 "headers": { "authorization": "Bearer x" } });
        let http_api_1 = json!({ "version": "1.0", "type": "REQUEST", "methodArn": ARN });
        let app_sync = json!({ "authorizationToken": "x", "requestContext": { "apiId": "a" } });
        let no_arn = json!({ "type": "TOKEN", "authorizationToken": "Bearer x" });
        for event in [http_api_2, http_api_1, app_sync, no_arn, json!({}), json!("x"), json!(null)] {
            check(&event, Err(UnknownEvent));
        }
    }
}
