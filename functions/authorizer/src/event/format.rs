//! Which format an event is of.

use serde_json::Value;

/// A service that asks an authorizer, and the form in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A REST API, `TOKEN`: one header and the ARN.
    RestToken,
    /// A REST API, `REQUEST`.
    RestRequest,
    /// An HTTP API, payload format 1.0.
    HttpApi1,
    /// An HTTP API, payload format 2.0.
    HttpApi2,
    /// A WebSocket API, at `$connect`.
    WebSocket,
    /// A GraphQL API of AppSync.
    AppSync,
}

impl Format {
    const ALL: [Self; 6] =
        [Self::RestToken, Self::RestRequest, Self::HttpApi1, Self::HttpApi2, Self::WebSocket, Self::AppSync];

    /// The one format whose discriminators all fit.
    pub(super) fn of(event: &Value) -> Option<Self> {
        let mut fitting = Self::ALL.into_iter().filter(|format| format.fits(event));
        match (fitting.next(), fitting.next()) {
            (Some(format), None) => Some(format),
            (_, _) => None,
        }
    }

    /// A member that is null is there: no service sends such a `version` or ARN.
    fn fits(self, event: &Value) -> bool {
        let has = |pointer: &str| event.pointer(pointer).is_some();
        let is = |pointer: &str, text: &str| event.pointer(pointer).is_some_and(|value| value == text);
        let [context, websocket] = ["/requestContext", "/requestContext/eventType"].map(has);
        let connection = websocket || has("/requestContext/connectionId");
        let http = has("/requestContext/http") || has("/requestContext/routeKey");
        // Which of the two ARNs, which type and which version.
        let is_like = |arns: (bool, bool), kind: &str, version: Option<&str>| {
            (has("/methodArn"), has("/routeArn")) == arns
                && is("/type", kind)
                && version.map_or(!has("/version"), |version| is("/version", version))
        };
        match self {
            Self::RestToken => is_like((true, false), "TOKEN", None) && !context,
            Self::RestRequest => is_like((true, false), "REQUEST", None) && !connection && !http,
            Self::HttpApi1 => is_like((true, false), "REQUEST", Some("1.0")) && !connection,
            Self::HttpApi2 => is_like((false, true), "REQUEST", Some("2.0")) && !connection,
            Self::WebSocket => {
                is_like((true, false), "REQUEST", None)
                    && is("/requestContext/eventType", "CONNECT")
                    && is("/requestContext/routeKey", "$connect")
            }
            Self::AppSync => {
                // Every event of API Gateway has a stage.
                let gateway = ["/type", "/version", "/methodArn", "/routeArn", "/requestContext/stage"];
                let foreign = gateway.map(has).contains(&true);
                let text = |pointer: &str| event.pointer(pointer).is_some_and(Value::is_string);
                // An Event API of AppSync asks likewise, with the operation, and wants another answer.
                let event_api = has("/requestContext/operation") || has("/requestContext/channel");
                !foreign && !event_api && text("/authorizationToken") && text("/requestContext/apiId")
            }
        }
    }

    /// The member that says what the request asks for.
    pub(super) fn arn_member(self) -> Option<&'static str> {
        match self {
            Self::RestToken | Self::RestRequest | Self::HttpApi1 | Self::WebSocket => Some("methodArn"),
            Self::HttpApi2 => Some("routeArn"),
            Self::AppSync => None,
        }
    }

    /// For the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RestToken => "REST TOKEN",
            Self::RestRequest => "REST REQUEST",
            Self::HttpApi1 => "HTTP 1.0",
            Self::HttpApi2 => "HTTP 2.0",
            Self::WebSocket => "WebSocket",
            Self::AppSync => "AppSync",
        }
    }
}
