//! Determines the format of an event.

use serde_json::Value;

/// A service that calls an authorizer, and its format.
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

/// The discriminators of formats. A member that is null counts as present: no service sends such a `version` or ARN.
struct Marks<'a> {
    kind: Option<&'a Value>,
    version: Option<&'a Value>,
    /// Which of `methodArn` and `routeArn` are present.
    arns: (bool, bool),
    event_type: Option<&'a Value>,
    /// Whether it is about a connection, as in WebSocket APIs.
    connection: bool,
    http: bool,
    route_key: Option<&'a Value>,
    /// Whether it has members that AppSync does not send. Every event of API Gateway has a stage.
    gateway: bool,
    /// Whether it names an operation, as an Event API of AppSync does, which otherwise asks like a GraphQL API but
    /// expects another answer.
    event_api: bool,
    app_sync: bool,
}

impl<'a> Marks<'a> {
    fn of(event: &'a Value) -> Self {
        let context = event.get("requestContext");
        let in_context = |name: &str| context.and_then(|context| context.get(name));
        let text = |value: Option<&Value>| value.is_some_and(Value::is_string);
        let (kind, version) = (event.get("type"), event.get("version"));
        let arns = (event.get("methodArn").is_some(), event.get("routeArn").is_some());
        let event_type = in_context("eventType");
        let of_gateway = kind.is_some() || version.is_some() || arns != (false, false);
        Self {
            kind,
            version,
            arns,
            event_type,
            connection: event_type.is_some() || in_context("connectionId").is_some(),
            http: in_context("http").is_some(),
            route_key: in_context("routeKey"),
            gateway: of_gateway || in_context("stage").is_some(),
            event_api: in_context("operation").is_some() || in_context("channel").is_some(),
            app_sync: text(event.get("authorizationToken")) && text(in_context("apiId")),
        }
    }

    /// Returns whether these are the ARNs, the type and the version.
    fn are(&self, arns: (bool, bool), kind: &str, version: Option<&str>) -> bool {
        let is = |value: Option<&Value>, text: &str| value.is_some_and(|value| value == text);
        self.arns == arns
            && is(self.kind, kind)
            && version.map_or(self.version.is_none(), |version| is(self.version, version))
    }
}

impl Format {
    const ALL: [Self; 6] =
        [Self::RestToken, Self::RestRequest, Self::HttpApi1, Self::HttpApi2, Self::WebSocket, Self::AppSync];

    /// Returns the one format whose discriminators all match.
    pub(super) fn of(event: &Value) -> Option<Self> {
        let marks = Marks::of(event);
        let mut fitting = Self::ALL.into_iter().filter(|format| format.fits(&marks));
        match (fitting.next(), fitting.next()) {
            (Some(format), None) => Some(format),
            (_, _) => None,
        }
    }

    fn fits(self, marks: &Marks<'_>) -> bool {
        let http = marks.http || marks.route_key.is_some();
        match self {
            // serverless-offline sends a context with it, which API Gateway does not.
            Self::RestToken => marks.are((true, false), "TOKEN", None) && !marks.connection && !http,
            Self::RestRequest => marks.are((true, false), "REQUEST", None) && !marks.connection && !http,
            Self::HttpApi1 => marks.are((true, false), "REQUEST", Some("1.0")) && !marks.connection,
            Self::HttpApi2 => marks.are((false, true), "REQUEST", Some("2.0")) && !marks.connection,
            Self::WebSocket => {
                marks.are((true, false), "REQUEST", None)
                    && marks.event_type.is_some_and(|value| value == "CONNECT")
                    && marks.route_key.is_some_and(|value| value == "$connect")
            }
            Self::AppSync => !marks.gateway && !marks.event_api && marks.app_sync,
        }
    }

    /// Returns the member that states the target of the request.
    pub(super) fn arn_member(self) -> Option<&'static str> {
        match self {
            Self::RestToken | Self::RestRequest | Self::HttpApi1 | Self::WebSocket => Some("methodArn"),
            Self::HttpApi2 => Some("routeArn"),
            Self::AppSync => None,
        }
    }

    /// Returns the name for the log.
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
