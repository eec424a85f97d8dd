//! What the gateway answers by itself, by the names API Gateway has for it.

use http::StatusCode;

use super::authorizer::Context;

/// A request that ends in the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// No such path, or no such method on it.
    MissingAuthenticationToken,
    /// More body than API Gateway takes.
    RequestTooLarge,
    /// More request line and headers than API Gateway takes.
    HeadersTooLarge,
    /// The body ended before it was complete.
    BadRequest,
    /// A header that identifies the caller is missing, or the authorizer said no without an answer.
    Unauthorized,
    /// The authorizer's policy does not allow the request.
    AccessDenied {
        /// Whether a statement denies it, rather than none allowing it.
        explicit: bool,
        /// What the authorizer said besides.
        context: Context,
    },
    /// The authorizer failed.
    Authorizer,
    /// The authorizer's answer can't be understood.
    AuthorizerConfiguration,
    /// The function failed.
    Integration,
    /// The function took too long.
    IntegrationTimeout,
    /// The function or the authorizer is not one that this process can run, and why. API Gateway has no such failure.
    NotRunHere(String),
}

impl Failure {
    /// The response type, under which the template may say how the answer looks.
    pub(super) fn response_type(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::HeadersTooLarge | Self::BadRequest => "DEFAULT_4XX",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::AccessDenied { .. } => "ACCESS_DENIED",
            Self::Authorizer => "AUTHORIZER_FAILURE",
            Self::AuthorizerConfiguration => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::Integration => "INTEGRATION_FAILURE",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
            Self::NotRunHere(_) => "DEFAULT_5XX",
        }
    }

    /// The status where the template names none. A failed Lambda function is a 502, unlike other integrations.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::MissingAuthenticationToken | Self::AccessDenied { .. } => StatusCode::FORBIDDEN,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Authorizer | Self::AuthorizerConfiguration => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Integration => StatusCode::BAD_GATEWAY,
            Self::IntegrationTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::NotRunHere(_) => StatusCode::NOT_IMPLEMENTED,
        }
    }

    /// The message where the template says nothing else.
    pub(super) fn message(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "Missing Authentication Token",
            Self::RequestTooLarge => "Request Too Long",
            Self::HeadersTooLarge => "Request Header Fields Too Large",
            Self::BadRequest => "Bad Request",
            Self::Unauthorized => "Unauthorized",
            Self::AccessDenied { explicit: true, .. } => {
                "User is not authorized to access this resource with an explicit deny"
            }
            Self::AccessDenied { explicit: false, .. } => "User is not authorized to access this resource",
            Self::Authorizer | Self::AuthorizerConfiguration | Self::Integration => "Internal server error",
            Self::IntegrationTimeout => "Endpoint request timed out",
            Self::NotRunHere(_) => "Not implemented",
        }
    }

    /// What the authorizer said, where it said anything.
    pub(super) fn context(&self) -> Option<&Context> {
        match self {
            Self::AccessDenied { context, .. } => Some(context),
            Self::MissingAuthenticationToken
            | Self::RequestTooLarge
            | Self::HeadersTooLarge
            | Self::BadRequest
            | Self::Unauthorized
            | Self::Authorizer
            | Self::AuthorizerConfiguration
            | Self::Integration
            | Self::IntegrationTimeout
            | Self::NotRunHere(_) => None,
        }
    }
}
