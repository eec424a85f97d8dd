//! The command on a stack: Lambda and the AWS CLI are stubs here, which fail in every possible way.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "../../aws/tests/stub/mod.rs"]
mod stub;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use stub::{Answer, Request, Stub};

/// Knows one stack, as `aws cloudformation describe-stack-resource` does, and records its arguments. Like version 1 of the AWS
/// CLI it exports no credentials.
const AWS_CLI: &str = r#"#!/bin/sh
echo "$@" >> "${0%/*}/asked"
case "$*" in
  "configure export-credentials "*) printf '%s\n' "usage: aws [options] <command>" "aws: error: argument subcommand: Invalid choice" >&2
     exit 252 ;;
  *"--stack-name ratchet "*) echo ratchet-AdminFunction-AbC ;;
  *) echo "An error occurred (ValidationError) when calling the DescribeStackResource operation: Stack 'other' does not exist" >&2
     exit 254 ;;
esac
"#;

/// Returns a directory with an AWS CLI.
fn aws_cli() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("aws");
    std::fs::write(&program, AWS_CLI).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    directory
}

/// Runs a command line with credentials in the environment.
fn ratchet(lambda: &str, aws_cli: &Path, line: &str) -> Output {
    ratchet_with(&[], lambda, aws_cli, line)
}

/// Runs a command line with these variables too.
fn ratchet_with(variables: &[(&str, &str)], lambda: &str, aws_cli: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ratchet"));
    command.args(line.split(' ')).env_clear().env("PATH", aws_cli).env("AWS_ENDPOINT_URL", lambda);
    command.env("AWS_ACCESS_KEY_ID", "an-id").env("AWS_SECRET_ACCESS_KEY", "a-secret");
    command.env("AWS_REGION", "eu-west-1").envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn user() -> Answer {
    let user = json!({ "email": "ada@example.com", "user_id": "u", "name": "Ada", "roles": ["admin"], "claims": {} });
    (200, json!({ "user": user, "sessions": 1 }).to_string())
}

#[test]
fn a_command_is_one_invocation_of_the_function_and_its_answer_is_shown() {
    let (lambda, aws) = (Stub::start(|_| user()), aws_cli());
    let output =
        ratchet(&lambda.url, aws.path(), "--function ratchet-admin --json user show ada@example.com");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["user"]["roles"], json!(["admin"]));
    let [request] = &lambda.requests()[..] else { panic!("{:?}", lambda.requests()) };
    assert_eq!(request.line, "POST /2015-03-31/functions/ratchet-admin/invocations");
    let event: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(event, json!({ "command": "show-user", "email": "ada@example.com" }));
    let signed = request.header("authorization").unwrap();
    assert!(signed.contains("Credential=an-id/") && signed.contains("/eu-west-1/lambda/"), "{signed}");
    assert!(!aws.path().join("asked").exists(), "the AWS CLI was asked for nothing");
}

#[test]
fn a_stack_names_its_function() {
    let (lambda, aws) = (Stub::start(|_| user()), aws_cli());
    let output = ratchet(&lambda.url, aws.path(), "--stack ratchet user show ada@example.com");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("ada@example.com"));
    let asked = std::fs::read_to_string(aws.path().join("asked")).unwrap();
    let expected = "cloudformation describe-stack-resource --stack-name ratchet --logical-resource-id AdminFunction \
                    --query StackResourceDetail.PhysicalResourceId --output text --region eu-west-1\n";
    assert_eq!(asked, expected);
    assert_eq!(lambda.requests()[0].line, "POST /2015-03-31/functions/ratchet-AdminFunction-AbC/invocations");
}

#[test]
fn an_option_counts_for_more_than_the_variable_of_another_target() {
    let (lambda, aws) = (Stub::start(|_| user()), aws_cli());
    let show = |line: &str, variables: &[(&str, &str)]| {
        let line = format!("{line} user show ada@example.com");
        ratchet_with(variables, &lambda.url, aws.path(), line.trim())
    };
    let output = show("--stack ratchet", &[("RATCHET_ENDPOINT_URL", "http://127.0.0.1:1")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = show("", &[("RATCHET_STACK", "ratchet"), ("RATCHET_ENDPOINT_URL", "")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(lambda.requests().len(), 2);
    for (variables, expected) in [
        (
            &[("RATCHET_STACK", "ratchet"), ("RATCHET_ENDPOINT_URL", "http://127.0.0.1:1")][..],
            "RATCHET_STACK and RATCHET_ENDPOINT_URL are both set",
        ),
        (&[("RATCHET_ENDPOINT_URL", "nonsense")][..], "RATCHET_ENDPOINT_URL: must be a URL"),
    ] {
        let output = show("", variables);
        let error = text(&output.stderr);
        assert!(output.status.code() == Some(1) && error.contains(expected), "{error}");
    }
}

#[test]
fn an_aws_cli_of_version_1_is_told_to_be_too_old() {
    let (lambda, aws) = (Stub::start(|_| user()), aws_cli());
    let output = ratchet(&lambda.url, aws.path(), "--function f --profile p user show ada@example.com");
    let error = text(&output.stderr);
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("version 2") && error.contains("AWS_ACCESS_KEY_ID"), "{error}");
}

#[test]
fn pages_are_asked_for_until_there_is_none() {
    let list = |request: &Request| {
        let event: Value = serde_json::from_str(&request.body).unwrap();
        let page = match event["after"].as_str() {
            None => json!({ "users": [{ "email": "a@example.com" }], "next": "a@example.com" }),
            Some("a@example.com") => json!({ "users": [{ "email": "b@example.com" }] }),
            Some(other) => panic!("{other}"),
        };
        (200, page.to_string())
    };
    let (lambda, aws) = (Stub::start(list), aws_cli());
    let output = ratchet(&lambda.url, aws.path(), "--function f export");
    assert_eq!(text(&output.stdout), "{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n");
}

/// Answers of Lambda, a part of the message to the user, and whether the command may be partly done.
fn check(header: &'static str, answer: Answer, expected: &str, is_perhaps_done: bool) {
    let (lambda, aws) = (Stub::with_header(header, move |_: &Request| answer.clone()), aws_cli());
    let output = ratchet(&lambda.url, aws.path(), "--function f user disable ada@example.com");
    let error = text(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{error}");
    assert!(error.contains(expected), "{error}");
    assert_eq!(error.contains("repeating the command finishes it"), is_perhaps_done, "{error}");
    assert!(error.len() < 400 && error.lines().count() == 1, "{error}");
    assert_eq!(lambda.requests().len(), 1, "nothing is invoked twice");
}

#[test]
fn what_lambda_refuses_is_told_and_nothing_was_done() {
    let denied = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: lambda:InvokeFunction on resource: f";
    for (kind, status, message) in [
        ("x-amzn-errortype: AccessDeniedException", 403, denied),
        ("x-amzn-errortype: ResourceNotFoundException", 404, "Function not found: f"),
        ("x-amzn-errortype: TooManyRequestsException", 429, "Rate Exceeded."),
        (
            "x-amzn-errortype: ExpiredTokenException",
            403,
            "The security token included in the request is expired",
        ),
    ] {
        let name = kind.split_once(": ").unwrap().1;
        check(
            kind,
            (status, json!({ "message": message }).to_string()),
            &format!("the function can't be invoked: {name}: {message}"),
            false,
        );
    }
}

#[test]
fn what_fails_in_the_function_may_be_done_in_part() {
    let failed = json!({ "errorType": "AdminFailure", "errorMessage": "DynamoDB: no answer" });
    check("x-amz-function-error: Unhandled", (200, failed.to_string()), "DynamoDB: no answer", true);
    let timed_out = json!({ "errorMessage": "2026-11-30T00:00:00Z 1 Task timed out after 60.00 seconds" });
    check("x-amz-function-error: Unhandled", (200, timed_out.to_string()), "Task timed out", true);
    check("server: stub", (500, "<html>".to_owned()), "an answer that can't be read", true);
    check("server: stub", (200, "not JSON".to_owned()), "an answer that can't be read", true);
}

#[test]
fn what_the_function_refuses_is_told_by_its_code() {
    let refused = json!({ "error": "no_such_user", "error_description": "There is no such user." });
    check("server: stub", (200, refused.to_string()), "no_such_user: There is no such user.", false);
}

#[test]
fn without_a_stack_credentials_or_an_aws_cli_the_cause_is_told() {
    let (lambda, aws, empty) = (Stub::start(|_| user()), aws_cli(), tempfile::tempdir().unwrap());
    let output = ratchet(&lambda.url, aws.path(), "--stack other user show ada@example.com");
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("Stack 'other' does not exist"), "{error}");
    for line in ["--stack ratchet user list", "--function f --profile p user list"] {
        let error = text(&ratchet(&lambda.url, empty.path(), line).stderr);
        assert!(error.contains("the AWS CLI can't be run") && error.contains("AWS_ACCESS_KEY_ID"), "{error}");
    }
    assert!(lambda.requests().is_empty());
    let nobody = ratchet("http://127.0.0.1:1", aws.path(), "--function f user show ada@example.com");
    let error = text(&nobody.stderr);
    assert!(error.contains("no connection") && error.contains("repeating"), "{error}");
}
