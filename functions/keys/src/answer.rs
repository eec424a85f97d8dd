//! The answer to CloudFormation.

use serde::Serialize;

use crate::event::Event;

/// The physical id, the same for every version of the key set: another id would make CloudFormation replace the resource.
const PHYSICAL_RESOURCE_ID: &str = "ratchet-key-set";
/// CloudFormation's limit for an answer is 4,096 bytes, and three RSA keys need most of it.
const LONGEST_REASON: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CustomResourceResponse<'a> {
    status: &'static str,
    reason: String,
    physical_resource_id: &'static str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

/// The attributes for `Fn::GetAtt`, without secrets.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Data {
    pub(crate) public_keys: String,
    pub(crate) signing_key_id: String,
    pub(crate) version: String,
}

impl<'a> CustomResourceResponse<'a> {
    pub(crate) fn to(event: &Event<'a>, outcome: Result<Option<Data>, String>) -> Self {
        let (status, reason, data) = match outcome {
            Ok(data) => ("SUCCESS", "The key set is as it should be.".to_owned(), data),
            Err(failure) => ("FAILED", failure.chars().take(LONGEST_REASON).collect(), None),
        };
        Self {
            status,
            reason,
            physical_resource_id: PHYSICAL_RESOURCE_ID,
            stack_id: event.stack_id,
            request_id: event.request_id,
            logical_resource_id: event.logical_resource_id,
            data,
        }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
