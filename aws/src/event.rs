//! What API Gateway says about a request beyond HTTP.

use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use shared::Timestamp;
use shared::caller::{Caller, NoCaller};
use shared::session::Device;

/// Whom the authorizer has let through.
///
/// # Errors
/// [`NoCaller`] if no authorizer did, or its answer has outlived the token.
pub fn caller(request: &Request, now: Timestamp) -> Result<Caller, NoCaller> {
    let context = request.request_context_ref().and_then(RequestContext::authorizer);
    Caller::read(context.map(|authorizer| &authorizer.fields), now)
}

/// The device that a request came from. The address is the one that API Gateway saw, not one that a header claims.
#[must_use]
pub fn device(request: &Request) -> Device {
    let header = request.headers().get("user-agent").map(|value| value.as_bytes()).unwrap_or_default();
    Device::new(header, source_ip(request))
}

fn source_ip(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
    .unwrap_or_default()
}
