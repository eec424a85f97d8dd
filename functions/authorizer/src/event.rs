//! Authorizer events of every format, distinguished by their own discriminators.
//!
//! # Invariants
//! * An event has exactly one format, or it is refused.
//! * The format alone determines where the token is read.

mod arn;
mod bearer;
mod format;

use serde_json::Value;
use shared::route_roles::{AuthorizationError, Path, Route};

pub(crate) use arn::Arn;
pub(crate) use bearer::Bearer;
pub(crate) use format::Format;

/// The relevant content of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// The calling service, and its format.
    pub(crate) format: Format,
    /// The target of the request. AppSync does not state it.
    pub(crate) arn: Option<Arn<'a>>,
    /// The authorization in the request.
    pub(crate) bearer: Bearer<'a>,
}

/// The event is not an authorizer event of a known format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an authorizer event of a REST, HTTP, WebSocket or AppSync GraphQL API, or of more than one")]
pub struct EventError;

impl<'a> Event<'a> {
    pub(crate) fn read(event: &'a Value) -> Result<Self, EventError> {
        let format = Format::of(event).ok_or(EventError)?;
        let arn = match format.arn_member() {
            Some(member) => {
                Some(event.get(member).and_then(Value::as_str).and_then(Arn::parse).ok_or(EventError)?)
            }
            None => None,
        };
        // Only handshakes go to `$connect`.
        if arn.as_ref().is_some_and(|arn| (arn.resource() == "$connect") != (format == Format::WebSocket)) {
            return Err(EventError);
        }
        Ok(Self { format, arn, bearer: Bearer::read(format, event) })
    }

    /// Returns the target of the request for rules of roles, or `None` for formats without rules.
    ///
    /// The ARN's path has no stage, and policies are compared with it. The event's own path must
    /// be the same or end with it: otherwise one of them is not the requested one.
    pub(crate) fn route(&self, event: &Value) -> Option<Result<Route<'a>, AuthorizationError>> {
        let (method, path) = match self.format {
            Format::HttpApi1 => ("/httpMethod", "/path"),
            Format::HttpApi2 => ("/requestContext/http/method", "/rawPath"),
            Format::WebSocket => return Some(Ok(Route::Connect)),
            Format::RestToken | Format::RestRequest | Format::AppSync => return None,
        };
        Some(self.agreed(event, method, path).ok_or(AuthorizationError::Unclear))
    }

    fn agreed(&self, event: &Value, method: &str, path: &str) -> Option<Route<'a>> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let arn = self.arn?;
        let (asked, at) = arn.method_and_path()?;
        let agree = text(method)? == asked && arn.agrees(&at, &Path::parse(text(path)?)?);
        agree.then_some(Route::Http { method: asked, path: at })
    }
}

#[cfg(test)]
mod tests;
