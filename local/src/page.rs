//! The web page at `/` and `/login`, and the browser client that it uses.
//!
//! This is not part of the stack: on AWS the deployer hosts a page. Routes of the template take precedence.

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, Response};

/// A file of `web/`: its path, media type and content. The content is in the binary, so that it runs in any folder.
macro_rules! file {
    ($name:literal, $media_type:literal) => {
        (concat!("/", $name), $media_type, include_str!(concat!("../../web/", $name)))
    };
}

/// A module of `web/`.
macro_rules! module {
    ($name:literal) => {
        file!($name, "text/javascript; charset=utf-8")
    };
}

/// A style sheet of `web/`.
macro_rules! style {
    ($name:literal) => {
        file!($name, "text/css; charset=utf-8")
    };
}

const HTML: (&str, &str) = ("text/html; charset=utf-8", include_str!("../../web/page/index.html"));

/// The page, and the modules of the client that it loads, as built and committed in `web/dist`.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML.0, HTML.1),
    ("/login", HTML.0, HTML.1),
    style!("page/base.css"),
    style!("page/factors.css"),
    style!("page/forms.css"),
    style!("page/parts.css"),
    file!("page/icon.svg", "image/svg+xml"),
    module!("page/account.js"),
    module!("page/actions.js"),
    module!("page/address.js"),
    module!("page/client.js"),
    module!("page/decode.js"),
    module!("page/devices.js"),
    module!("page/dialog.js"),
    module!("page/elements.js"),
    module!("page/factors.js"),
    module!("page/features.js"),
    module!("page/fields.js"),
    module!("page/links.js"),
    module!("page/main.js"),
    module!("page/messages.js"),
    module!("page/passkeys.js"),
    module!("page/proof.js"),
    module!("page/qr.js"),
    module!("page/requests.js"),
    module!("page/sessions.js"),
    module!("page/sign-in.js"),
    module!("page/step-up.js"),
    module!("page/strength.js"),
    module!("page/tabs.js"),
    module!("page/tokens.js"),
    module!("page/uqr.js"),
    module!("page/weather.js"),
    module!("dist/account.js"),
    module!("dist/authorization.js"),
    module!("dist/browser.js"),
    module!("dist/client.js"),
    module!("dist/errors.js"),
    module!("dist/events.js"),
    module!("dist/factors.js"),
    module!("dist/index.js"),
    module!("dist/locks.js"),
    module!("dist/mailed-link.js"),
    module!("dist/options.js"),
    module!("dist/passkeys.js"),
    module!("dist/platform.js"),
    module!("dist/proven.js"),
    module!("dist/refresh.js"),
    module!("dist/requests.js"),
    module!("dist/retry-key.js"),
    module!("dist/service.js"),
    module!("dist/session.js"),
    module!("dist/shared-session.js"),
    module!("dist/siblings.js"),
    module!("dist/sign-in.js"),
    module!("dist/storage.js"),
    module!("dist/waiting.js"),
    module!("dist/webauthn.js"),
];

/// The policy: only scripts, styles and requests of this origin; no inline script or style, no frame around or in it, and
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

/// Returns the file at this path, if there is one.
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
    use std::collections::BTreeSet;

    #[test]
    fn the_page_and_what_it_loads_are_there() {
        for path in ["/", "/login", "/page/base.css", "/page/main.js", "/dist/index.js", "/page/icon.svg"] {
            let response = answer(&Method::GET, path).expect("a file");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            assert_eq!(response.headers()["cache-control"], "no-cache");
        }
        let (_, _, html) = FILES[0];
        // Linked pages are not loaded.
        for tag in html.split('<').filter(|tag| tag.starts_with("link ") || tag.starts_with("script ")) {
            let address = tag.split_once("href=\"").or_else(|| tag.split_once("src=\""));
            let (loaded, _) = address.and_then(|(_, rest)| rest.split_once('"')).expect("an address");
            assert!(answer(&Method::GET, loaded).is_some(), "{loaded}");
        }
    }

    #[test]
    fn every_served_module_is_imported_and_every_import_is_served() {
        let mut imported = BTreeSet::from(["/page/main.js".to_owned()]);
        for (path, _, content) in FILES.iter().filter(|(path, ..)| path.ends_with(".js")) {
            let (folder, _) = path.rsplit_once('/').expect("an absolute path");
            let lines = content.lines().filter(|line| {
                line.starts_with("import ") || line.starts_with("export ") || line.starts_with("} from ")
            });
            let names = lines.filter_map(|line| line.strip_suffix("\";")?.rsplit_once('"'));
            for (_, name) in names.filter(|(_, name)| name.starts_with('.')) {
                let module = name
                    .strip_prefix("../")
                    .map_or_else(|| format!("{folder}{}", &name[1..]), |name| format!("/{name}"));
                assert!(answer(&Method::GET, &module).is_some(), "{path} imports {module}");
                imported.insert(module);
            }
        }
        let served = FILES.iter().map(|(path, ..)| (*path).to_owned()).filter(|path| path.ends_with(".js"));
        assert_eq!(served.collect::<BTreeSet<_>>(), imported);
    }

    #[test]
    fn nothing_else_is_served() {
        assert!(answer(&Method::POST, "/").is_none());
        for path in [
            "/index.html",
            "/page/index.html",
            "/page/",
            "/dist/index.d.ts",
            "/dist/react.js",
            "/tests/support.js",
            "/../Cargo.toml",
            "//",
            "",
        ] {
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
