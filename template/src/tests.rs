use super::*;
use proptest::prelude::*;
use serde_json::json;

/// A small stack with everything that is read, as the basis of changed ones.
const TEMPLATE: &str = r#"
Parameters:
  Stage: {Type: String, Default: prod}
  Domain: {Type: String, Default: ''}
  Seconds: {Type: Number, Default: 60}
  Secret: {Type: String}
  Example: {Type: String, Default: 'false'}
Conditions:
  HasDomain: !Not [!Equals [!Ref Domain, '']]
  HasExample: !Equals [!Ref Example, 'true']
Globals:
  Function:
    Environment:
      Variables: {LOG_LEVEL: INFO, SHARED: global}
Resources:
  Login:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: login}}
    Properties:
      Environment:
        Variables:
          ISSUER: !If [HasDomain, !Sub 'https://${Domain}', !Sub 'urn:x:${AWS::StackName}']
          SECONDS: !Ref Seconds
          SHARED: own
          USERS_TABLE: !Ref Users
          KEY_SET_SECRET: !Ref KeySetSecret
          PUBLIC_KEYS: !GetAtt Keys.Public
          PASSWORD: !Ref Secret
          ABSENT: !Ref AWS::NoValue
      Events:
        Login: {Type: Api, Properties: {RestApiId: !Ref Api, Method: post, Path: /login, Auth: {Authorizer: NONE}}}
        Me: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: '/users/{id}'}}
  Weather:
    Type: AWS::Serverless::Function
    Condition: HasExample
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: weather}}
    Properties:
      Events:
        Weather: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /weather}}
  Check:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: authorizer}}
    Properties: {MemorySize: 128}
  KeySetSecret: {Type: AWS::SecretsManager::Secret}
  Keys: {Type: AWS::CloudFormation::CustomResource, Properties: {ServiceToken: !GetAtt Check.Arn}}
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: b, AttributeType: N}]
      GlobalSecondaryIndexes:
        - IndexName: b-index
          KeySchema: [{AttributeName: b, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
      KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: b, KeyType: RANGE}]
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
      BillingMode: PAY_PER_REQUEST
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Auth:
        DefaultAuthorizer: Bearer
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Bearer:
            FunctionArn: !GetAtt Check.Arn
            FunctionPayloadType: REQUEST
            Identity: {Headers: [Authorization], ReauthorizeEvery: 0}
      Cors:
        AllowOrigin: "'*'"
        MaxAge: "'600'"
      GatewayResponses:
        ACCESS_DENIED:
          StatusCode: 401
          ResponseParameters:
            Headers: {WWW-Authenticate: context.authorizer.challenge, Cache-Control: "'no-store'"}
          ResponseTemplates: {application/json: '{"error":"$context.authorizer.error"}'}
"#;

fn read(text: &str) -> Result<Stack, TemplateError> {
    super::read(text, &|_| None)
}

fn stack() -> Stack {
    read(TEMPLATE).unwrap()
}

/// Returns the template with one text replaced, which must occur.
fn changed(from: &str, to: &str) -> Result<Stack, TemplateError> {
    assert!(TEMPLATE.contains(from), "{from}");
    read(&TEMPLATE.replace(from, to))
}

fn check_error(from: &str, to: &str, expected: &str) {
    assert_eq!(changed(from, to).unwrap_err().to_string(), format!("template.yaml: {expected}"));
}

fn variable(stack: &Stack, function: &str, name: &str) -> Option<Variable> {
    let function = stack.functions.iter().find(|it| it.id == function).unwrap();
    function.environment.get(name).cloned()
}

fn text(text: &str) -> Option<Variable> {
    Some(Variable::Text(text.to_owned()))
}

#[test]
fn routes_take_the_default_authorizer_unless_they_say_none() {
    let route = |method: &str, path: &str, authorizer: Option<&str>| Route {
        path: path.to_owned(),
        method: method.to_owned(),
        function: "Login".to_owned(),
        authorizer: authorizer.map(ToOwned::to_owned),
    };
    assert_eq!(stack().routes, [route("POST", "/login", None), route("GET", "/users/{id}", Some("Bearer"))]);
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_not_there() {
    let without = stack();
    assert!(without.functions.iter().all(|function| function.id != "Weather"));
    let with =
        changed("Example: {Type: String, Default: 'false'}", "Example: {Type: String, Default: 'true'}");
    assert!(with.unwrap().routes.iter().any(|route| route.path == "/weather"));
}

#[test]
fn an_environment_is_evaluated_with_the_defaults_of_parameters() {
    let stack = stack();
    assert_eq!(variable(&stack, "Login", "ISSUER"), text("urn:x:local"));
    assert_eq!(variable(&stack, "Login", "SECONDS"), text("60"));
    assert_eq!(variable(&stack, "Login", "ABSENT"), None);
    let table = Variable::Table("Users".to_owned());
    assert_eq!(variable(&stack, "Login", "USERS_TABLE"), Some(table));
    let with_domain = changed("Domain: {Type: String, Default: ''}", "Domain: {Type: String, Default: a.b}");
    assert_eq!(variable(&with_domain.unwrap(), "Login", "ISSUER"), text("https://a.b"));
}

#[test]
fn a_setting_replaces_its_parameter_wherever_it_is_used() {
    let template = TEMPLATE.replace("AllowOrigin: \"'*'\"", "AllowOrigin: !Sub \"'${Seconds}'\"");
    let set = |name: &'static str| move |asked: &str| (asked == name).then(|| "7".to_owned());
    let stack = super::read(&template, &set("SECONDS")).unwrap();
    assert_eq!(stack.api.cors.as_ref().unwrap().allow_origin, "7");
    assert_eq!(variable(&stack, "Login", "SECONDS"), text("7"));
    let with_default = super::read(&template, &set("STAGE")).unwrap();
    assert_eq!(with_default.api.stage, "prod", "no function has a variable of this name");
    assert_eq!(with_default.api.cors.unwrap().allow_origin, "60");
    let given = super::read(&template, &set("PASSWORD")).unwrap();
    assert_eq!(variable(&given, "Login", "PASSWORD"), text("7"));
}

#[test]
fn keys_are_not_evaluated_and_a_parameter_without_a_default_is_told_apart() {
    let stack = stack();
    assert_eq!(variable(&stack, "Login", "KEY_SET"), Some(Variable::KeySet), "in place of the secret's name");
    assert_eq!(variable(&stack, "Login", "KEY_SET_SECRET"), None);
    let inline = changed("KEY_SET_SECRET: !Ref KeySetSecret", "KEY_SET: !Ref Secret").unwrap();
    assert_eq!(variable(&inline, "Login", "KEY_SET"), Some(Variable::KeySet));
    assert_eq!(variable(&stack, "Login", "PUBLIC_KEYS"), Some(Variable::PublicKeys));
    let unset = Variable::Unset { parameter: "Secret".to_owned() };
    assert_eq!(variable(&stack, "Login", "PASSWORD"), Some(unset));
}

const NODE: &str = "
  Notes:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Environment: {Variables: {QUEUE: !ImportValue queue}}
      Policies: [!FindInMap [A, B, C]]
      Events:
        Notes: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /notes}}
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Login:
";

#[test]
fn a_function_that_cargo_lambda_does_not_build_is_known_by_its_routes() {
    let with = |added: &str| changed("\n  Login:\n", added);
    let stack = with(NODE).unwrap();
    assert_eq!(
        stack.others,
        [OtherFunction { id: "Notes".to_owned(), runtime: Some("nodejs22.x".to_owned()) }]
    );
    assert!(stack.functions.iter().all(|function| function.id != "Notes"));
    let route = stack.routes.iter().find(|route| route.path == "/notes").unwrap();
    assert_eq!((route.function.as_str(), route.authorizer.as_deref()), ("Notes", Some("Bearer")));

    let image = with(&NODE.replace("Runtime: nodejs22.x", "PackageType: Image")).unwrap();
    assert_eq!(image.others[0].runtime, None);
    let made = with(&NODE.replace(
        "    Properties:\n      R",
        "    Metadata: {BuildMethod: makefile}\n    Properties:\n      R",
    ));
    assert_eq!(made.unwrap().others[0].id, "Notes");
    let implicit = with(&NODE.replace("RestApiId: !Ref Api, ", "")).unwrap_err();
    assert_eq!(implicit.problem, Problem::Missing("RestApiId".to_owned()), "an API without the authorizer");
}

#[test]
fn globals_are_merged_and_the_function_wins() {
    let stack = stack();
    assert_eq!(variable(&stack, "Login", "LOG_LEVEL"), text("INFO"));
    assert_eq!(variable(&stack, "Login", "SHARED"), text("own"));
    assert_eq!(variable(&stack, "Check", "SHARED"), text("global"));
    assert_eq!(variable(&stack, "Check", "SECONDS"), None);
}

#[test]
fn the_api_has_its_authorizer_cors_and_gateway_responses() {
    let api = stack().api;
    assert_eq!((api.id.as_str(), api.stage.as_str()), ("Api", "prod"));
    let authorizer = &api.authorizers["Bearer"];
    assert_eq!(authorizer.function, "Check");
    assert_eq!(authorizer.event, AuthorizerEvent::Request);
    assert_eq!(authorizer.identity_headers, [http::header::AUTHORIZATION]);
    assert_eq!(api.preflight_authorizer, None);
    let cors = api.cors.unwrap();
    assert_eq!((cors.allow_origin.as_bytes(), cors.allow_methods), (&b"*"[..], None));
    let denied = &api.gateway_responses["ACCESS_DENIED"];
    assert_eq!(denied.status.unwrap(), 401);
    let challenge = HeaderSource::Context("authorizer.challenge".to_owned());
    assert!(denied.headers.contains(&(http::header::WWW_AUTHENTICATE, challenge)));
    assert_eq!(denied.bodies["application/json"], r#"{"error":"$context.authorizer.error"}"#);
}

#[test]
fn preflight_needs_the_authorizer_unless_the_template_says_not() {
    let api = changed("        AddDefaultAuthorizerToCorsPreflight: false\n", "").unwrap().api;
    assert_eq!(api.preflight_authorizer.as_deref(), Some("Bearer"));
}

#[test]
fn tables_have_their_keys_indexes_and_time_to_live() {
    let attribute = |name: &str, attribute_type: &str, key_type: &str| KeyAttribute {
        name: name.to_owned(),
        attribute_type: attribute_type.to_owned(),
        key_type: key_type.to_owned(),
    };
    let expected = Table {
        name: "Users".to_owned(),
        key: vec![attribute("a", "S", "HASH"), attribute("b", "N", "RANGE")],
        time_to_live: Some("expires_at".to_owned()),
        stream: None,
        indexes: vec![Index {
            name: "b-index".to_owned(),
            key: vec![attribute("b", "N", "HASH")],
            projection: "KEYS_ONLY".to_owned(),
        }],
    };
    assert_eq!(stack().tables, [expected]);
    let some = changed("ProjectionType: KEYS_ONLY", "ProjectionType: INCLUDE").unwrap_err();
    assert!(some.to_string().contains("KEYS_ONLY or ALL"), "{some}");
    let off = changed("Enabled: true", "Enabled: false").unwrap();
    assert_eq!(off.tables[0].time_to_live, None);
}

fn evaluated(expression: &str) -> Result<Option<Variable>, String> {
    let stack = changed("!Ref Seconds", expression).map_err(|error| error.problem.to_string())?;
    Ok(variable(&stack, "Login", "SECONDS"))
}

#[test]
fn intrinsic_functions_give_what_cloudformation_gives() {
    let check = |expression: &str, expected: &str| {
        assert_eq!(evaluated(expression), Ok(text(expected)), "{expression}");
    };
    check(
        "!Sub '${Stage}-${AWS::Region}-${!Stage}-${Check.Arn}'",
        "prod-us-east-1-${Stage}-arn:aws:lambda:us-east-1:000000000000:function:Check",
    );
    check("!Sub ['${a}/${Stage}', {a: !Ref Seconds}]", "60/prod");
    check("!Join ['-', [a, !Ref Stage, 1, true]]", "a-prod-1-true");
    check("!If [HasExample, yes-it-is, !Ref Users]", "Users");
    check("{'Fn::Join': ['', [!GetAtt Users.Arn]]}", "arn:aws:dynamodb:us-east-1:000000000000:table/Users");
    check("!Ref AWS::AccountId", "000000000000");
    check("!Ref KeySetSecret", "KeySetSecret");
    check("!Sub '${Keys.Anything}'", "Keys.Anything");
    check("!If [HasExample, x, !If [HasDomain, y, z]]", "z");
    check("-1.5", "-1.5");
    check("false", "false");
}

#[test]
fn an_expression_that_is_not_understood_is_an_error() {
    let check = |expression: &str, expected: &str| {
        assert_eq!(evaluated(expression), Err(expected.to_owned()), "{expression}");
    };
    check("!FindInMap [A, B, C]", "the function Fn::FindInMap is not known here");
    check("!Ref Nobody", "Nobody is not in the template");
    check("!Ref Weather", "Weather is not in the template");
    check("!GetAtt Nobody.Arn", "Nobody is not in the template");
    check("!GetAtt Login.Name", "the attribute Login.Name is not supported here");
    check("!Sub '${Stage'", "must be a text that closes every ${");
    check("!Sub [a]", "must be a text and a map of names");
    check("!If [Nothing, a, b]", "the condition Nothing is not in the template");
    check("!If [HasDomain, a]", "must be a condition and two values");
    check("!Join [a]", "must be a separator and a list");
    check("[a]", "must be a text");
    check("{a: b}", "must be a text");
}

#[test]
fn conditions_combine() {
    let decide = |condition: &str| -> Result<bool, TemplateError> {
        let from = "HasDomain: !Not [!Equals [!Ref Domain, '']]";
        let stack = changed(from, &format!("HasDomain: {condition}"))?;
        Ok(variable(&stack, "Login", "ISSUER") == text("https://"))
    };
    assert_eq!(decide("!Equals [!Ref Stage, prod]"), Ok(true));
    assert_eq!(decide("!Not [!Condition HasExample]"), Ok(true));
    assert_eq!(decide("!And [!Equals [a, a], !Condition HasExample]"), Ok(false));
    assert_eq!(decide("!Or [!Condition HasExample, !Equals [1, '1']]"), Ok(true));
    let circular = decide("!Not [!Condition HasDomain]").unwrap_err();
    assert_eq!(circular.problem, Problem::CircularCondition("HasDomain".to_owned()));
    let unknown = decide("!Contains [a]").unwrap_err();
    assert_eq!(unknown.problem, Problem::UnknownFunction("Fn::Contains".to_owned()));
}

#[test]
fn errors_name_the_place() {
    check_error(
        "SHARED: own",
        "SHARED: !Select [0, [a]]",
        "Resources.Login.Properties.Environment.Variables.SHARED: the function Fn::Select is not known here",
    );
    check_error(
        "Path: /login",
        "Path: login",
        "Resources.Login.Properties.Events.Login.Properties.Path: \"login\" is not a path of API Gateway",
    );
    check_error(
        "Binary: authorizer",
        "Bin: x",
        "Resources.Check.Metadata.BuildProperties: Binary is missing",
    );
}

#[test]
fn what_would_be_left_out_without_a_word_is_an_error() {
    let events = "Resources.Login.Properties.Events.Login";
    check_error(
        "RestApiId: !Ref Api, Method: post",
        "Method: post",
        &format!("{events}.Properties: RestApiId is missing"),
    );
    check_error(
        "Method: post",
        "Method: fetch",
        &format!("{events}.Properties.Method: \"FETCH\" is not a method of API Gateway"),
    );
    check_error(
        "Login: {Type: Api",
        "Login: {Type: Schedule",
        &format!("{events}: an event of type Schedule is not supported here"),
    );
    check_error(
        "Authorizer: NONE",
        "Authorizer: Other",
        &format!("{events}.Properties.Auth: the authorizer Other is not in the template"),
    );
    check_error(
        "Authorizer: NONE",
        "ApiKeyRequired: true",
        &format!("{events}.Properties.Auth: ApiKeyRequired is not supported here"),
    );
    check_error(
        "BillingMode: PAY_PER_REQUEST",
        "LocalSecondaryIndexes: []",
        "Resources.Users.Properties: LocalSecondaryIndexes is not supported here",
    );
    check_error(
        "        ACCESS_DENIED:",
        "        ACCES_DENIED:",
        "Resources.Api.Properties.GatewayResponses.ACCES_DENIED: the response type ACCES_DENIED is not supported here",
    );
    check_error(
        "\"'*'\"",
        "'*'",
        "Resources.Api.Properties.Cors.AllowOrigin: \"*\" is not a text in single quotes",
    );
    check_error(
        "FunctionArn: !GetAtt Check.Arn",
        "FunctionArn: arn:aws:lambda:x",
        "Resources.Api.Properties.Auth.Authorizers.Bearer.FunctionArn: the function arn:aws:lambda:x is not in the template",
    );
    check_error(
        "DefaultAuthorizer: Bearer",
        "DefaultAuthorizer: Other",
        "Resources.Api.Properties.Auth: the authorizer Other is not in the template",
    );
    check_error(
        "Method: get, Path: '/users/{id}'",
        "Method: POST, Path: /login",
        "Resources.Login.Properties.Events.Me: a second function for POST /login is not supported here",
    );
}

#[test]
fn an_api_is_needed_and_one_is_enough() {
    let error = read("Resources: {}").unwrap_err().to_string();
    assert_eq!(error, "template.yaml: Resources: AWS::Serverless::Api is missing");
    let second = "Resources:\n  Api2: {Type: 'AWS::Serverless::Api', Properties: {StageName: x}}\n";
    let error = changed("Resources:\n", second).unwrap_err();
    assert_eq!(error.problem, Problem::Unsupported("a second API".to_owned()));
}

#[test]
fn the_template_of_this_repository_is_read() {
    let stack = read(include_str!("../../template.yaml")).unwrap();
    assert!(!stack.routes.is_empty() && !stack.tables.is_empty());
    assert!(stack.routes.iter().any(|route| route.authorizer.is_some()));
}

#[test]
fn deep_and_repetitive_documents_are_refused_or_read_but_end() {
    let _ = read(&"[".repeat(100_000));
    let _ = read(&"!Not ".repeat(10_000));
    let chain: String = (0..5_000).map(|n| format!("  C{n}: !Not [!Condition C{}]\n", n + 1)).collect();
    let deep =
        format!("Conditions:\n{chain}  C5000: !Equals [a, a]\nResources: {{R: {{Condition: C0, Type: x}}}}");
    assert!(matches!(read(&deep).unwrap_err().problem, Problem::CircularCondition(_)));
    let wide: String = (0..30)
        .map(|n| format!("  C{n}: !And [{}]\n", format!("!Condition C{},", n + 1).repeat(10)))
        .collect();
    let wide =
        format!("Conditions:\n{wide}  C30: !Equals [a, a]\nResources: {{R: {{Condition: C0, Type: x}}}}");
    assert!(matches!(read(&wide).unwrap_err().problem, Problem::Missing(_)), "decided, and then no API");
}

#[test]
fn a_refusal_is_a_correct_401_also_without_headers_from_the_context() {
    let refusal = |default: &str| {
        let text = include_str!("../../template.yaml").replace("Default: context", default);
        let mut stack = read(&text).unwrap();
        stack.api.gateway_responses.remove("ACCESS_DENIED").unwrap()
    };
    let header = |response: &GatewayResponse, name: &str| {
        response.headers.iter().find(|(other, _)| other == name).map(|(_, source)| source.clone())
    };
    let rich = refusal("Default: context");
    let challenge = HeaderSource::Context("authorizer.challenge".to_owned());
    assert_eq!(header(&rich, "www-authenticate"), Some(challenge));
    assert!(header(&rich, "is-token-expired").is_some());

    let plain = refusal("Default: static");
    let same_for_all = http::HeaderValue::from_static(r#"Bearer error="invalid_token""#);
    assert_eq!(header(&plain, "www-authenticate"), Some(HeaderSource::Static(same_for_all)));
    assert_eq!(header(&plain, "is-token-expired"), None);
    assert_eq!(plain.status, rich.status);
    assert!(plain.bodies.iter().all(|(_, body)| !body.contains("$context")), "{:?}", plain.bodies);
}

#[test]
fn resources_of_a_type_are_evaluated_in_depth_if_their_condition_holds() {
    let text = "
        Parameters: {Topic: {Type: String, Default: ''}, Count: {Type: Number, Default: 5}}
        Conditions: {HasTopic: !Not [!Equals [!Ref Topic, '']]}
        Resources:
          Alarm:
            Type: AWS::CloudWatch::Alarm
            Properties:
              Threshold: !Ref Count
              Dimensions: [{Name: Stack, Value: !Sub '${AWS::StackName}-x'}]
              AlarmActions: !If [HasTopic, [!Ref Topic], !Ref AWS::NoValue]
          Other: {Type: AWS::CloudWatch::Alarm, Condition: HasTopic, Properties: {Threshold: 1}}
          Topic2: {Type: AWS::SNS::Topic, Properties: {}}";
    let alarms = super::resources(text, &|_| None, "AWS::CloudWatch::Alarm").unwrap();
    let expected = json!({ "Threshold": 5, "Dimensions": [{ "Name": "Stack", "Value": "local-x" }] });
    assert_eq!(alarms, [("Alarm".to_owned(), Ok(expected))].into());
    let unknown = text.replace("!Ref Count", "!Ref Nothing").replace(", Condition: HasTopic", "");
    let alarms = super::resources(&unknown, &|_| None, "AWS::CloudWatch::Alarm").unwrap();
    assert_eq!(alarms["Alarm"].as_ref().unwrap_err().place, "Resources.Alarm.Properties.Threshold");
    assert_eq!(alarms["Other"], Ok(json!({ "Threshold": 1 })));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_damage_to_a_template_makes_the_reader_panic(
        place in 0..TEMPLATE.len(),
        length in 0..40usize,
        patch in "[-{}\\[\\]!&*:,'\"$ \na-zA-Z0-9]{0,12}",
    ) {
        let end = (place + length).min(TEMPLATE.len());
        let _ = read(&format!("{}{patch}{}", &TEMPLATE[..place], &TEMPLATE[end..]));
    }
}

#[test]
fn a_function_reads_the_stream_of_a_table() {
    let table = "
               T:
                 Type: AWS::DynamoDB::Table
                 Properties:
                   AttributeDefinitions: [{AttributeName: a, AttributeType: S}]
                   KeySchema: [{AttributeName: a, KeyType: HASH}]
                   StreamSpecification: {StreamViewType: NEW_IMAGE}";
    let stack = |stream: &str| {
        let text = format!(
            "Resources:
               Api: {{Type: 'AWS::Serverless::Api', Properties: {{StageName: s}}}}{table}
               F:
                 Type: AWS::Serverless::Function
                 Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: f}}}}
                 Properties: {{Events: {{E: {{Type: DynamoDB, Properties: {{Stream: {stream}, BatchSize: 10}}}}}}}}"
        );
        read(&text)
    };
    let read = stack("!GetAtt T.StreamArn").unwrap();
    assert_eq!(read.tables[0].stream.as_deref(), Some("NEW_IMAGE"));
    let expected = StreamReader { function: "F".to_owned(), table: "T".to_owned() };
    assert_eq!(read.stream_readers, [expected]);
    for other in ["arn:aws:dynamodb:x", "!GetAtt T.Arn"] {
        let error = stack(other).unwrap_err().to_string();
        assert!(error.contains("Stream as a GetAtt of a table's StreamArn"), "{error}");
    }
}
