use super::*;
use serde_json::json;

const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:api/prod/GET/weather";
const CONNECT: &str = "arn:aws:execute-api:eu-west-1:123456789012:api/prod/$connect";

/// Returns an event of each format, without a token.
fn event(format: Format) -> Value {
    let query = json!({ "Authorization": "Bearer from-query", "access_token": "from-query" });
    match format {
        Format::RestToken => json!({ "type": "TOKEN", "methodArn": ARN }),
        Format::RestRequest => {
            json!({ "type": "REQUEST", "methodArn": ARN, "headers": null, "multiValueHeaders": null,
                    "queryStringParameters": query, "requestContext": { "apiId": "api", "stage": "prod" } })
        }
        Format::HttpApi1 => {
            json!({ "version": "1.0", "type": "REQUEST", "methodArn": ARN, "path": "/prod/weather", "httpMethod": "GET",
                    "authorizationToken": "Bearer from-identity-source", "queryStringParameters": query,
                    "requestContext": { "apiId": "api", "stage": "prod" } })
        }
        Format::HttpApi2 => {
            json!({ "version": "2.0", "type": "REQUEST", "routeArn": ARN, "rawPath": "/prod/weather", "headers": {},
                    "identitySource": ["Bearer from-identity-source"], "cookies": ["Authorization=Bearer x"],
                    "queryStringParameters": query,
                    "requestContext": { "apiId": "api", "routeKey": "$default", "http": { "method": "GET" } } })
        }
        Format::WebSocket => {
            json!({ "type": "REQUEST", "methodArn": CONNECT, "headers": {}, "multiValueHeaders": {},
                    "queryStringParameters": query,
                    "requestContext": { "apiId": "api", "eventType": "CONNECT", "routeKey": "$connect", "connectionId": "c" } })
        }
        Format::AppSync => {
            json!({ "authorizationToken": "", "requestContext": { "apiId": "api", "queryString": "query { me }" } })
        }
    }
}

const ALL: [Format; 6] = [
    Format::RestToken,
    Format::RestRequest,
    Format::HttpApi1,
    Format::HttpApi2,
    Format::WebSocket,
    Format::AppSync,
];

/// Returns the event with this member replaced.
fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[member] = value;
    event
}

fn bearer(event: &Value) -> Bearer<'_> {
    Event::read(event).unwrap_or_else(|error| panic!("{error}: {event}")).bearer
}

#[test]
fn each_format_is_told_by_its_discriminators_and_the_query_is_never_read() {
    for format in ALL {
        let event = event(format);
        let read = Event::read(&event).unwrap_or_else(|error| panic!("{error}: {event}"));
        assert_eq!((read.format, &read.bearer), (format, &Bearer::Missing), "{event}");
        assert_eq!(read.arn.is_some(), format != Format::AppSync);
    }
}

/// Returns an event as serverless-offline sends it.
#[test]
fn a_token_event_may_have_a_request_context() {
    for context in [
        json!({}),
        json!(null),
        json!({ "accountId": "a", "apiId": "api", "stage": "prod", "httpMethod": "GET" }),
    ] {
        let event = with(
            with(event(Format::RestToken), "/requestContext", context),
            "/authorizationToken",
            json!("Bearer t"),
        );
        let read = Event::read(&event).unwrap_or_else(|error| panic!("{error}: {event}"));
        assert_eq!((read.format, read.bearer), (Format::RestToken, Bearer::Token("t")));
    }
}

#[test]
fn an_event_that_is_none_or_could_be_two_is_refused() {
    for (format, pointer, value) in [
        (Format::RestToken, "/requestContext", json!({ "eventType": "CONNECT" })),
        (Format::RestToken, "/requestContext", json!({ "connectionId": "c" })),
        (Format::RestToken, "/requestContext", json!({ "http": {} })),
        (Format::RestToken, "/requestContext", json!({ "routeKey": "$default" })),
        (Format::RestToken, "/version", json!("1.0")),
        (Format::RestToken, "/version", json!(null)),
        (Format::RestToken, "/routeArn", json!(ARN)),
        (Format::RestToken, "/type", json!("token")),
        (Format::RestToken, "/methodArn", json!(null)),
        (Format::RestToken, "/methodArn", json!(CONNECT)),
        (Format::RestRequest, "/version", json!("$LATEST")),
        (Format::RestRequest, "/version", json!("2.0")),
        (Format::RestRequest, "/version", json!("")),
        (Format::RestRequest, "/type", json!(["REQUEST"])),
        (Format::RestRequest, "/routeArn", json!(ARN)),
        (Format::RestRequest, "/methodArn", json!(CONNECT)),
        (Format::RestRequest, "/requestContext/http", json!({})),
        (Format::RestRequest, "/requestContext/routeKey", json!("$connect")),
        (Format::RestRequest, "/requestContext/eventType", json!("CONNECT")),
        (Format::RestRequest, "/requestContext/connectionId", json!("c")),
        (Format::HttpApi1, "/version", json!("2.0")),
        (Format::HttpApi1, "/version", json!("1.1")),
        (Format::HttpApi1, "/version", json!(1.0)),
        (Format::HttpApi1, "/type", json!("TOKEN")),
        (Format::HttpApi1, "/routeArn", json!(ARN)),
        (Format::HttpApi1, "/requestContext/eventType", json!("CONNECT")),
        (Format::HttpApi1, "/methodArn", json!(CONNECT)),
        (Format::HttpApi2, "/version", json!("1.0")),
        (Format::HttpApi2, "/version", json!(2)),
        (Format::HttpApi2, "/methodArn", json!(ARN)),
        (Format::HttpApi2, "/routeArn", json!([ARN])),
        (Format::HttpApi2, "/requestContext/connectionId", json!("c")),
        (Format::HttpApi2, "/type", json!("TOKEN")),
        (Format::WebSocket, "/version", json!("1.0")),
        (Format::WebSocket, "/version", json!("2.0")),
        (Format::WebSocket, "/methodArn", json!(ARN)),
        (Format::WebSocket, "/methodArn", json!(format!("{CONNECT}/x"))),
        (Format::WebSocket, "/requestContext/eventType", json!("MESSAGE")),
        (Format::WebSocket, "/requestContext/eventType", json!(null)),
        (Format::WebSocket, "/requestContext/routeKey", json!("$default")),
        (Format::AppSync, "/type", json!("TOKEN")),
        (Format::AppSync, "/version", json!("2.0")),
        (Format::AppSync, "/methodArn", json!(ARN)),
        (Format::AppSync, "/routeArn", json!(ARN)),
        (Format::AppSync, "/authorizationToken", json!(null)),
        (Format::AppSync, "/requestContext/apiId", json!(7)),
        (Format::AppSync, "/requestContext/stage", json!("prod")),
        (Format::AppSync, "/requestContext/operation", json!("EVENT_PUBLISH")),
    ] {
        let changed = with(event(format), pointer, value);
        assert_eq!(Event::read(&changed), Err(EventError), "{changed}");
    }
    for nothing in [json!({}), json!("x"), json!(null), json!([]), json!({ "type": "REQUEST" })] {
        assert_eq!(Event::read(&nothing), Err(EventError), "{nothing}");
    }
}

#[test]
fn an_arn_of_another_form_is_refused() {
    for arn in [
        "",
        "*",
        "arn:aws:execute-api:eu-west-1:123456789012:api/prod",
        "arn:aws:execute-api:eu-west-1:123456789012:api/prod/",
        "arn:aws:execute-api:eu-west-1:123456789012:api/*/GET/weather",
        "arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET/weather",
        "arn:aws:execute-api:eu-west-1:123456789012:api/pr?d/GET/weather",
        "arn:aws:execute-api:eu-west-1:123456789012:api/${x}/GET/weather",
        "arn:aws:execute-api:eu-west-1:123456789012:/prod/GET/weather",
        "arn:aws:execute-api:*:123456789012:api/prod/GET/weather",
        "arn:aws:execute-api:eu-west-1::api/prod/GET/weather",
        "arn:aws:s3:eu-west-1:123456789012:api/prod/GET/weather",
        "x:aws:execute-api:eu-west-1:123456789012:api/prod/GET/weather",
        "arn:aws:execute-api:eu-west-1:123456789012",
    ] {
        let changed = with(event(Format::RestRequest), "/methodArn", arn.into());
        assert_eq!(Event::read(&changed), Err(EventError), "{arn}");
    }
    let default = "arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2/$default/GET/x:y/*";
    let changed = with(event(Format::HttpApi2), "/routeArn", default.into());
    let stage = Event::read(&changed).unwrap().arn.unwrap().whole_stage();
    assert_eq!(stage, "arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2/$default/*");
}

#[test]
fn one_bearer_value_in_any_case_is_the_token() {
    for value in ["Bearer x", "bearer  x", "BEARER x ", " Bearer x"] {
        for format in [Format::RestToken, Format::AppSync] {
            assert_eq!(bearer(&with(event(format), "/authorizationToken", value.into())), Bearer::Token("x"));
        }
        for format in [Format::RestRequest, Format::HttpApi1, Format::HttpApi2, Format::WebSocket] {
            let single = with(event(format), "/headers", json!({ "authorization": value }));
            assert_eq!(bearer(&single), Bearer::Token("x"), "{format:?}");
            let both = with(single, "/multiValueHeaders", json!({ "AUTHORIZATION": [value] }));
            assert_eq!(bearer(&both), Bearer::Token("x"), "{format:?}");
            let multi = with(event(format), "/multiValueHeaders", json!({ "Authorization": [value] }));
            assert_eq!(bearer(&multi), Bearer::Token("x"), "{format:?}");
        }
    }
}

#[test]
fn app_sync_alone_knows_another_scheme() {
    for value in ["Ratchet x", "ratchet  x", "RATCHET x ", " Ratchet x"] {
        let app_sync = with(event(Format::AppSync), "/authorizationToken", value.into());
        assert_eq!(bearer(&app_sync), Bearer::Token("x"), "{value:?}");
        let rest = with(event(Format::RestToken), "/authorizationToken", value.into());
        assert_eq!(bearer(&rest), Bearer::Unusable, "{value:?}");
        for format in [Format::RestRequest, Format::HttpApi1, Format::HttpApi2, Format::WebSocket] {
            let event = with(event(format), "/headers", json!({ "Authorization": value }));
            assert_eq!(bearer(&event), Bearer::Unusable, "{format:?} {value:?}");
        }
    }
    for value in ["Ratchet", "Ratchet ", "Ratchetx x", "Ratche x", "Lambda x"] {
        let app_sync = with(event(Format::AppSync), "/authorizationToken", value.into());
        assert_eq!(bearer(&app_sync), Bearer::Unusable, "{value:?}");
    }
}

#[test]
fn two_authorization_values_are_refused() {
    for (headers, multi) in [
        (json!({ "Authorization": "Bearer y" }), json!({ "Authorization": ["Bearer x", "Bearer y"] })),
        (json!({ "Authorization": "Bearer x" }), json!({ "Authorization": ["Bearer x", "Bearer x"] })),
        (json!({}), json!({ "Authorization": ["Bearer x"], "authorization": ["Bearer y"] })),
        (json!({ "Authorization": "Bearer x" }), json!({ "Authorization": ["Bearer y"] })),
        (json!({ "Authorization": "Bearer x", "authorization": "Bearer y" }), json!({})),
        (json!({ "Authorization": "Bearer x", "authorization": "Basic y" }), json!(null)),
    ] {
        for format in [Format::RestRequest, Format::HttpApi1, Format::HttpApi2, Format::WebSocket] {
            let event = with(event(format), "/headers", headers.clone());
            let event = with(event, "/multiValueHeaders", multi.clone());
            assert_eq!(bearer(&event), Bearer::Unusable, "{event}");
        }
    }
}

#[test]
fn another_scheme_is_no_token_and_an_empty_value_is_none() {
    for (value, expected) in [
        ("Basic dXNlcjpwYXNz", Bearer::Unusable),
        ("x", Bearer::Unusable),
        ("Bearer", Bearer::Unusable),
        ("Bearer ", Bearer::Unusable),
        ("  ", Bearer::Missing),
        ("", Bearer::Missing),
    ] {
        for format in [Format::RestToken, Format::AppSync] {
            assert_eq!(
                bearer(&with(event(format), "/authorizationToken", value.into())),
                expected,
                "{value:?}"
            );
        }
        for format in [Format::RestRequest, Format::HttpApi1, Format::HttpApi2, Format::WebSocket] {
            let event = with(event(format), "/headers", json!({ "Authorization": value }));
            assert_eq!(bearer(&event), expected, "{format:?} {value:?}");
        }
    }
}

/// Returns a handshake with these values of the header `Sec-WebSocket-Protocol`.
fn handshake(values: &[&str]) -> Value {
    let event =
        with(event(Format::WebSocket), "/headers", json!({ "Sec-WebSocket-Protocol": values.last() }));
    with(event, "/multiValueHeaders", json!({ "Sec-WebSocket-Protocol": values }))
}

#[test]
fn a_page_names_its_token_among_the_subprotocols() {
    for (values, expected) in [
        (&["chat, ratchet.bearer.x.y-z_"][..], Bearer::Token("x.y-z_")),
        (&["ratchet.bearer.x,chat"], Bearer::Token("x")),
        (&["chat", "ratchet.bearer.x"], Bearer::Token("x")),
        (&["ratchet.bearer.x", "chat"], Bearer::Token("x")),
        (&["ratchet.bearer."], Bearer::Token("")),
        (&["chat, ratchet, bearer, x, Bearer x"], Bearer::Missing),
        (&["RATCHET.BEARER.x, xratchet.bearer.x"], Bearer::Missing),
        (&["ratchet.bearer.x, ratchet.bearer.y"], Bearer::Unusable),
        (&["ratchet.bearer.x", "ratchet.bearer.x"], Bearer::Unusable),
    ] {
        assert_eq!(bearer(&handshake(values)), expected, "{values:?}");
    }
}

#[test]
fn two_tokens_in_a_handshake_are_refused_and_only_it_reads_subprotocols() {
    for value in ["Bearer x", "Bearer y", "Basic y", ""] {
        let mut event = handshake(&["ratchet.bearer.x"]);
        event["headers"]["authorization"] = value.into();
        assert_eq!(bearer(&event), Bearer::Unusable, "{value:?}");
    }
    for format in [Format::RestRequest, Format::HttpApi1, Format::HttpApi2] {
        let headers = handshake(&["ratchet.bearer.x"])["headers"].clone();
        assert_eq!(bearer(&with(event(format), "/headers", headers)), Bearer::Missing, "{format:?}");
    }
}

fn http(method: &'static str, path: &str) -> Option<Result<Route<'static>, AuthorizationError>> {
    Some(Ok(Route::Http { method, path: Path::parse(path).unwrap() }))
}

#[test]
fn a_route_is_what_arn_and_event_agree_on() {
    let route = |event: &Value| {
        Event::read(event).unwrap().route(event).map(|route| route.map(|route| format!("{route:?}")))
    };
    let printed = |route: Option<Result<Route<'_>, AuthorizationError>>| {
        route.map(|route| route.map(|route| format!("{route:?}")))
    };
    for format in [Format::RestToken, Format::RestRequest, Format::AppSync] {
        assert_eq!(route(&event(format)), None, "{format:?}");
    }
    assert_eq!(route(&event(Format::WebSocket)), printed(Some(Ok(Route::Connect))));
    for (format, arn, path, method) in [
        (Format::HttpApi1, "/methodArn", "/path", "/httpMethod"),
        (Format::HttpApi2, "/routeArn", "/rawPath", "/requestContext/http/method"),
    ] {
        assert_eq!(route(&event(format)), printed(http("GET", "/weather")));
        assert_eq!(route(&with(event(format), path, "/weather/".into())), printed(http("GET", "/weather")));
        let root = with(event(format), arn, ARN.replace("weather", "").into());
        for (said, agreed) in
            [("/", true), ("/prod", true), ("/prod/", true), ("/weather", false), ("/prod/x", false)]
        {
            let expected =
                if agreed { printed(http("GET", "/")) } else { Some(Err(AuthorizationError::Unclear)) };
            assert_eq!(route(&with(root.clone(), path, said.into())), expected, "{said}");
        }
        for (pointer, value) in [
            (path, json!("/other")),
            (path, json!("/weather/today")),
            (path, json!("/a;b/weather")),
            (path, json!(null)),
            (method, json!("POST")),
            (method, json!(null)),
            (arn, json!(ARN.replace("GET/weather", "$default"))),
            (arn, json!(ARN.replace("GET/weather", "$default/weather"))),
            (arn, json!(ARN.replace("GET/weather", "GET"))),
            (arn, json!(ARN.replace("weather", "/weather"))),
            (arn, json!(ARN.replace("weather", "*"))),
        ] {
            let changed = with(event(format), pointer, value);
            assert_eq!(route(&changed), Some(Err(AuthorizationError::Unclear)), "{changed}");
        }
    }
}

#[test]
fn no_token_is_printed() {
    assert_eq!(format!("{:?}", Bearer::Token("secret")), "Token(..)");
}
