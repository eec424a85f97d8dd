//! What API Gateway says about a request beyond HTTP.

use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use shared::session::Device;

/// The longest user agent that is kept, in bytes.
const MAX_USER_AGENT_BYTES: usize = 256;

/// The device that a request came from. The address is the one that API Gateway saw, not one that a header claims.
#[must_use]
pub fn device(request: &Request) -> Device {
    let header = request.headers().get("user-agent").map(|value| value.as_bytes()).unwrap_or_default();
    Device { user_agent: cut(String::from_utf8_lossy(header).into_owned()), source_ip: source_ip(request) }
}

fn cut(mut user_agent: String) -> String {
    user_agent.truncate(user_agent.floor_char_boundary(MAX_USER_AGENT_BYTES));
    user_agent
}

fn source_ip(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_between_characters() {
        assert_eq!(cut("curl/8".to_owned()), "curl/8");
        assert_eq!(cut("x".repeat(300)).len(), 256);
        assert_eq!(cut(format!("{}\u{20ac}", "x".repeat(254))), "x".repeat(254));
    }
}
