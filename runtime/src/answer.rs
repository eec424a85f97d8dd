//! Writes an answer in the format of its event.

use http::Response;
use http::header::SET_COOKIE;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use serde::Serialize;

use crate::event::Format;

/// An answer as API Gateway reads it. Its body is text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum LambdaResponse {
    Rest(ApiGatewayProxyResponse),
    Http2(ApiGatewayV2httpResponse),
}

impl LambdaResponse {
    pub(crate) fn new(response: Response<String>, format: Format) -> Self {
        let (parts, body) = response.into_parts();
        let body = Some(Body::Text(body));
        let status = i64::from(parts.status.as_u16());
        match format {
            Format::Rest => {
                // API Gateway merges `headers` and `multiValueHeaders`, so each header is in one of them.
                let mut answer = ApiGatewayProxyResponse::default();
                answer.status_code = status;
                answer.multi_value_headers = parts.headers;
                answer.body = body;
                Self::Rest(answer)
            }
            Format::Http2 => {
                let mut headers = parts.headers;
                let cookies = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
                let cookies = cookies.map(ToOwned::to_owned).collect();
                headers.remove(SET_COOKIE);
                let mut answer = ApiGatewayV2httpResponse::default();
                answer.status_code = status;
                answer.cookies = cookies;
                answer.headers = headers;
                answer.body = body;
                Self::Http2(answer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(format: Format) -> Value {
        let response = Response::builder().status(201).header("content-type", "application/json");
        let response = response.header("set-cookie", "a=1").header("set-cookie", "b=2").body("{}".to_owned());
        serde_json::to_value(LambdaResponse::new(response.unwrap(), format)).unwrap()
    }

    #[test]
    fn a_rest_api_reads_each_header_once_and_every_line_of_it() {
        let headers = json!({ "content-type": ["application/json"], "set-cookie": ["a=1", "b=2"] });
        let expected = json!({
            "statusCode": 201, "headers": {}, "multiValueHeaders": headers, "body": "{}", "isBase64Encoded": false,
        });
        assert_eq!(answer(Format::Rest), expected);
    }

    #[test]
    fn format_2_has_cookies_beside_the_headers() {
        let expected = json!({
            "statusCode": 201, "headers": { "content-type": "application/json" }, "multiValueHeaders": {},
            "cookies": ["a=1", "b=2"], "body": "{}", "isBase64Encoded": false,
        });
        assert_eq!(answer(Format::Http2), expected);
    }
}
