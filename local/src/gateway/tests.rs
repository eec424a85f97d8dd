use super::*;
use http::StatusCode;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use shared::{Stopwatch, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const TEMPLATE: &str = r#"
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: echo}}
    Properties:
      Events:
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Method: POST, Path: '/open/{id}', Auth: {Authorizer: NONE}}}
        Closed: {Type: Api, Properties: {RestApiId: !Ref Api, Method: GET, Path: /closed}}
  Check:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: check}}
    Properties: {}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        DefaultAuthorizer: Bearer
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Bearer: {FunctionArn: !GetAtt Check.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [Authorization]}}
      Cors: {AllowOrigin: "'*'"}
      GatewayResponses:
        ACCESS_DENIED:
          StatusCode: 401
          ResponseParameters: {Headers: {WWW-Authenticate: context.authorizer.challenge}}
"#;

/// Returns a gateway whose function returns its event, unless the body selects another behaviour, and whose
/// authorizer answers by the Authorization header.
struct Bench {
    gateway: Gateway,
    asked: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        Self::with(TEMPLATE)
    }

    fn with(template: &str) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let functions = BTreeMap::from([
            ("Echo".to_owned(), Handler::Http(Arc::new(|request, call| Box::pin(echo(request, call))))),
            ("Check".to_owned(), Handler::Authorizer(authorizer(Arc::clone(&asked)))),
        ]);
        let gateway = Gateway::new(
            template::read(template, &|_| None).unwrap(),
            functions,
            "127.0.0.1:3000".to_owned(),
            Arc::new(|| Timestamp::from_millis(1_000)),
            Arc::new(|| StdRng::seed_from_u64(1)),
            Stopwatch::STOPPED,
        );
        Self { gateway, asked }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        body: impl Into<Body>,
    ) -> (u16, String) {
        let response = self.response(method, path, authorization, body).await;
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn response(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        body: impl Into<Body>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        self.gateway.answer(request.body(body.into()).unwrap(), [127, 0, 0, 1].into()).await
    }
}

async fn echo(request: runtime::Request, invocation: Invocation) -> Response<String> {
    use runtime::RequestExt;
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    match body.as_str() {
        "panic" => panic!("told to"),
        "wait" => std::future::pending().await,
        _ => {}
    }
    let context = request.request_context_ref().unwrap();
    let said = json!({
        "path": request.raw_http_path(),
        "id": request.path_parameters().first("id"),
        "body": body,
        "sub": context.authorizer().and_then(|authorizer| authorizer.fields.get("sub")),
        "now": invocation.now.millis(),
    });
    Response::builder().status(201).header("www-authenticate", "Bearer").body(said.to_string()).unwrap()
}

fn authorizer(asked: Arc<AtomicUsize>) -> AuthorizerFunction {
    Arc::new(move |event, _| {
        asked.fetch_add(1, Ordering::SeqCst);
        assert_eq!(event["type"], "REQUEST");
        let effect = match event["headers"]["authorization"].as_str().unwrap() {
            "good" => "Allow",
            "bad" => "Deny",
            "fail" => return Err("no database".to_owned()),
            "stop" => return Err("Unauthorized".to_owned()),
            "nonsense" => return Ok(json!({"isAuthorized": true})),
            other => panic!("{other}"),
        };
        let statement =
            json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": event["methodArn"]});
        let context = json!({"sub": "u1", "challenge": "Bearer error=\"x\""});
        Ok(json!({"principalId": "p", "policyDocument": {"Statement": [statement]}, "context": context}))
    })
}

#[tokio::test]
async fn a_public_route_calls_its_function_and_asks_no_authorizer() {
    let bench = Bench::new();
    let (status, body) = bench.send("POST", "/open/7?x=1", "", "hello").await;
    assert_eq!(status, 201);
    let expected = json!({"path": "/open/7", "id": "7", "body": "hello", "sub": null, "now": 1000});
    assert_eq!(body, expected.to_string());
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_challenge_of_a_function_is_renamed_and_one_of_the_gateway_is_not() {
    let bench = Bench::new();
    let of_function = bench.response("POST", "/open/7", "", "").await;
    assert!(!of_function.headers().contains_key("www-authenticate"));
    assert_eq!(of_function.headers()["x-amzn-remapped-www-authenticate"], "Bearer");
    let of_gateway = bench.response("GET", "/closed", "bad", "").await;
    assert_eq!(of_gateway.headers()["www-authenticate"], "Bearer error=\"x\"");
}

#[tokio::test]
async fn a_protected_route_passes_on_what_the_authorizer_says() {
    let (status, body) = Bench::new().send("GET", "/closed", "good", "").await;
    assert_eq!(status, 201);
    assert!(body.contains(r#""sub":"u1""#), "{body}");
}

#[tokio::test]
async fn without_an_identity_the_authorizer_is_not_asked() {
    let bench = Bench::new();
    let (status, body) = bench.send("GET", "/closed", "", "").await;
    assert_eq!((status, body.as_str()), (401, r#"{"message":"Unauthorized"}"#));
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_answer_of_an_authorizer_has_its_status() {
    let bench = Bench::new();
    let expected =
        [("good", 201), ("bad", 401), ("stop", 401), ("fail", 500), ("nonsense", 500), ("other", 500)];
    for (authorization, status) in expected {
        let (actual, body) = bench.send("GET", "/closed", authorization, "").await;
        assert_eq!(actual, status, "{authorization}: {body}");
    }
    assert_eq!(bench.asked.load(Ordering::SeqCst), expected.len());
}

#[tokio::test]
async fn an_authorizer_that_is_not_there_lets_nobody_through() {
    let mut bench = Bench::new();
    bench.gateway.functions.remove("Check");
    let (status, _) = bench.send("GET", "/closed", "good", "").await;
    assert_eq!(status, 500);
}

#[tokio::test]
async fn what_only_aws_can_run_answers_501_and_says_why() {
    let mut bench = Bench::new();
    let absent = || Handler::NotRunHere("Echo (nodejs22.x) does not run here.".to_owned());
    bench.gateway.functions.insert("Echo".to_owned(), absent());
    assert_eq!(bench.send("GET", "/closed", "bad", "").await.0, 401, "the authorizer comes first");
    let expected =
        r#"{"error":"not_implemented","error_description":"Echo (nodejs22.x) does not run here."}"#;
    for (method, path) in [("GET", "/closed"), ("POST", "/open/7")] {
        let (status, body) = bench.send(method, path, "good", "").await;
        assert_eq!((status, body.as_str()), (501, expected), "{path}");
    }
    let response = bench.response("GET", "/closed", "good", "").await;
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(response.headers()[name], value);
    }

    let mut bench = Bench::new();
    bench.gateway.functions.insert("Check".to_owned(), absent());
    assert_eq!(bench.send("GET", "/closed", "good", "").await, (501, expected.to_owned()));
}

#[tokio::test]
async fn a_function_that_panics_fails_alone() {
    let bench = Bench::new();
    let (status, body) = bench.send("POST", "/open/7", "", "panic").await;
    assert_eq!((status, body.as_str()), (502, r#"{"message":"Internal server error"}"#));
    let (status, _) = bench.send("POST", "/open/7", "", "again").await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn the_gateway_gives_up_on_a_function_that_takes_too_long() {
    let mut bench = Bench::new();
    bench.gateway.patience = Duration::ZERO;
    let (status, body) = bench.send("POST", "/open/7", "", "wait").await;
    assert_eq!((status, body.as_str()), (504, r#"{"message":"Endpoint request timed out"}"#));
}

#[tokio::test]
async fn unknown_routes_and_methods_look_alike() {
    let bench = Bench::new();
    for (method, path) in
        [("GET", "/"), ("GET", "/open/7"), ("HEAD", "/closed"), ("OPTIONS", "/"), ("X", "/closed")]
    {
        let (status, body) = bench.send(method, path, "good", "").await;
        assert_eq!(status, 403, "{method} {path}");
        assert_eq!(body, r#"{"message":"Missing Authentication Token"}"#);
    }
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_preflight_needs_no_authorization_unless_the_template_says_so() {
    let bench = Bench::new();
    let response = bench.response("OPTIONS", "/closed", "", "").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(response.headers()["access-control-allow-methods"], "GET,OPTIONS");
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0);

    let guarded = Bench::with(&TEMPLATE.replace("ToCorsPreflight: false", "ToCorsPreflight: true"));
    assert_eq!(guarded.send("OPTIONS", "/closed", "", "").await.0, 401);
    let without_cors = Bench::with(&TEMPLATE.replace("Cors: {AllowOrigin: \"'*'\"}", ""));
    assert_eq!(without_cors.send("OPTIONS", "/closed", "", "").await.0, 403);
}

#[tokio::test]
async fn a_body_that_is_too_large_never_reaches_the_function() {
    let bench = Bench::new();
    let (status, _) = bench.send("POST", "/open/7", "", vec![b'x'; 10 * 1024 * 1024 + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn every_answer_has_the_request_id_of_the_gateway() {
    let bench = Bench::new();
    for path in ["/open/7", "/nowhere"] {
        let response = bench.response("POST", path, "", "").await;
        let id = response.headers()["x-amzn-requestid"].to_str().unwrap();
        assert_eq!(id.len(), 36, "{id}");
    }
}

#[tokio::test]
async fn a_body_is_read_before_an_unknown_route_is_answered() {
    for (method, path) in
        [("POST", "/unknown"), ("POST", "/closed"), ("OPTIONS", "/closed"), ("GET", "/closed")]
    {
        let frames = Arc::new(AtomicUsize::new(0));
        let read = Arc::clone(&frames);
        let body = http_body_util::Full::new(axum::body::Bytes::from(vec![b'x'; 64 * 1024]));
        let body = http_body_util::BodyExt::map_frame(body, move |frame| {
            read.fetch_add(1, Ordering::SeqCst);
            frame
        });
        Bench::new().response(method, path, "", Body::new(body)).await;
        assert_eq!(frames.load(Ordering::SeqCst), 1, "{method} {path}");
    }
}

#[tokio::test]
async fn headers_beyond_those_of_api_gateway_are_refused_on_any_route() {
    let bench = Bench::new();
    let long = format!("Bearer {}", "x".repeat(10_240));
    for (method, path) in [("GET", "/closed"), ("POST", "/open/1"), ("GET", "/unknown")] {
        let (status, body) = bench.send(method, path, &long, Body::empty()).await;
        assert_eq!(
            (status, body.as_str()),
            (431, r#"{"message":"Request Header Fields Too Large"}"#),
            "{path}"
        );
    }
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0, "the authorizer is not asked");
}
