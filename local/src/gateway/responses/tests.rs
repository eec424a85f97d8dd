use super::*;
use http::StatusCode;
use std::collections::BTreeMap;

use crate::gateway::authorizer::Context;

fn render_with(responses: &[(&str, GatewayResponse)], failure: &Failure) -> Response<String> {
    let responses = responses.iter().map(|(name, response)| ((*name).to_owned(), response.clone()));
    let api = Api {
        id: "Api".to_owned(),
        stage: "prod".to_owned(),
        cors: None,
        authorizers: BTreeMap::new(),
        default_authorizer: None,
        preflight_authorizer: None,
        gateway_responses: responses.collect(),
    };
    let (parts, ()) = http::Request::new(()).into_parts();
    let mut call = Call::new(&parts, [127, 0, 0, 1].into(), &api, "localhost");
    call.request_id = "id-1".to_owned();
    render(&api, failure, &call)
}

fn entry(status: Option<u16>, headers: &[(&str, &str)], body: &str) -> GatewayResponse {
    let header = |(name, value): &(&str, &str)| {
        let source = match value.strip_prefix("context.") {
            Some(variable) => HeaderSource::Context(variable.to_owned()),
            None => HeaderSource::Static(value.parse().unwrap()),
        };
        (name.parse().unwrap(), source)
    };
    GatewayResponse {
        status: status.map(|status| StatusCode::from_u16(status).unwrap()),
        headers: headers.iter().map(header).collect(),
        bodies: BTreeMap::from([(JSON.to_owned(), body.to_owned())]),
    }
}

fn denied() -> Failure {
    let said = [("challenge", "Bearer error=\"invalid_token\""), ("error", "invalid_token"), ("empty", "")];
    let context: Context = said.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Failure::AccessDenied { explicit: true, context }
}

#[test]
fn without_an_entry_it_is_what_api_gateway_answers() {
    let response = render_with(&[], &Failure::MissingAuthenticationToken);
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.body(), r#"{"message":"Missing Authentication Token"}"#);
    assert_eq!(render_with(&[], &Failure::Integration).status(), 502);
}

#[test]
fn an_entry_sets_status_headers_and_body() {
    let headers = [
        ("www-authenticate", "context.authorizer.challenge"),
        ("cache-control", "no-store"),
        ("x-missing", "context.authorizer.nothing"),
        ("x-type", "context.error.responseType"),
    ];
    let entry = entry(Some(401), &headers, r#"{"error":"$context.authorizer.error"}"#);
    let response = render_with(&[("ACCESS_DENIED", entry)], &denied());
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-type"], "ACCESS_DENIED");
    assert!(!response.headers().contains_key("x-missing"));
    assert_eq!(response.body(), r#"{"error":"invalid_token"}"#);
}

#[test]
fn a_type_without_an_entry_takes_the_default_of_its_class() {
    let both = [
        ("DEFAULT_4XX", entry(None, &[], "client $context.error.message")),
        ("DEFAULT_5XX", entry(Some(503), &[], "server")),
    ];
    let too_large = render_with(&both, &Failure::RequestTooLarge);
    assert_eq!((too_large.status().as_u16(), too_large.body().as_str()), (413, "client Request Too Long"));
    let failed = render_with(&both, &Failure::Integration);
    assert_eq!((failed.status().as_u16(), failed.body().as_str()), (503, "server"));
}

#[test]
fn an_entry_of_its_own_wins_over_the_default() {
    let both =
        [("DEFAULT_5XX", entry(Some(503), &[], "default")), ("INTEGRATION_TIMEOUT", entry(None, &[], "own"))];
    let response = render_with(&both, &Failure::IntegrationTimeout);
    assert_eq!((response.status().as_u16(), response.body().as_str()), (504, "own"));
}

fn check(template: &str, expected: &str) {
    let response = render_with(&[("ACCESS_DENIED", entry(None, &[], template))], &denied());
    assert_eq!(response.body(), expected, "{template}");
}

#[test]
fn variables_are_replaced_and_unknown_ones_vanish() {
    check("$context.requestId", "id-1");
    check("[$context.requestId]$context.stage", "[id-1]prod");
    check("$context.error.responseType.", "ACCESS_DENIED.");
    check("<$context.authorizer.empty$context.authorizer.absent$context.what>", "<>");
    check("$contexts ${context.stage} $", "$contexts ${context.stage} $");
    check("$context.$context.stage", "prod");
    check(
        "$context.error.messageString",
        "\"User is not authorized to access this resource with an explicit deny\"",
    );
}
