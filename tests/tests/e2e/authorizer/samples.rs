//! The events that AWS's Lambda team publishes as samples: the crate `aws_lambda_events` brings one of every service. Those
//! for authorizers are answered in their own format, and no other is taken for one.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use shared::Timestamp;
use tests::authorizer_events::Format;
use tests::events::Fixture;
use tests::project;

/// Where Cargo keeps the samples: in the sources of the crate, which `lambda_http` depends on.
fn directory() -> PathBuf {
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO")).args(arguments).current_dir(project::path(".")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let version = run(&["--version", "--verbose"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Of other platforms not every crate need be here.
    let metadata = run(&["metadata", "--format-version", "1", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let events = packages.find(|package| package["name"] == "aws_lambda_events").expect("aws_lambda_events");
    PathBuf::from(events["manifest_path"].as_str().unwrap()).with_file_name("src").join("fixtures")
}

fn samples() -> BTreeMap<String, Value> {
    let files = fs::read_dir(directory()).unwrap().map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.strip_prefix("example-")?.to_owned();
        // A few are no JSON by themselves.
        Some((name, serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?))
    };
    files.filter_map(read).collect()
}

/// What is in the sample's ARN, up to the stage.
const KNOWN: [(&str, Format, &str); 8] = [
    ("apigw-custom-auth-request", Format::RestToken, "us-west-2:123456789012:ymy8tbxw7b/dev"),
    ("apigw-custom-auth-request-type-request", Format::RestRequest, "us-east-1:123456789012:s4x3opwd6i/test"),
    ("apigw-v2-custom-authorizer-v1-request", Format::HttpApi1, "us-east-1:123456789012:abcdef123/test"),
    ("apigw-v2-custom-authorizer-v2-request", Format::HttpApi2, ""),
    ("apigw-v2-custom-authorizer-v2-request-null-maps", Format::HttpApi2, ""),
    ("apigw-v2-custom-authorizer-v2-request-without-cookies", Format::HttpApi2, ""),
    ("apigw-v2-custom-authorizer-v2-request-without-identity-source", Format::HttpApi2, ""),
    (
        "apigw-v2-custom-authorizer-websocket-request",
        Format::WebSocket,
        "eu-west-1:123456789012:abcdef123/test",
    ),
];

/// The sample as its service would send it.
fn sent(format: Format, mut sample: Value) -> Value {
    match format {
        // The sample has a wildcard for a stage, for which there is no policy.
        Format::RestToken => {
            let arn = sample["methodArn"].as_str().unwrap().replace("/*/", "/dev/");
            sample["methodArn"] = arn.into();
        }
        // The context of the function has been merged into the sample, its version too.
        Format::WebSocket => {
            sample.as_object_mut().unwrap().retain(|name, _| {
                let own = ["type", "methodArn", "requestContext", "stageVariables"];
                own.contains(&name.as_str())
                    || name.to_ascii_lowercase().contains("headers")
                    || name.contains("query")
            });
        }
        Format::RestRequest
        | Format::HttpApi1
        | Format::HttpApi2
        | Format::WebSocketPage
        | Format::AppSync => {}
    }
    sample
}

fn app(fixture: &Fixture) -> authorizer::App {
    let stack = project::stack();
    let function = stack.functions.iter().find(|function| function.binary == "authorizer").unwrap();
    let environment = project::environment(function, &fixture.keys);
    authorizer::App::new(&|name| environment.get(name).cloned()).unwrap()
}

fn good_header(fixture: &Fixture) -> String {
    let events = tests::events::cases(fixture);
    let valid =
        events.iter().find(|case| case.function == "authorizer" && case.name == "token_valid").unwrap();
    valid.event["authorizationToken"].as_str().unwrap().to_owned()
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn published_samples_are_answered_in_their_own_format() {
    let (fixture, samples) = (Fixture::new(), samples());
    let (app, header) = (app(&fixture), good_header(&fixture));
    let answer = |event: &Value| {
        let answer = authorizer::handle(&app, event, NOW).unwrap_or_else(|error| panic!("{error}: {event}"));
        serde_json::to_value(answer).unwrap()
    };
    let app_sync = ("appsync-lambda-auth-request", Format::AppSync, "");
    for (name, format, stage) in KNOWN.into_iter().chain([app_sync]) {
        let mut event = sent(format, samples[name].clone());
        assert!(!format.allows(&answer(&event)), "{name}: nobody has signed its token");
        if ["TOKEN"].contains(&event["type"].as_str().unwrap_or_default()) || format == Format::AppSync {
            event["authorizationToken"] = header.as_str().into();
        } else {
            event["headers"]["Authorization"] = header.as_str().into();
        }
        let answer = answer(&event);
        assert!(format.allows(&answer), "{name}");
        if !stage.is_empty() {
            let resource = &answer["policyDocument"]["Statement"][0]["Resource"];
            assert_eq!(*resource, format!("arn:aws:execute-api:{stage}/*"), "{name}");
        }
    }
}

#[test]
fn no_event_of_another_service_is_taken_for_an_authorizers() {
    let fixture = Fixture::new();
    let (app, header, samples) = (app(&fixture), good_header(&fixture), samples());
    let known: Vec<_> = KNOWN.iter().map(|(name, ..)| *name).chain(["appsync-lambda-auth-request"]).collect();
    assert!(samples.len() > 100, "{}", samples.len());
    for (name, mut event) in samples {
        // As they are, these two are refused: a wildcard for a stage, and a version that is a function's.
        let spoiled = ["apigw-custom-auth-request", "apigw-v2-custom-authorizer-websocket-request"];
        if known.contains(&name.as_str()) && !spoiled.contains(&name.as_str()) {
            continue;
        }
        if event.is_object() {
            event["headers"] = json!({ "Authorization": header });
            event["authorizationToken"] = header.as_str().into();
        }
        assert!(authorizer::handle(&app, &event, NOW).is_err(), "{name}");
    }
}
