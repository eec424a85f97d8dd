//! API Gateway's limits on a request, except its body.

use http::request::Parts;

/// The maximum length of request line and header values together, in bytes ("Amazon API Gateway quotas").
const LARGEST: usize = 10_240;

/// Returns whether API Gateway would refuse the request for its size.
pub(super) fn are_too_large(parts: &Parts) -> bool {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let line = parts.method.as_str().len() + " ".len() + target + " HTTP/1.1".len();
    let values = parts.headers.values().map(http::HeaderValue::len);
    line + values.sum::<usize>() > LARGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, values: &[usize]) -> Parts {
        let mut request = http::Request::get(uri);
        for length in values {
            request = request.header("x-any", "x".repeat(*length));
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_request_line_and_all_values_count_together() {
        // "GET / HTTP/1.1" has 14 bytes.
        assert!(!are_too_large(&parts("/", &[LARGEST - 14])));
        assert!(are_too_large(&parts("/", &[LARGEST - 13])));
        assert!(are_too_large(&parts("/", &[5_000, 5_000, 227])));
        assert!(are_too_large(&parts(&format!("/?{}", "q".repeat(LARGEST)), &[])));
    }
}
