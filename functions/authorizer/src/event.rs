//! Authorizer events of every format, told apart by their own discriminators.
//!
//! # Invariants
//! * An event has exactly one format, or it is refused.
//! * Where the token is read depends on the format alone.

mod arn;
mod bearer;
mod format;

use serde_json::Value;
use shared::route_roles::{AuthorizationError, Path, Route};

pub(crate) use arn::Arn;
pub(crate) use bearer::Bearer;
pub(crate) use format::Format;

/// What an event says, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// Which service asks, and how.
    pub(crate) format: Format,
    /// What the request asks for; AppSync names nothing of the kind.
    pub(crate) arn: Option<Arn<'a>>,
    /// What it brings as authorization.
    pub(crate) bearer: Bearer<'a>,
}

/// The event is no authorizer event of a format that is known here.
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
        // `$connect` is where a handshake goes, and nothing else does.
        if arn.as_ref().is_some_and(|arn| (arn.resource() == "$connect") != (format == Format::WebSocket)) {
            return Err(EventError);
        }
        Ok(Self { format, arn, bearer: Bearer::read(format, event) })
    }

    /// Where the request goes, as rules of roles know it; none for formats that they say nothing about.
    ///
    /// The ARN's path has no stage in front, and is the one that policies are compared with. The event's own path must
    /// be the same or have it at its end: otherwise one of them is not what was asked for.
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
