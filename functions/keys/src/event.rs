//! The request of CloudFormation for a custom resource, and the properties that the template gives it.

use serde::Deserialize;
use serde_json::Value;
use shared::Seconds;
use shared::key_set::rotation::{KeyName, KeyNameError, key_names};
use shared::key_set::{Algorithm, AlgorithmError};

/// The relevant members of a request.
pub(crate) struct Event<'a> {
    pub(crate) kind: Kind,
    /// For the log.
    pub(crate) request_type: &'a str,
    /// Pre-signed: anybody who knows it can answer in our place, so it is never logged.
    pub(crate) response_url: &'a str,
    pub(crate) stack_id: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) logical_resource_id: &'a str,
    pub(crate) properties: &'a Value,
}

/// The type of the request. A creation and an update are the same here, because the properties state the desired result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    CreateOrUpdate,
    Delete,
}

/// The properties of the resource.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) secret_id: String,
    pub(crate) step: String,
    pub(crate) revoke: Vec<KeyName>,
    pub(crate) algorithm: Algorithm,
    pub(crate) longest_session: Seconds,
}

/// The properties are invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PropertiesError {
    #[error(
        "SecretId, KeyRotation, RevokeKeys, SigningAlgorithm, AccessTokenSeconds and RefreshAbsoluteSeconds must be set"
    )]
    Missing,
    #[error("KeyRotation must be a text of 1 to 64 characters")]
    Step,
    #[error("RevokeKeys: {0}")]
    Revoke(#[from] KeyNameError),
    #[error("SigningAlgorithm {0}")]
    Algorithm(#[from] AlgorithmError),
    #[error("{0} must be a whole number of seconds")]
    Lifetime(&'static str),
}

/// Reads a scalar, which CloudFormation always passes as text.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Texts {
    secret_id: String,
    key_rotation: String,
    revoke_keys: String,
    signing_algorithm: String,
    access_token_seconds: String,
    refresh_absolute_seconds: String,
}

impl<'a> Event<'a> {
    /// Reads an event. Returns `None` if it cannot be answered.
    pub(crate) fn read(event: &'a Value) -> Option<Self> {
        let text = |member: &str| event.get(member)?.as_str();
        let request_type = text("RequestType")?;
        let kind = match request_type {
            "Create" | "Update" => Kind::CreateOrUpdate,
            "Delete" => Kind::Delete,
            _ => return None,
        };
        Some(Self {
            kind,
            request_type,
            response_url: text("ResponseURL")?,
            stack_id: text("StackId")?,
            request_id: text("RequestId")?,
            logical_resource_id: text("LogicalResourceId")?,
            properties: event.get("ResourceProperties").unwrap_or(&Value::Null),
        })
    }
}

impl Properties {
    pub(crate) fn read(properties: &Value) -> Result<Self, PropertiesError> {
        let texts = Texts::deserialize(properties).map_err(|_| PropertiesError::Missing)?;
        let step = texts.key_rotation;
        if step.is_empty() || step.chars().count() > 64 {
            return Err(PropertiesError::Step);
        }
        let access = seconds("AccessTokenSeconds", &texts.access_token_seconds)?;
        let absolute = seconds("RefreshAbsoluteSeconds", &texts.refresh_absolute_seconds)?;
        Ok(Self {
            secret_id: texts.secret_id,
            step,
            revoke: key_names(&texts.revoke_keys)?,
            algorithm: texts.signing_algorithm.parse()?,
            longest_session: access.max(absolute),
        })
    }
}

fn seconds(property: &'static str, text: &str) -> Result<Seconds, PropertiesError> {
    text.parse().map(Seconds).map_err(|_| PropertiesError::Lifetime(property))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn properties() -> Value {
        json!({
            "ServiceToken": "arn", "ServiceTimeout": "60", "SecretId": "s", "KeyRotation": "1", "RevokeKeys": "",
            "SigningAlgorithm": "EdDSA", "AccessTokenSeconds": "60", "RefreshAbsoluteSeconds": "2592000"
        })
    }

    fn check(property: &str, value: &str, expected: &str) {
        let mut changed = properties();
        changed[property] = json!(value);
        assert_eq!(Properties::read(&changed).unwrap_err().to_string(), expected);
    }

    #[test]
    fn properties_are_read_and_others_of_the_template_passed_over() {
        let expected = Properties {
            secret_id: "s".to_owned(),
            step: "1".to_owned(),
            revoke: vec![],
            algorithm: Algorithm::EdDSA,
            longest_session: Seconds(2_592_000),
        };
        assert_eq!(Properties::read(&properties()), Ok(expected));
    }

    #[test]
    fn a_property_that_can_not_be_used_is_named() {
        check("KeyRotation", "", "KeyRotation must be a text of 1 to 64 characters");
        check("SigningAlgorithm", "es256", "SigningAlgorithm must be ES256, EdDSA or RS256");
        check("AccessTokenSeconds", "1m", "AccessTokenSeconds must be a whole number of seconds");
        check("RefreshAbsoluteSeconds", "-1", "RefreshAbsoluteSeconds must be a whole number of seconds");
        check(
            "RevokeKeys",
            "all",
            "RevokeKeys: \"all\" is neither the kid of a signing key (43 characters) nor the id of a refresh-token \
             key (1 to 255) nor that of a data key (data-1 to data-65535)",
        );
        assert_eq!(Properties::read(&Value::Null), Err(PropertiesError::Missing));
    }

    #[test]
    fn an_event_that_could_not_be_answered_is_none() {
        let event = json!({
            "RequestType": "Create", "ResponseURL": "u", "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"
        });
        assert!(Event::read(&event).is_some());
        for member in ["RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId"] {
            for damage in [Value::Null, json!(1), json!({})] {
                let mut damaged = event.clone();
                damaged[member] = damage;
                assert!(Event::read(&damaged).is_none(), "{damaged}");
            }
        }
        assert!(Event::read(&json!({ "RequestType": "Other" })).is_none());
    }
}
