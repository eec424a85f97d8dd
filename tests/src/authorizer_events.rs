//! The events of each service for an authorizer, written from its documentation, and the meaning of the answer there. Without
//! the code under test.

mod bodies;

use bodies::{app_sync, http_api_1, http_api_2, rest_request, rest_token, websocket};
use serde_json::Value;

/// The stage of the events.
pub const STAGE: &str = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod";

/// A service, its format, and where a client has put its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A REST API, `TOKEN`.
    RestToken,
    /// A REST API, `REQUEST`.
    RestRequest,
    /// An HTTP API, payload format 1.0.
    HttpApi1,
    /// An HTTP API, payload format 2.0, with simple responses.
    HttpApi2,
    /// A WebSocket API, with the token in a header.
    WebSocket,
    /// A WebSocket API, with the token among the subprotocols.
    WebSocketPage,
    /// A GraphQL API of AppSync.
    AppSync,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::RestToken,
        Self::RestRequest,
        Self::HttpApi1,
        Self::HttpApi2,
        Self::WebSocket,
        Self::WebSocketPage,
        Self::AppSync,
    ];

    /// Returns the event of a request for `GET /weather`, or of a handshake or a query, with these values of the header
    /// `Authorization`; a page sends each as a subprotocol.
    #[must_use]
    pub fn event(self, authorization: &[&str]) -> Value {
        match self {
            Self::RestToken => rest_token(authorization),
            Self::RestRequest => rest_request(authorization),
            Self::HttpApi1 => http_api_1(authorization),
            Self::HttpApi2 => http_api_2(authorization),
            Self::WebSocket => websocket("Authorization", authorization),
            Self::WebSocketPage => {
                let token = |value: &&str| {
                    format!("ratchet.bearer.{}", value.strip_prefix("Bearer ").unwrap_or(value))
                };
                let mut offered = vec!["chat".to_owned()];
                offered.extend(authorization.iter().map(token));
                websocket("Sec-WebSocket-Protocol", &[&offered.join(", ")])
            }
            Self::AppSync => app_sync(authorization),
        }
    }

    /// Returns whether the service allows the request after this answer.
    ///
    /// # Panics
    /// Panics if the service cannot read the answer: it has another form, or a value that is null or not allowed in a context.
    #[must_use]
    pub fn allows(self, answer: &Value) -> bool {
        let members = members(answer);
        if let Some(context) = self.context(answer) {
            let context = context.as_object().expect("an object");
            assert!(context.values().all(Value::is_string), "{answer}");
        }
        match self {
            Self::HttpApi2 => {
                assert_eq!(members, ["context", "isAuthorized"], "{answer}");
                answer["isAuthorized"].as_bool().expect("a boolean")
            }
            Self::AppSync => {
                let allows = answer["isAuthorized"].as_bool().expect("a boolean");
                assert!((0..=3600).contains(&answer["ttlOverride"].as_i64().expect("seconds")), "{answer}");
                assert_eq!(members.contains(&"resolverContext"), allows, "{answer}");
                assert_eq!(members.len(), if allows { 3 } else { 2 }, "{answer}");
                allows
            }
            Self::RestToken | Self::RestRequest | Self::HttpApi1 | Self::WebSocket | Self::WebSocketPage => {
                policy_allows(answer)
            }
        }
    }

    /// Returns the context for functions, gateway responses or resolvers.
    #[must_use]
    pub fn context(self, answer: &Value) -> Option<&Value> {
        answer.get(if self == Self::AppSync { "resolverContext" } else { "context" })
    }
}

/// Returns whether this policy, which must be one for the gateway, allows something.
///
/// # Panics
/// Panics if it is not a policy.
#[must_use]
pub fn policy_allows(answer: &Value) -> bool {
    let members = members(answer);
    assert_eq!(members, ["context", "policyDocument", "principalId"], "{answer}");
    assert!(answer["principalId"].as_str().is_some_and(|id| !id.is_empty()), "{answer}");
    let document = &answer["policyDocument"];
    assert_eq!(document["Version"], "2012-10-17", "{answer}");
    let statements = document["Statement"].as_array().expect("statements");
    assert_eq!(statements.len(), 1, "{answer}");
    assert_eq!(statements[0]["Action"], "execute-api:Invoke", "{answer}");
    assert!(statements[0]["Resource"].is_string(), "{answer}");
    match statements[0]["Effect"].as_str() {
        Some("Allow") => true,
        Some("Deny") => false,
        other => panic!("{other:?}: {answer}"),
    }
}

/// The names of an object's members, sorted.
fn members(object: &Value) -> Vec<&str> {
    let mut members: Vec<_> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    members.sort_unstable();
    members
}
