//! The sender of a request, according to API Gateway and its authorizer.

use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use shared::Timestamp;
use shared::caller::{Caller, CallerError};
use shared::session::Device;

/// Returns the user whose access token the authorizer has verified.
///
/// # Errors
/// Returns [`CallerError`] if no authorizer ran for this route, or if the token has expired since.
pub fn caller(request: &Request, now: Timestamp) -> Result<Caller, CallerError> {
    let context = request.request_context_ref().and_then(RequestContext::authorizer);
    Caller::read(context.map(|authorizer| &authorizer.fields), now)
}

/// Returns the device that sent a request: its user agent and its address.
#[must_use]
pub fn device(request: &Request) -> Device {
    let name = request.headers().get(USER_AGENT).map(|value| value.as_bytes()).unwrap_or_default();
    Device::new(name, source_ip(request).to_owned())
}

/// Returns the preferred language of a request: the first tag (BCP 47) of its `Accept-Language`.
#[must_use]
pub fn locale(request: &Request) -> Option<String> {
    let header = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = header.split([',', ';']).next()?.trim();
    let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = (2..=35).contains(&first.len()) && first.chars().all(is_tag);
    fits.then(|| first.to_owned())
}

/// Returns the address that API Gateway saw, not one that a header claims. It is empty if the event has none.
#[must_use]
pub fn source_ip(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    }
    .unwrap_or_default()
}
