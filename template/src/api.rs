//! The `AWS::Serverless::Api`: authorizers, CORS and gateway responses.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, StatusCode};

use crate::error::{Problem, TemplateError};
use crate::model::{Api, Authorizer, AuthorizerEvent, Cors, GatewayResponse, HeaderSource};
use crate::node::{self, Node};
use crate::scope::{Scope, function_arn};

const KIND: &str = "AWS::Serverless::Api";

/// The response types of API Gateway. Another name in the template would deploy nothing and look as if it did.
const RESPONSE_TYPES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

pub(crate) fn read(scope: &Scope) -> Result<Api, TemplateError> {
    let missing = || TemplateError::new("Resources", Problem::Missing(KIND.to_owned()));
    let mut apis = node::resources(scope, KIND);
    let (id, properties) = apis.next().ok_or_else(missing)??;
    if apis.next().is_some() {
        return Err(properties.error(Problem::Unsupported("a second API".to_owned())));
    }
    let mut api = Api {
        id: id.to_owned(),
        stage: properties.need("StageName")?.text()?,
        cors: properties.get("Cors")?.map(|cors| read_cors(&cors)).transpose()?,
        authorizers: BTreeMap::new(),
        default_authorizer: None,
        preflight_authorizer: None,
        gateway_responses: BTreeMap::new(),
    };
    if let Some(auth) = properties.get("Auth")? {
        read_auth(scope, &auth, &mut api)?;
    }
    if let Some(responses) = properties.get("GatewayResponses")? {
        for (name, response) in responses.entries()? {
            let response = read_gateway_response(&name, &response)?;
            api.gateway_responses.insert(name, response);
        }
    }
    Ok(api)
}

fn read_auth(scope: &Scope, auth: &Node, api: &mut Api) -> Result<(), TemplateError> {
    auth.allow(&["Authorizers", "DefaultAuthorizer", "AddDefaultAuthorizerToCorsPreflight"])?;
    if let Some(authorizers) = auth.get("Authorizers")? {
        for (name, authorizer) in authorizers.entries()? {
            api.authorizers.insert(name, read_authorizer(scope, &authorizer)?);
        }
    }
    api.default_authorizer = auth.text_at("DefaultAuthorizer")?;
    if let Some(name) = &api.default_authorizer
        && !api.authorizers.contains_key(name)
    {
        return Err(auth.error(Problem::UnknownName(format!("the authorizer {name}"))));
    }
    if auth.flag_at("AddDefaultAuthorizerToCorsPreflight", true)? {
        api.preflight_authorizer.clone_from(&api.default_authorizer);
    }
    Ok(())
}

fn read_authorizer(scope: &Scope, node: &Node) -> Result<Authorizer, TemplateError> {
    node.allow(&["FunctionArn", "FunctionPayloadType", "FunctionInvokeRole", "Identity"])?;
    let arn = node.need("FunctionArn")?;
    let function = arn.text()?;
    let function = function.strip_prefix(&function_arn("")).unwrap_or(&function);
    if scope.kind(function) != Some("AWS::Serverless::Function") {
        return Err(arn.error(Problem::UnknownName(format!("the function {function}"))));
    }
    let event = match node.text_at("FunctionPayloadType")?.as_deref() {
        None | Some("TOKEN") => AuthorizerEvent::Token,
        Some("REQUEST") => AuthorizerEvent::Request,
        Some(other) => {
            return Err(node.error(Problem::Unsupported(format!("FunctionPayloadType {other}"))));
        }
    };
    Ok(Authorizer { function: function.to_owned(), event, identity_headers: read_identity(node, event)? })
}

fn read_identity(node: &Node, event: AuthorizerEvent) -> Result<Vec<HeaderName>, TemplateError> {
    let identity = node.get("Identity")?;
    if let Some(identity) = &identity {
        identity.allow(&["Header", "Headers", "ReauthorizeEvery"])?;
    }
    match (event, identity) {
        (AuthorizerEvent::Token, identity) => {
            let named = identity.map(|identity| identity.get("Header")).transpose()?;
            match named.flatten() {
                Some(header) => Ok(vec![header_name(&header, &header.text()?)?]),
                None => Ok(vec![http::header::AUTHORIZATION]),
            }
        }
        (AuthorizerEvent::Request, Some(identity)) => match identity.get("Headers")? {
            Some(headers) => {
                headers.items()?.iter().map(|header| header_name(header, &header.text()?)).collect()
            }
            None => Ok(Vec::new()),
        },
        (AuthorizerEvent::Request, None) => Ok(Vec::new()),
    }
}

fn read_cors(node: &Node) -> Result<Cors, TemplateError> {
    if !node.is_map() {
        return Ok(Cors {
            allow_origin: static_value(node)?,
            allow_methods: None,
            allow_headers: None,
            max_age: None,
            allow_credentials: false,
        });
    }
    node.allow(&["AllowOrigin", "AllowMethods", "AllowHeaders", "MaxAge", "AllowCredentials"])?;
    let optional = |key| node.get(key)?.map(|value| static_value(&value)).transpose();
    Ok(Cors {
        allow_origin: static_value(&node.need("AllowOrigin")?)?,
        allow_methods: optional("AllowMethods")?,
        allow_headers: optional("AllowHeaders")?,
        max_age: optional("MaxAge")?,
        allow_credentials: node.flag_at("AllowCredentials", false)?,
    })
}

fn read_gateway_response(name: &str, node: &Node) -> Result<GatewayResponse, TemplateError> {
    if !RESPONSE_TYPES.contains(&name) {
        return Err(node.error(Problem::Unsupported(format!("the response type {name}"))));
    }
    node.allow(&["StatusCode", "ResponseParameters", "ResponseTemplates"])?;
    let mut response = GatewayResponse {
        status: node.get("StatusCode")?.map(|status| read_status(&status)).transpose()?,
        ..GatewayResponse::default()
    };
    if let Some(parameters) = node.get("ResponseParameters")? {
        parameters.allow(&["Headers"])?;
        for (name, value) in parameters.need("Headers")?.entries()? {
            response.headers.push((header_name(&value, &name)?, header_source(&value)?));
        }
    }
    if let Some(templates) = node.get("ResponseTemplates")? {
        for (content_type, template) in templates.entries()? {
            header_value(&template, &content_type)?;
            response.bodies.insert(content_type, template.text()?);
        }
    }
    Ok(response)
}

fn read_status(node: &Node) -> Result<StatusCode, TemplateError> {
    let text = node.text()?;
    let status = text.parse().ok().filter(|status: &StatusCode| (200..600).contains(&status.as_u16()));
    status.ok_or_else(|| invalid(node, &text, "a status between 200 and 599"))
}

fn header_source(node: &Node) -> Result<HeaderSource, TemplateError> {
    match node.text()?.strip_prefix("context.") {
        Some(variable) => Ok(HeaderSource::Context(variable.to_owned())),
        None => static_value(node).map(HeaderSource::Static),
    }
}

fn static_value(node: &Node) -> Result<HeaderValue, TemplateError> {
    let text = node.text()?;
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let quoted = quoted.ok_or_else(|| invalid(node, &text, "a text in single quotes"))?;
    header_value(node, quoted)
}

fn header_name(node: &Node, text: &str) -> Result<HeaderName, TemplateError> {
    text.parse().map_err(|_| invalid(node, text, "the name of a header"))
}

fn header_value(node: &Node, text: &str) -> Result<HeaderValue, TemplateError> {
    text.parse().map_err(|_| invalid(node, text, "the value of a header"))
}

fn invalid(node: &Node, value: &str, expected: &'static str) -> TemplateError {
    node.error(Problem::Invalid { value: value.to_owned(), expected })
}
