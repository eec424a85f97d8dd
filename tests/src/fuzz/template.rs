//! The reader of `template.yaml`.

use std::collections::BTreeSet;

use template::{Stack, Variable, read};

use super::Target;
use crate::project;

/// A template.
pub const TARGET: Target = Target {
    name: "template",
    check,
    seeds,
    words: &[
        "!Ref ",
        "!Sub ",
        "!If [",
        "!Not [",
        "!Equals [",
        "!And [",
        "!Or [",
        "!Condition ",
        "!GetAtt ",
        "!Join [",
        "!Ref AWS::NoValue",
        "${AWS::StackName}",
        "${!",
        "Fn::If",
        "Fn::Sub",
        "Condition: ",
        "AWS::Serverless::Api",
        "AWS::Serverless::Function",
        "AWS::DynamoDB::Table",
        "RestApiId: ",
        "Auth: {Authorizer: NONE}",
        "/{a}",
        "/{a+}",
        "&a ",
        "*a",
        "<<: ",
        "---\n",
        "| ",
        "%YAML 1.1\n",
        "!!binary ",
        ".nan",
        "0x1",
    ],
};

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match read(text, &|_| None) {
        Ok(stack) => {
            every_name_has_something_to_name(&stack);
            assert_eq!(read(text, &|_| None).as_ref(), Ok(&stack), "read otherwise the second time");
            // Settings replace values: never more, and never with a panic.
            let _ = read(text, &|_| Some("1".to_owned()));
        }
        Err(error) => assert!(!error.place.is_empty(), "{error}"),
    }
}

fn every_name_has_something_to_name(stack: &Stack) {
    let (ours, others) = (stack.functions.iter(), stack.others.iter());
    let functions = ours.map(|function| function.id.as_str()).chain(others.map(|other| other.id.as_str()));
    let functions: BTreeSet<&str> = functions.collect();
    let tables: BTreeSet<&str> = stack.tables.iter().map(|table| table.name.as_str()).collect();
    let authorizers = &stack.api.authorizers;
    let mut places = BTreeSet::new();
    for route in &stack.routes {
        assert!(functions.contains(route.function.as_str()), "{route:?}");
        assert!(route.authorizer.as_ref().is_none_or(|name| authorizers.contains_key(name)), "{route:?}");
        assert!(route.path.starts_with('/') && !route.path.contains("//"), "{route:?}");
        assert!(places.insert((&route.method, &route.path)), "there twice: {route:?}");
    }
    for authorizer in authorizers.values() {
        assert!(functions.contains(authorizer.function.as_str()), "{authorizer:?}");
    }
    for default in [&stack.api.default_authorizer, &stack.api.preflight_authorizer].into_iter().flatten() {
        assert!(authorizers.contains_key(default), "{default}");
    }
    for variable in stack.functions.iter().flat_map(|function| function.environment.values()) {
        if let Variable::Table(table) = variable {
            assert!(tables.contains(table.as_str()), "{table}");
        }
    }
}

/// A stack with one of everything, small enough to be changed much.
const SMALL: &str = "\
Parameters:
  Stage: {Type: String, Default: prod}
Conditions:
  IsProd: !Not [!Or [!Equals [!Ref Stage, test], !Equals [!Ref Stage, beta]]]
Globals:
  Function: {Environment: {Variables: {LOG_LEVEL: INFO}}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: hello}}
    Properties:
      Environment: {Variables: {ISSUER: !If [IsProd, !Sub 'urn:${AWS::StackName}', x], USERS_TABLE: !Ref Users}}
      Events:
        Hello: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: '/hello/{name+}'}}
  Check:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: check}}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Events:
        Other: {Type: Api, Properties: {RestApiId: !Ref Api, Method: any, Path: /other}}
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Users:
    Type: AWS::DynamoDB::Table
    Condition: IsProd
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Auth:
        DefaultAuthorizer: Bearer
        Authorizers:
          Bearer: {FunctionArn: !GetAtt Check.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [Authorization]}}
      Cors: {AllowOrigin: \"'*'\"}
      GatewayResponses:
        ACCESS_DENIED:
          StatusCode: 401
          ResponseParameters: {Headers: {WWW-Authenticate: context.authorizer.challenge}}
          ResponseTemplates: {application/json: '{}'}
";

/// The small stack, and this project's own; then the small one with one thing wrong at a time.
fn seeds() -> Vec<Vec<u8>> {
    let changes = [
        ("!Equals [!Ref Stage, test]", "!Condition IsProd"),
        ("!Equals [!Ref Stage, test]", "!Equals [!Ref Stage]"),
        ("!Or [", "!Xor ["),
        ("[IsProd, !Sub", "[!Sub"),
        ("[IsProd,", "[IsDev,"),
        ("${AWS::StackName}", "${AWS::StackName"),
        ("!Ref Users", "!GetAtt Users"),
        ("!GetAtt Check.Arn", "!Ref Check"),
        ("!Ref Api, Method: get", "!Ref Api, Method: fetch"),
        ("Path: '/hello/{name+}'", "Path: hello"),
        ("AttributeName: id, KeyType", "AttributeName: other, KeyType"),
        ("Runtime: nodejs22.x", "Runtime: !Ref Nothing"),
        ("StatusCode: 401", "StatusCode: 4010"),
        ("\"'*'\"", "'*'"),
        ("context.authorizer.challenge", "method.request.header.x"),
    ];
    let changed = changes.map(|(from, to)| {
        assert!(SMALL.contains(from), "{from}");
        SMALL.replacen(from, to, 1)
    });
    let whole = [SMALL, project::TEMPLATE].map(ToOwned::to_owned);
    whole.into_iter().chain(changed).map(String::into_bytes).collect()
}
