//! The changes that API Gateway makes to a function's answer.

use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, SERVER, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, Response};
use rand::Rng;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The headers of an integration that the client gets under another name, because the gateway sets them itself.
const REMAPPED: [HeaderName; 5] = [CONNECTION, CONTENT_LENGTH, DATE, SERVER, WWW_AUTHENTICATE];

/// Renames the headers that a function may not set.
pub(super) fn remap(mut response: Response<String>) -> Response<String> {
    for name in REMAPPED {
        let values: Vec<_> = response.headers().get_all(&name).iter().cloned().collect();
        response.headers_mut().remove(&name);
        let Ok(renamed) = HeaderName::try_from(format!("x-amzn-remapped-{name}")) else {
            continue;
        };
        for value in values {
            response.headers_mut().append(renamed.clone(), value);
        }
    }
    response.headers_mut().remove(TRANSFER_ENCODING);
    response
}

/// Adds the headers of every answer of the gateway.
pub(super) fn seal(mut response: Response<String>, request_id: &str) -> Response<String> {
    let headers = response.headers_mut();
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// Returns a request id of API Gateway's form, a version 4 UUID.
pub(super) fn request_id(rng: &mut impl Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_of_a_function_reaches_the_client_under_another_name() {
        let response = Response::builder()
            .header("www-authenticate", "Bearer")
            .header("cache-control", "no-store")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .body(String::new())
            .expect("a response");
        let response = remap(response);
        assert!(!response.headers().contains_key("www-authenticate"));
        assert_eq!(response.headers()["x-amzn-remapped-www-authenticate"], "Bearer");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn every_answer_has_a_request_id_and_a_content_type() {
        let sealed = seal(Response::new(String::new()), "some-id");
        assert_eq!(sealed.headers()["x-amzn-requestid"], "some-id");
        assert_eq!(sealed.headers()["content-type"], "application/json");
        let html = Response::builder().header("content-type", "text/html").body(String::new());
        assert_eq!(seal(html.expect("a response"), "x").headers()["content-type"], "text/html");
    }
}
