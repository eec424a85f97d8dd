//! The authorizer events that the SAM CLI makes, `sam local generate-event`: they carry no token of ours, so each is denied,
//! for the API and stage that it names.

use std::process::Command;

use serde_json::{Value, json};
use tests::authorizer_events::policy_allows;

use crate::report::Report;
use crate::rie;

/// The SAM CLI's name of the event, and its default stage.
const EVENTS: [(&str, &str); 2] = [("authorizer", "example/prod"), ("request-authorizer", "abcdef123/test")];

/// A member that serde_json would read as JSON of its own, if the function were built with that feature of it.
const OF_SERDE_JSON: &str = "$serde_json::private::RawValue";

/// All of them, under the emulator `program`.
pub(crate) async fn run(program: &str, report: &mut Report) {
    for (name, stage) in EVENTS {
        let event = generated(name);
        report
            .add(&format!("authorizer answers SAM's event {name}"), denied(program, event.clone(), stage))
            .await;
        let asked = event.map(|mut event| {
            event["queryStringParameters"] = json!({ OF_SERDE_JSON: "x" });
            event
        });
        report
            .add(&format!("authorizer answers it with any query, {name}"), denied(program, asked, stage))
            .await;
    }
}

async fn denied(program: &str, event: Result<Value, String>, stage: &str) -> Result<(), String> {
    let authorizer = rie::start(program, "authorizer", |_| {})?;
    let answer = authorizer.invoke(&event?).await?;
    if answer["policyDocument"].is_null() {
        return Err(format!("no policy: {answer}"));
    }
    let resource = &answer["policyDocument"]["Statement"][0]["Resource"];
    let expected = format!("arn:aws:execute-api:us-east-1:123456789012:{stage}/*");
    match !policy_allows(&answer) && *resource == expected {
        true => Ok(()),
        false => Err(format!("not a denial of {expected}: {answer}")),
    }
}

fn generated(name: &str) -> Result<Value, String> {
    let mut sam = Command::new("sam");
    sam.args(["local", "generate-event", "apigateway", name]).env("SAM_CLI_TELEMETRY", "0");
    let output = sam.output().map_err(|error| format!("sam: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .map_err(|_| format!("no event: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
