//! CloudFormation, as a custom resource sees it: requests, and the URL for the answer.

#[path = "../../../../aws/tests/stub/mod.rs"]
pub(crate) mod stub;

use std::time::Duration;

use aws_types::SdkConfig;
use keys::{AnswerError, App, Courier};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::{Invocation, Stopwatch, Timestamp};
use stub::Stub;

/// A stack with the function and its custom resource.
pub(crate) struct Stack {
    pub(crate) app: App,
    pub(crate) url: Stub,
    requests: u64,
}

impl Stack {
    /// Returns a stack whose Secrets Manager is at `config` and whose URL answers with this status.
    pub(crate) fn new(config: SdkConfig, status: u16) -> Self {
        let (pause, patience) = (Duration::from_millis(5), Duration::from_millis(500));
        let courier = Courier::with(&[pause, pause], patience).expect("certificate authorities");
        let url = Stub::start(move |_| (status, String::new()));
        Self { app: App::new(config, courier), url, requests: 0 }
    }

    /// Returns a request with the properties of the template, and these changes.
    pub(crate) fn event(&mut self, kind: &str, changed: &[(&str, &str)]) -> Value {
        self.requests += 1;
        let mut event = json!({
            "RequestType": kind,
            "ResponseURL": format!("{}/bucket/a%3A%2Fb?X-Amz-Signature=0%2B1&x=", self.url.url),
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/ratchet/1",
            "RequestId": format!("00000000-0000-4000-8000-{:012}", self.requests),
            "ResourceType": "AWS::CloudFormation::CustomResource",
            "LogicalResourceId": "KeySet",
            "ResourceProperties": {
                "ServiceToken": "arn", "ServiceTimeout": "60", "SecretId": "key-set", "KeyRotation": "1",
                "RevokeKeys": "", "SigningAlgorithm": "ES256", "AccessTokenSeconds": "60", "RefreshAbsoluteSeconds": "2592000"
            }
        });
        for (property, value) in changed {
            event["ResourceProperties"][property] = json!(value);
        }
        event
    }

    /// Sends requests to the function, one a minute.
    pub(crate) async fn send(&self, event: &Value) -> Result<(), AnswerError> {
        let now = Timestamp::from_seconds(2_000_000_000 + 60 * self.requests as i64);
        // Another generator each time, as in another invocation.
        let rng = StdRng::seed_from_u64(self.url.requests().len() as u64);
        keys::handle(&self.app, event, Invocation { now, rng, stopwatch: Stopwatch::STOPPED }).await
    }

    /// Sends a request, and returns the answer that arrived at the URL.
    pub(crate) async fn request(&mut self, kind: &str, changed: &[(&str, &str)]) -> Value {
        let event = self.event(kind, changed);
        self.answer_to(&event).await
    }

    /// Returns the answer to this request, after checking its form.
    pub(crate) async fn answer_to(&self, event: &Value) -> Value {
        self.send(event).await.expect("an answer");
        let put = self.url.requests().pop().expect("an answer");
        assert_eq!(put.line, "PUT /bucket/a%3A%2Fb?X-Amz-Signature=0%2B1&x=", "the URL as it was signed");
        assert_eq!(put.header("content-type"), Some(""));
        assert!(put.body.len() <= 4096 && !put.body.contains("private"), "{}", put.body);
        let answer: Value = serde_json::from_str(&put.body).expect("JSON");
        for member in ["StackId", "RequestId", "LogicalResourceId"] {
            assert_eq!(answer[member], event[member]);
        }
        assert_eq!(answer["PhysicalResourceId"], "ratchet-key-set");
        assert!(answer["Reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{answer}");
        answer
    }
}

/// Returns the data of a successful answer.
#[track_caller]
pub(crate) fn data(answer: &Value) -> (String, Vec<String>) {
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    let set: Value =
        serde_json::from_str(answer["Data"]["PublicKeys"].as_str().expect("keys")).expect("JSON");
    let kids =
        set["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().expect("a kid").into());
    (answer["Data"]["SigningKeyId"].as_str().expect("a kid").to_owned(), kids.collect())
}

/// Returns the reason of a failed answer.
#[track_caller]
pub(crate) fn reason(answer: &Value) -> String {
    assert_eq!(answer["Status"], "FAILED", "{answer}");
    assert_eq!(answer.get("Data"), None);
    answer["Reason"].as_str().expect("a reason").to_owned()
}
