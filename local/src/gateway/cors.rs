//! The preflight answer, as SAM generates it from the `Cors` block: a mock integration with fixed headers.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderMap, HeaderValue, Response};

use template::Cors;

/// Returns the answer to `OPTIONS` on a path with these methods.
pub(super) fn preflight(cors: &Cors, methods: &[&str]) -> Response<String> {
    let mut response = Response::new("{}\n".to_owned());
    let allow_methods = cors.allow_methods.clone().or_else(|| methods_of_path(methods));
    allow(cors, response.headers_mut());
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, allow_methods),
        (ACCESS_CONTROL_ALLOW_HEADERS, cors.allow_headers.clone()),
        (ACCESS_CONTROL_MAX_AGE, cors.max_age.clone()),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Adds the header that lets scripts of the allowed origin read an answer.
pub(super) fn allow(cors: &Cors, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, cors.allow_origin.clone());
    if cors.allow_credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

fn methods_of_path(methods: &[&str]) -> Option<HeaderValue> {
    let mut all = if methods.contains(&"ANY") {
        vec!["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]
    } else {
        methods.to_vec()
    };
    all.push("OPTIONS");
    all.sort_unstable();
    HeaderValue::from_str(&all.join(",")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> Cors {
        Cors {
            allow_origin: HeaderValue::from_static("https://app.example.com"),
            allow_methods: None,
            allow_headers: None,
            max_age: Some(HeaderValue::from_static("600")),
            allow_credentials: false,
        }
    }

    fn header<'a>(response: &'a Response<String>, name: &str) -> Option<&'a str> {
        response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    #[test]
    fn a_preflight_answer_has_the_headers_of_the_block_and_no_others() {
        let response = preflight(&cors(), &["POST", "GET"]);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().len(), 3);
        assert_eq!(header(&response, "access-control-allow-origin"), Some("https://app.example.com"));
        assert_eq!(header(&response, "access-control-max-age"), Some("600"));
        assert_eq!(header(&response, "access-control-allow-methods"), Some("GET,OPTIONS,POST"));
    }

    #[test]
    fn methods_in_the_block_replace_those_of_the_path() {
        let cors =
            Cors { allow_methods: Some(HeaderValue::from_static("PUT")), allow_credentials: true, ..cors() };
        let response = preflight(&cors, &["ANY"]);
        assert_eq!(header(&response, "access-control-allow-methods"), Some("PUT"));
        assert_eq!(header(&response, "access-control-allow-credentials"), Some("true"));
    }

    #[test]
    fn any_stands_for_every_method() {
        let response = preflight(&cors(), &["ANY"]);
        let methods = header(&response, "access-control-allow-methods");
        assert_eq!(methods, Some("DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"));
    }
}
