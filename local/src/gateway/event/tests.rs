use super::*;
use runtime::{RequestContext, RequestExt};
use std::collections::BTreeMap;

fn api() -> Api {
    Api {
        id: "Api".to_owned(),
        stage: "prod".to_owned(),
        cors: None,
        authorizers: BTreeMap::new(),
        default_authorizer: None,
        preflight_authorizer: None,
        gateway_responses: BTreeMap::new(),
    }
}

fn with_call<T>(request: http::Request<()>, check: impl FnOnce(&Call<'_>) -> T) -> T {
    let (parts, ()) = request.into_parts();
    let api = api();
    let mut call = Call::new(&parts, IpAddr::from([127, 0, 0, 1]), &api, "127.0.0.1:3000");
    call.request_id = "id-1".to_owned();
    call.received_at = Timestamp::from_millis(1_700_000_000_123);
    call.at("/sessions/{id}", vec![("id".to_owned(), "s1".to_owned())]);
    check(&call)
}

fn request() -> http::Request<()> {
    http::Request::builder()
        .method("DELETE")
        .uri("/sessions/s1?except=current&tag=a&tag=b%20c")
        .header("host", "localhost:3000")
        .header("user-agent", "curl/8")
        .header("x-twice", "one")
        .header("x-twice", "two")
        .header("authorization", "Bearer abc")
        .body(())
        .unwrap()
}

#[test]
fn a_function_reads_the_event_as_a_request_of_a_rest_api() {
    let context = Context::from([("sub".to_owned(), "u1".to_owned())]);
    let event = with_call(request(), |call| proxy(call, Some("{\"é\":1}"), Some(&context)));
    let request = runtime::request(&event.to_string()).unwrap();

    assert_eq!(request.method(), "DELETE");
    assert_eq!(request.raw_http_path(), "/sessions/s1");
    assert_eq!(request.path_parameters().first("id"), Some("s1"));
    assert_eq!(request.query_string_parameters().all("tag"), Some(vec!["a", "b c"]));
    assert_eq!(request.headers()["host"], "127.0.0.1:3000");
    assert_eq!(request.headers()["authorization"], "Bearer abc");
    assert_eq!(&request.body()[..], "{\"é\":1}".as_bytes());
    let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref() else {
        panic!("not a REST request");
    };
    assert_eq!(context.identity.source_ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(context.identity.user_agent.as_deref(), Some("curl/8"));
    assert_eq!(context.request_time_epoch, 1_700_000_000_123);
    assert_eq!(context.resource_path.as_deref(), Some("/sessions/{id}"));
    assert_eq!(context.request_id.as_deref(), Some("id-1"));
    assert_eq!(context.authorizer.fields["sub"], "u1");
}

#[test]
fn empty_parts_of_a_request_are_null_and_still_read() {
    let bare = http::Request::builder().uri("/sessions/s1").body(()).unwrap();
    let event = with_call(bare, |call| proxy(call, None, None));
    assert_eq!(event["queryStringParameters"], Value::Null);
    assert_eq!(event["multiValueQueryStringParameters"], Value::Null);
    assert_eq!(event["body"], Value::Null);
    assert_eq!(event["requestContext"].get("authorizer"), None);
    let request = runtime::request(&event.to_string()).unwrap();
    assert!(request.body().is_empty());
}

#[test]
fn a_repeated_header_is_in_both_maps_with_its_last_and_all_values() {
    let event = with_call(request(), |call| proxy(call, None, None));
    assert_eq!(event["headers"]["x-twice"], "two");
    assert_eq!(event["multiValueHeaders"]["x-twice"], json!(["one", "two"]));
}

#[test]
fn the_gateway_says_where_a_request_came_from() {
    let mut forged = request();
    forged.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("1.2.3.4"));
    forged.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static("https"));
    let event = with_call(forged, |call| proxy(call, None, None));
    assert_eq!(event["headers"]["x-forwarded-for"], "1.2.3.4, 127.0.0.1");
    assert_eq!(event["headers"]["x-forwarded-proto"], "http");
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
}

fn asked(event: AuthorizerEvent) -> Value {
    let authorizer_in_template =
        Authorizer { function: "F".to_owned(), event, identity_headers: vec![AUTHORIZATION] };
    with_call(request(), |call| authorizer(&authorizer_in_template, call, &method_arn(call)))
}

#[test]
fn an_authorizer_gets_the_whole_request_or_the_token_alone() {
    let arn = "arn:aws:execute-api:us-east-1:000000000000:Api/prod/DELETE/sessions/s1";
    let whole = asked(AuthorizerEvent::Request);
    assert_eq!(whole["type"], "REQUEST");
    assert_eq!(whole["methodArn"], arn);
    assert_eq!(whole["multiValueHeaders"]["authorization"], json!(["Bearer abc"]));
    assert_eq!(whole["requestContext"]["stage"], "prod");
    assert_eq!(whole.get("body"), None);

    let token = asked(AuthorizerEvent::Token);
    assert_eq!(token, json!({"type": "TOKEN", "methodArn": arn, "authorizationToken": "Bearer abc"}));
}
