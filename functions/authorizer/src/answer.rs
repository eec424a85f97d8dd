//! Answers to the calling services, each in its own format. Values of a context are always strings.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use shared::Timestamp;
use shared::access_token::{AccessTokenError, Claims};
use shared::api::ApiError;
use shared::role;

use crate::DenialError;

/// The answer of an authorizer, with the member names of its service. No member is ever null, which API Gateway would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AuthorizerResponse {
    /// For REST and WebSocket APIs and HTTP APIs without simple responses: an IAM policy.
    #[serde(rename_all = "camelCase")]
    Policy {
        /// The user, or `anonymous`.
        principal_id: String,
        /// The resource that may be called, or must not be.
        policy_document: PolicyDocument,
        /// The verified claims, or the reason for denial.
        context: Context,
    },
    /// For HTTP APIs, format 2.0, with simple responses.
    #[serde(rename_all = "camelCase")]
    Simple {
        /// Whether the request may pass.
        is_authorized: bool,
        /// As above.
        context: Context,
    },
    /// For AppSync.
    #[serde(rename_all = "camelCase")]
    AppSync {
        /// Whether the request may pass.
        is_authorized: bool,
        /// The verified claims; left out if the request is denied.
        #[serde(skip_serializing_if = "Option::is_none")]
        resolver_context: Option<Context>,
        /// The time in seconds for which AppSync may reuse the answer for the same token.
        ttl_override: i64,
    },
}

/// An IAM policy of one statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: Effect,
    resource: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Effect {
    Allow,
    Deny,
}

/// The context for what is behind the authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Context {
    /// The caller, as functions and resolvers learn of it.
    Caller {
        /// The user.
        sub: String,
        /// The session.
        sid: String,
        /// The user's normalised address.
        email: String,
        /// Whether the user has verified the address: `true` or `false`, as text like the others.
        email_verified: String,
        /// How the user signed in: methods of RFC 8176, separated by spaces.
        amr: String,
        /// The user's name.
        name: String,
        /// The user's roles, separated by spaces.
        roles: String,
        /// The custom claims, as one JSON text. Left out if there are none.
        #[serde(skip_serializing_if = "String::is_empty")]
        claims: String,
        /// The custom claims that the setting `CONTEXT_CLAIMS` names, each as text.
        #[serde(flatten)]
        named: BTreeMap<String, String>,
        /// The second from which on the token is refused.
        exp: String,
    },
    /// The values for headers and body of the gateway response `ACCESS_DENIED` of a REST API. Constant texts.
    Refusal {
        /// `WWW-Authenticate` (RFC 6750 section 3).
        challenge: String,
        /// `Is-Token-Expired`.
        token_expired: String,
        /// The code of the error.
        error: &'static str,
        /// A sentence about it.
        error_description: String,
    },
}

/// AppSync's limit for a cached answer, one hour.
const LONGEST_TTL: i64 = 3600;

/// The same text as in the template's gateway response `UNAUTHORIZED`, for requests in which the gateway itself finds no header.
const MISSING: &str = "The access token is missing.";

/// The verified claims, or the reason for denial.
pub(crate) type Authorization = Result<Allowed, DenialError>;

/// The verified claims.
pub(crate) struct Allowed {
    /// The claims of the token.
    pub(crate) claims: Claims,
    /// The custom claims that become members of the context.
    pub(crate) named: BTreeMap<String, String>,
}

impl Allowed {
    pub(crate) fn new(claims: Claims, context_claims: &[String]) -> Self {
        let named =
            context_claims.iter().filter_map(|name| Some((name.clone(), text(claims.custom.get(name)?)?)));
        Self { named: named.collect(), claims }
    }
}

/// Returns a claim as text: a text as it is, and other values as JSON. `None` for null, which carries no information.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

impl AuthorizerResponse {
    /// Returns a policy for this resource.
    pub(crate) fn policy(decision: &Authorization, resource: String) -> Self {
        let (effect, principal_id) = match decision {
            Ok(allowed) => (Effect::Allow, allowed.claims.sub.clone()),
            Err(_) => (Effect::Deny, "anonymous".to_owned()),
        };
        let statement = Statement { action: "execute-api:Invoke", effect, resource };
        let policy_document = PolicyDocument { version: "2012-10-17", statement: [statement] };
        Self::Policy { principal_id, policy_document, context: Context::of(decision) }
    }

    /// Returns the simple answer.
    pub(crate) fn simple(decision: &Authorization) -> Self {
        Self::Simple { is_authorized: decision.is_ok(), context: Context::of(decision) }
    }

    /// Allows for the remaining lifetime of the token, in whole seconds, or denies without caching: a key that is
    /// unknown now may be known in a moment.
    pub(crate) fn app_sync(decision: &Authorization, now: Timestamp) -> Self {
        let left = |allowed: &Allowed| Timestamp::from_seconds(allowed.claims.exp).seconds_since(now);
        Self::AppSync {
            is_authorized: decision.is_ok(),
            resolver_context: decision.is_ok().then(|| Context::of(decision)),
            ttl_override: decision.as_ref().map_or(0, left).min(LONGEST_TTL),
        }
    }
}

impl Context {
    fn of(decision: &Authorization) -> Self {
        match decision {
            Ok(Allowed { claims, named }) => Self::Caller {
                sub: claims.sub.clone(),
                sid: claims.sid.clone(),
                email: claims.email.clone(),
                email_verified: claims.email_verified.to_string(),
                amr: claims.amr.to_string(),
                name: claims.name.clone(),
                roles: role::joined(&claims.roles),
                claims: if claims.custom.is_empty() { String::new() } else { claims.custom.to_string() },
                named: named.clone(),
                exp: claims.exp.to_string(),
            },
            Err(denied) => Self::refusal(*denied),
        }
    }

    fn refusal(denied: DenialError) -> Self {
        let expired = denied == DenialError::Token(AccessTokenError::Expired);
        let error = match denied {
            DenialError::Missing | DenialError::Token(_) => ApiError::InvalidToken { expired },
            DenialError::Route(_) => ApiError::InsufficientScope,
        };
        let missing = denied == DenialError::Missing;
        Self::Refusal {
            // A request without a token gets no error code (RFC 6750 section 3.1).
            challenge: if missing { "Bearer".to_owned() } else { error.challenge() },
            token_expired: expired.to_string(),
            error: error.code(),
            error_description: if missing { MISSING.to_owned() } else { error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests;
