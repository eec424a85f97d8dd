//! The gateway responses of the template: the answer of a [`Failure`].

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::cors;
use super::event::Call;
use super::failure::Failure;
use template::{Api, GatewayResponse, HeaderSource};

const JSON: &str = "application/json";
const DEFAULT_BODY: &str = r#"{"message":$context.error.messageString}"#;
const VARIABLE: &str = "$context.";

/// Returns the answer according to the response type's own entry, else `DEFAULT_4XX` or `DEFAULT_5XX`, else API
/// Gateway's default.
pub(super) fn render(api: &Api, failure: &Failure, call: &Call<'_>) -> Response<String> {
    if let Failure::NotRunHere(reason) = failure {
        return not_run_here(api, failure.status(), reason);
    }
    let fallback = match failure.status().is_client_error() {
        true => "DEFAULT_4XX",
        false => "DEFAULT_5XX",
    };
    let configured = api.gateway_responses.get(failure.response_type());
    let configured = configured.or_else(|| api.gateway_responses.get(fallback));
    let default = GatewayResponse::default();
    let configured = configured.unwrap_or(&default);
    let variable = |name: &str| variable(name, failure, call);

    let (content_type, template) = body_template(configured);
    let mut response = Response::new(substitute(template, variable));
    *response.status_mut() = configured.status.unwrap_or_else(|| failure.status());
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    for (name, source) in &configured.headers {
        if let Some((name, value)) = header(name, source, variable) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns the answer for what only AWS can run. API Gateway never gives it, so the template has no entry for it. It has the
/// form of the service's own errors, and a page of the allowed origin can read it.
fn not_run_here(api: &Api, status: StatusCode, reason: &str) -> Response<String> {
    let body = serde_json::json!({ "error": "not_implemented", "error_description": reason });
    let mut response = Response::new(body.to_string());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cors) = &api.cors {
        cors::allow(cors, response.headers_mut());
    }
    response
}

fn body_template(configured: &GatewayResponse) -> (&str, &str) {
    let bodies = &configured.bodies;
    let chosen = bodies.get_key_value(JSON).or_else(|| bodies.first_key_value());
    chosen.map_or((JSON, DEFAULT_BODY), |(content_type, body)| (content_type, body))
}

fn header(
    name: &HeaderName,
    source: &HeaderSource,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<(HeaderName, HeaderValue)> {
    let value = match source {
        HeaderSource::Static(value) => value.clone(),
        HeaderSource::Context(path) => HeaderValue::from_str(&variable(path)?).ok()?,
    };
    Some((name.clone(), value))
}

/// Substitutes variables as API Gateway does: no template language, and nothing for a variable without a value.
fn substitute(template: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let mut result = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(VARIABLE) {
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        let (path, _) = after.split_at(end.unwrap_or(after.len()));
        let path = path.trim_end_matches('.');
        result.push_str(before);
        result.push_str(&variable(path).unwrap_or_default());
        rest = after.strip_prefix(path).unwrap_or_default();
    }
    result + rest
}

fn variable(path: &str, failure: &Failure, call: &Call<'_>) -> Option<String> {
    if let Some(key) = path.strip_prefix("authorizer.") {
        return failure.context()?.get(key).cloned();
    }
    let text = match path {
        "error.message" => failure.message(),
        "error.messageString" => return Some(format!("{:?}", failure.message())),
        "error.responseType" => failure.response_type(),
        "requestId" | "extendedRequestId" => &call.request_id,
        "stage" => call.stage,
        "path" => call.path,
        "resourcePath" => call.resource,
        "httpMethod" => call.method,
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests;
