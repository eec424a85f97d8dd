//! The gateway's own answers, by their names in API Gateway.

use http::StatusCode;

use super::authorizer::Context;

/// A request that ends in the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The path does not exist, or lacks the method.
    MissingAuthenticationToken,
    /// The body exceeds API Gateway's limit.
    RequestTooLarge,
    /// Request line and headers exceed API Gateway's limit.
    HeadersTooLarge,
    /// The body ended early.
    BadRequest,
    /// A header that identifies the caller is missing, or the authorizer denied without an answer.
    Unauthorized,
    /// The authorizer's policy does not allow the request.
    AccessDenied {
        /// Whether a statement denies it, rather than none allowing it.
        explicit: bool,
        /// The context of the authorizer's answer.
        context: Context,
    },
    /// The authorizer failed.
    Authorizer,
    /// The authorizer's answer is invalid.
    AuthorizerConfiguration,
    /// The function failed.
    Integration,
    /// The function took too long.
    IntegrationTimeout,
    /// This process cannot run the function or the authorizer; the text states why. API Gateway has no such failure.
    NotRunHere(String),
}

impl Failure {
    /// Returns the response type, by which the template may customise the answer.
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

    /// Returns the default status. A failed Lambda function is a 502, unlike other integrations.
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

    /// Returns the default message.
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

    /// Returns the context of the authorizer's answer, if there is one.
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
