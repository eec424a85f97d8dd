//! A function of the deployer that sends mail through any provider and in any words.

use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_types::SdkConfig;
use serde::Serialize;

use super::{name_of, timeouts};
use crate::mail::{Mail, Sink, SinkError};

/// The event for the function. A member that the mail lacks is null.
#[derive(Serialize)]
struct Event<'a> {
    id: String,
    kind: &'static str,
    to: &'a str,
    code: Option<&'a str>,
    link: Option<&'a str>,
    /// In seconds.
    expires_in: u32,
    locale: Option<&'a str>,
}

struct Function {
    client: Client,
    arn: String,
}

/// Sends through the function with this ARN, and waits for its answer.
pub(super) fn sink(config: &SdkConfig, arn: String) -> Sink {
    let client = Client::from_conf(Builder::from(config).timeout_config(timeouts()).build());
    let function = Arc::new(Function { client, arn });
    Arc::new(move |mail| {
        let function = Arc::clone(&function);
        Box::pin(async move { function.send(&mail).await })
    })
}

impl Function {
    async fn send(&self, mail: &Mail) -> Result<(), SinkError> {
        let event = serde_json::to_vec(&Event::from(mail));
        let event = event.map_err(|_| SinkError::Refused("the event can't be written".to_owned()))?;
        // By default Lambda waits for the answer.
        let invoke = self.client.invoke().function_name(&self.arn).payload(Blob::new(event));
        match invoke.send().await {
            Ok(answer) if answer.function_error().is_none() => Ok(()),
            // The function's own text may contain an address, so it is not used.
            Ok(_) => Err(SinkError::Unavailable("MailFunctionArn: the function failed".to_owned())),
            Err(error) => Err(classify(&error)),
        }
    }
}

impl<'a> From<&'a Mail> for Event<'a> {
    fn from(mail: &'a Mail) -> Self {
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.kind(),
            to: mail.to.as_str(),
            code: mail.code.as_ref().map(|code| code.expose()),
            link: mail.link.as_deref(),
            expires_in: mail.expires_in.0,
            locale: mail.locale.as_deref(),
        }
    }
}

/// Only an event that Lambda refuses is refused permanently: other errors are about the function, which can be repaired.
fn classify(error: &SdkError<InvokeError>) -> SinkError {
    let text = format!("MailFunctionArn: {}", name_of(error));
    let is_final = |error: &InvokeError| {
        error.is_invalid_request_content_exception() || error.is_request_too_large_exception()
    };
    if error.as_service_error().is_some_and(is_final) {
        SinkError::Refused(text)
    } else {
        SinkError::Unavailable(text)
    }
}
