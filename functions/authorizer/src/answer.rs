//! Answers to the services that ask, each in the form that one expects. Values of a context are strings everywhere.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use shared::Timestamp;
use shared::access_token::{AccessTokenError, Claims};
use shared::api::ApiError;
use shared::role;

use crate::DenialError;

/// The answer of an authorizer, in its service's own names. No member is ever null, which API Gateway refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AuthorizerResponse {
    /// For REST and WebSocket APIs and HTTP APIs without simple responses: an IAM policy.
    #[serde(rename_all = "camelCase")]
    Policy {
        /// The user, or `anonymous`.
        principal_id: String,
        /// What may be called, or must not.
        policy_document: PolicyDocument,
        /// Who is calling, or why nobody is.
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
        /// Who is calling; left out when nobody is.
        #[serde(skip_serializing_if = "Option::is_none")]
        resolver_context: Option<Context>,
        /// For how many seconds AppSync may give the same answer to the same token without asking again.
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

/// What those behind the authorizer learn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Context {
    /// What functions and resolvers learn about the caller.
    Caller {
        /// The user.
        sub: String,
        /// The session.
        sid: String,
        /// The user's normalised address.
        email: String,
        /// Whether the user has proved that mail to the address reaches them: `true` or `false`, a text like the others.
        email_verified: String,
        /// How the user signed in: methods of RFC 8176, separated by spaces.
        amr: String,
        /// The user's name.
        name: String,
        /// The user's roles, separated by spaces.
        roles: String,
        /// The claims of the deployer's own, as one JSON text. Left out where there are none.
        #[serde(skip_serializing_if = "String::is_empty")]
        claims: String,
        /// Those of them that the setting `CONTEXT_CLAIMS` names, each as a text.
        #[serde(flatten)]
        named: BTreeMap<String, String>,
        /// The second from which on the token is refused.
        exp: String,
    },
    /// What the gateway response `ACCESS_DENIED` of a REST API makes headers and body of. Constant texts.
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

/// AppSync's own bound on a cached answer, an hour.
const LONGEST_TTL: i64 = 3600;

/// As the template's gateway response `UNAUTHORIZED` words it, for the case that the gateway itself sees no header.
const MISSING: &str = "The access token is missing.";

/// Who is calling, or why nobody may.
pub(crate) type Authorization = Result<Allowed, DenialError>;

/// Who is calling.
pub(crate) struct Allowed {
    /// What the token says.
    pub(crate) claims: Claims,
    /// The custom claims that become members of the context of their own.
    pub(crate) named: BTreeMap<String, String>,
}

impl Allowed {
    pub(crate) fn new(claims: Claims, context_claims: &[String]) -> Self {
        let named =
            context_claims.iter().filter_map(|name| Some((name.clone(), text(claims.custom.get(name)?)?)));
        Self { named: named.collect(), claims }
    }
}

/// A context has texts alone: a text as it is, and other values as JSON. None for null, which says nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

impl AuthorizerResponse {
    /// A policy about this resource.
    pub(crate) fn policy(decision: &Authorization, resource: String) -> Self {
        let (effect, principal_id) = match decision {
            Ok(allowed) => (Effect::Allow, allowed.claims.sub.clone()),
            Err(_) => (Effect::Deny, "anonymous".to_owned()),
        };
        let statement = Statement { action: "execute-api:Invoke", effect, resource };
        let policy_document = PolicyDocument { version: "2012-10-17", statement: [statement] };
        Self::Policy { principal_id, policy_document, context: Context::of(decision) }
    }

    /// Yes or no.
    pub(crate) fn simple(decision: &Authorization) -> Self {
        Self::Simple { is_authorized: decision.is_ok(), context: Context::of(decision) }
    }

    /// Yes for as long as the token lives, in whole seconds, or no for this time: a key that is unknown now may be known in a
    /// moment.
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
            // Without a token there is nothing to say about it (RFC 6750 section 3.1).
            challenge: if missing { "Bearer".to_owned() } else { error.challenge() },
            token_expired: expired.to_string(),
            error: error.code(),
            error_description: if missing { MISSING.to_owned() } else { error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests;
