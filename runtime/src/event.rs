//! Converts an event of API Gateway to an HTTP request.
//!
//! `lambda_http` defines the types of events and requests and could convert them too. We do not use its conversion, because it
//! lets the single `headers` replace the many `multiValueHeaders`, panics on an invalid host or invalid base64, and parses the
//! URL twice, although a handler needs only its path.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::COOKIE;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, HeaderValue, Method, Uri};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The characters that a path must encode. API Gateway decodes the path in some formats and not in others, so `%` stays.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// The format of an event, which its answer must have too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A REST API, or an HTTP API with payload format 1.0.
    Rest,
    /// An HTTP API with payload format 2.0.
    Http2,
}

/// The reason why an event is not a request. The message repeats nothing of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is not an event of API Gateway.
    #[error("the event is not one that API Gateway sends to a function behind a route")]
    Format,
    /// Its path or query is not valid in a URI.
    #[error("the event has no valid path and query")]
    Uri,
    /// Its body is marked as base64 but is not.
    #[error("the event's body is not base64")]
    Body,
    /// Its cookies are not valid in a header.
    #[error("the event's cookies are no header")]
    Cookies,
}

/// Converts the text of an event to an HTTP request: a REST API's, or an HTTP API's of either payload format.
///
/// If `multiValueHeaders` exist beside `headers`, only they count: they contain every line of a repeated header.
/// The request's URI is the event's path and query, its extensions are those of [`RequestExt`].
///
/// # Errors
/// Returns [`EventError`] if the event is none of these, or not a valid request.
pub fn request(event: &str) -> Result<Request, EventError> {
    read(event).map(|(request, _)| request)
}

pub(crate) fn read(event: &str) -> Result<(Request, Format), EventError> {
    if let Ok(event) = serde_json::from_str(event) {
        return Ok((of_rest(event)?, Format::Rest));
    }
    let event = serde_json::from_str(event).map_err(|_| EventError::Format)?;
    Ok((of_http_2(event)?, Format::Http2))
}

fn of_rest(event: ApiGatewayProxyRequest) -> Result<Request, EventError> {
    let many = event.multi_value_query_string_parameters;
    let query = if many.is_empty() { event.query_string_parameters } else { many };
    let many = event.multi_value_headers;
    let path = event.path.unwrap_or_default();
    Ok(assemble(Parts {
        method: event.http_method,
        uri: uri(&path, (!query.is_empty()).then(|| query.to_query_string()).as_deref())?,
        headers: if many.is_empty() { event.headers } else { many },
        body: body(event.body, event.is_base64_encoded)?,
        path,
        query,
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        context: RequestContext::ApiGatewayV1(event.request_context),
    }))
}

fn of_http_2(event: ApiGatewayV2httpRequest) -> Result<Request, EventError> {
    let mut headers = event.headers;
    if let Some(cookies) = event.cookies {
        let cookies = HeaderValue::try_from(cookies.join("; ")).map_err(|_| EventError::Cookies)?;
        headers.insert(COOKIE, cookies);
    }
    let path = event.raw_path.unwrap_or_default();
    let raw_query = event.raw_query_string.filter(|query| !query.is_empty());
    Ok(assemble(Parts {
        method: event.request_context.http.method.clone(),
        uri: uri(&path, raw_query.as_deref())?,
        headers,
        body: body(event.body, event.is_base64_encoded)?,
        path,
        // This format joins the values of a repeated parameter with commas; the raw query keeps them separate.
        query: raw_query.and_then(|query| query.parse().ok()).unwrap_or_default(),
        path_parameters: event.path_parameters,
        stage_variables: event.stage_variables,
        context: RequestContext::ApiGatewayV2(event.request_context),
    }))
}

/// The common content of both formats.
struct Parts {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
    path: String,
    query: QueryMap,
    path_parameters: HashMap<String, String>,
    stage_variables: HashMap<String, String>,
    context: RequestContext,
}

fn assemble(parts: Parts) -> Request {
    let mut extensions = Extensions::new().with_raw_http_path(parts.path).with_request_context(parts.context);
    if !parts.query.is_empty() {
        extensions = extensions.with_query_string_parameters(parts.query);
    }
    if !parts.path_parameters.is_empty() {
        extensions = extensions.with_path_parameters(parts.path_parameters);
    }
    if !parts.stage_variables.is_empty() {
        extensions = extensions.with_stage_variables(parts.stage_variables);
    }
    let mut request = Request::new(parts.body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = parts.uri;
    *request.headers_mut() = parts.headers;
    *request.extensions_mut() = extensions;
    request
}

fn uri(path: &str, query: Option<&str>) -> Result<Uri, EventError> {
    let mut text = String::from_iter(utf8_percent_encode(path, NOT_IN_A_PATH));
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    PathAndQuery::try_from(text).map(Uri::from).map_err(|_| EventError::Uri)
}

fn body(body: Option<String>, is_base64_encoded: bool) -> Result<Body, EventError> {
    match body {
        None => Ok(Body::Empty),
        Some(text) if is_base64_encoded => {
            STANDARD.decode(text).map(Body::Binary).map_err(|_| EventError::Body)
        }
        Some(text) => Ok(Body::Text(text)),
    }
}

impl From<EventError> for lambda_runtime::Diagnostic {
    fn from(error: EventError) -> Self {
        Self { error_type: "EventError".to_owned(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
