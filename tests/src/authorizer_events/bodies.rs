//! The events themselves.

use serde_json::{Value, json};

use super::STAGE;

const HOST: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";

/// The gateway hands on the value of one header.
pub(super) fn rest_token(authorization: &[&str]) -> Value {
    let mut event = json!({ "type": "TOKEN", "methodArn": format!("{STAGE}/GET/weather") });
    if !authorization.is_empty() {
        event["authorizationToken"] = authorization.join(",").into();
    }
    event
}

/// The single map has the last of several values.
pub(super) fn rest_request(authorization: &[&str]) -> Value {
    let (mut headers, mut multi) = (json!({ "Host": HOST }), json!({ "Host": [HOST] }));
    if let Some(last) = authorization.last() {
        headers["Authorization"] = json!(last);
        multi["Authorization"] = json!(authorization);
    }
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/GET/weather"),
        "resource": "/weather",
        "path": "/weather",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": multi,
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "httpMethod": "GET",
            "identity": { "sourceIp": "192.0.2.10" },
            "path": "/prod/weather",
            "requestId": "8f14e45f-ceea-467f-9e0c-1b2d3c4e5f60",
            "resourceId": "r1s2t3",
            "resourcePath": "/weather",
            "stage": "prod",
        },
    })
}

/// An HTTP API joins the values of a header with commas.
fn http_headers(authorization: &[&str]) -> Value {
    let mut headers = json!({ "host": HOST });
    if !authorization.is_empty() {
        headers["authorization"] = authorization.join(",").into();
    }
    headers
}

/// `identitySource` and `authorizationToken` repeat what the authorizer's identity sources name, here the header.
pub(super) fn http_api_1(authorization: &[&str]) -> Value {
    let header = authorization.join(",");
    json!({
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/GET/weather"),
        "identitySource": header,
        "authorizationToken": header,
        "resource": "/weather",
        "path": "/prod/weather",
        "httpMethod": "GET",
        "headers": http_headers(authorization),
        "queryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": HOST,
            "httpMethod": "GET",
            "identity": { "sourceIp": "192.0.2.10" },
            "path": "/prod/weather",
            "requestId": "P8zkDiQ8oAMEJsQ=",
            "resourceId": "GET /weather",
            "resourcePath": "/weather",
            "stage": "prod",
        },
    })
}

pub(super) fn http_api_2(authorization: &[&str]) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("{STAGE}/GET/weather"),
        "identitySource": [authorization.join(",")],
        "routeKey": "GET /weather",
        "rawPath": "/prod/weather",
        "rawQueryString": "",
        "headers": http_headers(authorization),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": HOST,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "GET",
                "path": "/prod/weather",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "P8zkDiQ8oAMEJsQ=",
            "routeKey": "GET /weather",
            "stage": "prod",
            "time": "01/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_793_491_200_000_i64,
        },
    })
}

pub(super) fn websocket(header: &str, values: &[&str]) -> Value {
    let (mut headers, mut multi) = (json!({ "Host": HOST }), json!({ "Host": [HOST] }));
    if let Some(last) = values.last() {
        headers[header] = json!(last);
        multi[header] = json!(values);
    }
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/$connect"),
        "headers": headers,
        "multiValueHeaders": multi,
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "stageVariables": {},
        "requestContext": {
            "apiId": "a1b2c3d4e5",
            "connectedAt": 1_793_491_200_000_i64,
            "connectionId": "L0SM9cOFvHcCIhw=",
            "domainName": HOST,
            "eventType": "CONNECT",
            "extendedRequestId": "Lc1QPG3aoAMFQYw=",
            "identity": { "sourceIp": "192.0.2.10" },
            "messageDirection": "IN",
            "requestId": "Lc1QPG3aoAMFQYw=",
            "requestTime": "01/Nov/2026:00:00:00 +0000",
            "requestTimeEpoch": 1_793_491_200_001_i64,
            "routeKey": "$connect",
            "stage": "prod",
        },
    })
}

/// AppSync asks nobody about a request without the header.
pub(super) fn app_sync(authorization: &[&str]) -> Value {
    json!({
        "authorizationToken": authorization.join(","),
        "requestContext": {
            "apiId": "a1b2c3d4e5f6g7h8i9j0k1l2m3",
            "accountId": "123456789012",
            "requestId": "8f14e45f-ceea-467f-9e0c-1b2d3c4e5f60",
            "queryString": "query Weather { weather { date } }",
            "operationName": "Weather",
            "variables": {},
        },
        "requestHeaders": { "host": HOST },
    })
}
