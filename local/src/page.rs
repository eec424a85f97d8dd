//! The web page at `/`, and the browser client that it uses.
//!
//! Not a part of the stack: on AWS a page comes from wherever its owner puts it. Routes of the template win.

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, Response};

/// Path, media type and content. In the binary, so that it runs from any folder.
const FILES: [(&str, &str, &str); 5] = [
    ("/", "text/html; charset=utf-8", include_str!("../../web/index.html")),
    ("/page.css", "text/css; charset=utf-8", include_str!("../../web/page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("../../web/page.js")),
    ("/ratchet.js", "text/javascript; charset=utf-8", include_str!("../../web/ratchet.js")),
    ("/icon.svg", "image/svg+xml", include_str!("../../web/icon.svg")),
];

/// Scripts, styles and requests of this origin and nothing else: no inline script or style, no frame around or in it, and
/// no text that becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// The file at this path, if there is one.
pub(crate) fn answer(method: &Method, path: &str) -> Option<Response<Body>> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    let (_, media_type, content) = FILES.iter().find(|(known, ..)| *known == path)?;
    let mut response = Response::new(Body::from(*content));
    response.headers_mut().extend(HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_what_it_loads_are_there() {
        for path in ["/", "/page.css", "/page.js", "/ratchet.js", "/icon.svg"] {
            let response = answer(&Method::GET, path).expect("a file");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            assert_eq!(response.headers()["cache-control"], "no-cache");
        }
        let (_, _, html) = FILES[0];
        for attribute in ["href=\"", "src=\""] {
            for (loaded, _) in html.split(attribute).skip(1).filter_map(|rest| rest.split_once('"')) {
                assert!(answer(&Method::GET, loaded).is_some(), "{loaded}");
            }
        }
    }

    #[test]
    fn nothing_else_is_served() {
        assert!(answer(&Method::POST, "/").is_none());
        for path in ["/index.html", "/ratchet.d.ts", "/tests/support.js", "/../Cargo.toml", "//", ""] {
            assert!(answer(&Method::GET, path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_page_has_no_inline_script_or_style() {
        let (_, _, html) = FILES[0];
        assert!(!html.contains("<style") && !html.contains(" style="));
        assert!(
            html.split("<script")
                .skip(1)
                .all(|script| script.contains(" src=") && script.contains("></script>"))
        );
        assert!(!html.split_ascii_whitespace().any(|word| word.starts_with("on") && word.contains('=')));
    }
}
