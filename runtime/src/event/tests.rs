use super::*;
use serde_json::{Value, json};

/// An event of a REST API with these members in place of its own.
fn rest(members: &Value) -> Value {
    let mut event = json!({
        "httpMethod": "POST",
        "path": "/items/7",
        "headers": { "Host": "api.example.com" },
        "multiValueHeaders": null,
        "pathParameters": { "id": "7" },
        "requestContext": {
            "httpMethod": "POST", "stage": "prod", "domainName": "api.example.com",
            "identity": { "sourceIp": "192.0.2.1" }, "authorizer": { "sub": "u" },
        },
        "body": "{}",
        "isBase64Encoded": false,
    });
    replace(&mut event, members);
    event
}

/// An event of an HTTP API with payload format 2.0, the same way.
fn http_2(members: &Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "rawPath": "/items/7",
        "rawQueryString": "tag=a&tag=b",
        "headers": { "host": "api.example.com" },
        "pathParameters": { "id": "7" },
        "requestContext": {
            "http": { "method": "POST", "sourceIp": "192.0.2.1", "path": "/items/7" }, "stage": "$default",
            "domainName": "api.example.com", "timeEpoch": 1, "authorizer": { "lambda": { "sub": "u" } },
        },
        "body": "{}",
        "isBase64Encoded": false,
    });
    replace(&mut event, members);
    event
}

fn replace(event: &mut Value, members: &Value) {
    for (name, value) in members.as_object().unwrap() {
        event[name] = value.clone();
    }
}

fn read_from(event: &Value) -> Result<Request, EventError> {
    request(&event.to_string())
}

fn lines(request: &Request, header: &str) -> Vec<String> {
    let lines = request.headers().get_all(header).iter();
    lines.map(|line| String::from_utf8(line.as_bytes().to_vec()).unwrap()).collect()
}

#[test]
fn both_formats_have_method_path_parameters_context_and_body() {
    for (event, format) in [(rest(&json!({})), Format::Rest), (http_2(&json!({})), Format::Http2)] {
        let (request, read_as) = read(&event.to_string()).unwrap();
        assert_eq!(read_as, format);
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/items/7"));
        assert_eq!(request.raw_http_path(), "/items/7");
        assert_eq!(request.path_parameters().first("id"), Some("7"));
        assert_eq!(request.body(), &Body::Text("{}".to_owned()));
        let context = request.request_context_ref().and_then(RequestContext::authorizer).unwrap();
        assert_eq!(context.fields["sub"], "u");
        assert_eq!(crate::source_ip(&request), "192.0.2.1");
    }
}

#[test]
fn every_line_of_a_header_is_seen_where_the_event_has_them() {
    let event = rest(&json!({
        "headers": { "Cookie": "b=2", "Host": "api.example.com", "X-Single": "alone" },
        "multiValueHeaders": { "Cookie": ["a=1", "b=2"], "Host": ["api.example.com"] },
    }));
    let request = read_from(&event).unwrap();
    assert_eq!(lines(&request, "cookie"), ["a=1", "b=2"]);
    assert_eq!(lines(&request, "host"), ["api.example.com"]);
    assert_eq!(lines(&request, "x-single"), Vec::<String>::new(), "the single ones are dropped");
}

#[test]
fn single_headers_count_where_there_are_no_others() {
    for many in [json!(null), json!({})] {
        let event = rest(&json!({ "headers": { "Cookie": "a=1" }, "multiValueHeaders": many }));
        assert_eq!(lines(&read_from(&event).unwrap(), "cookie"), ["a=1"], "{many}");
    }
}

#[test]
fn cookies_of_format_2_become_one_header() {
    let event = http_2(&json!({ "cookies": ["a=1", "b=\u{e9}"] }));
    assert_eq!(lines(&read_from(&event).unwrap(), "cookie"), ["a=1; b=\u{e9}"]);
    let broken = http_2(&json!({ "cookies": ["a=1\n"] }));
    assert_eq!(read_from(&broken).err(), Some(EventError::Cookies));
}

#[test]
fn the_query_is_in_the_uri_and_in_its_map_with_every_value() {
    let many = rest(&json!({
        "queryStringParameters": { "tag": "b c" }, "multiValueQueryStringParameters": { "tag": ["a", "b c"] },
    }));
    let request = read_from(&many).unwrap();
    assert_eq!(request.uri().query(), Some("tag=a&tag=b+c"));
    assert_eq!(request.query_string_parameters().all("tag"), Some(vec!["a", "b c"]));
    let single = rest(&json!({ "queryStringParameters": { "tag": "a" } }));
    assert_eq!(read_from(&single).unwrap().query_string_parameters().first("tag"), Some("a"));
    let request = read_from(&http_2(&json!({}))).unwrap();
    assert_eq!(request.uri().query(), Some("tag=a&tag=b"));
    assert_eq!(request.query_string_parameters().all("tag"), Some(vec!["a", "b"]));
}

#[test]
fn a_path_that_the_gateway_has_decoded_is_encoded_again() {
    for (path, in_uri) in
        [("/a b/ü", "/a%20b/%C3%BC"), ("/a%20b", "/a%20b"), ("/a?b#c", "/a%3Fb%23c"), ("//x:y", "//x:y")]
    {
        let request = read_from(&rest(&json!({ "path": path }))).unwrap();
        assert_eq!((request.uri().path(), request.raw_http_path()), (in_uri, path));
    }
}

#[test]
fn a_body_in_base64_is_decoded_and_one_that_is_none_is_an_error() {
    for make in [rest, http_2] {
        let event = make(&json!({ "body": "/wA=", "isBase64Encoded": true }));
        assert_eq!(read_from(&event).unwrap().body(), &Body::Binary(vec![0xff, 0]));
        let event = make(&json!({ "body": "{}", "isBase64Encoded": true }));
        assert_eq!(read_from(&event).err(), Some(EventError::Body));
        let event = make(&json!({ "body": null }));
        assert_eq!(read_from(&event).unwrap().body(), &Body::Empty);
    }
}

#[test]
fn a_host_that_is_none_is_a_header_like_any_other() {
    for host in ["a b", "[", "a:b:c", "xn--"] {
        for make in [rest, http_2] {
            let mut event = make(&json!({ "headers": { "Host": host, "X-Forwarded-Proto": "no scheme" } }));
            event["requestContext"]["domainName"] = host.into();
            let request = read_from(&event).unwrap();
            assert_eq!((lines(&request, "host"), request.uri().host()), (vec![host.to_owned()], None));
        }
    }
}

#[test]
fn what_is_not_an_event_or_not_a_uri_is_an_error_that_repeats_nothing() {
    let secret = json!({ "httpMethod": "POST", "body": "a secret" });
    for event in [secret, json!([]), json!("a secret"), json!(null), json!({ "Records": [] })] {
        assert_eq!(read_from(&event).err(), Some(EventError::Format), "{event}");
    }
    assert_eq!(request("{").err(), Some(EventError::Format));
    let long = format!("/{}", "x".repeat(70_000));
    for path in ["no-slash", &long] {
        assert_eq!(read_from(&rest(&json!({ "path": path }))).err(), Some(EventError::Uri));
    }
    assert_eq!(read_from(&http_2(&json!({ "rawQueryString": "a b" }))).err(), Some(EventError::Uri));
    let diagnostic = lambda_runtime::Diagnostic::from(EventError::Body);
    assert_eq!(
        (diagnostic.error_type, diagnostic.error_message),
        ("EventError".to_owned(), "the event's body is not base64".to_owned(),)
    );
}
