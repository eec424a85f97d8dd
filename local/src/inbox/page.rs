//! The inbox as a page for people at `/_inbox`, and as JSON for tests at `/_inbox/messages?to=ADDRESS`.
//!
//! This is not part of the stack: on AWS mail is sent. Routes of the template take precedence.

use std::fmt::Write;

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::{Inbox, Message, host};

const PAGE: &str = "/_inbox";
const MESSAGES: &str = "/_inbox/messages";
const STYLE: &str = "/_inbox/style.css";
/// The colours and letters of the page that the inbox is reached from.
const BASE_STYLE: &str = "/page/base.css";

/// The policy: only styles of this origin, no script, no image, no frame around it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Links lead to the application, which must not learn the page that they are on.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Returns whether the inbox answers here.
pub(crate) fn is_at(method: &Method, path: &str) -> bool {
    (method == Method::GET || method == Method::HEAD) && [PAGE, MESSAGES, STYLE].contains(&path)
}

/// Answers a request for the inbox.
pub(crate) fn answer(inbox: &Inbox, request: &Request<Body>) -> Response<Body> {
    if !host::is_this_machine(request.uri(), request.headers()) {
        let text = "The inbox answers at localhost and 127.0.0.1 alone.\n".to_owned();
        return respond(StatusCode::FORBIDDEN, "text/plain; charset=utf-8", text);
    }
    let (media_type, content) = match request.uri().path() {
        MESSAGES => {
            let messages = inbox.to(recipient(request.uri().query()).as_deref());
            ("application/json", serde_json::to_string(&messages).unwrap_or_default())
        }
        STYLE => ("text/css; charset=utf-8", include_str!("style.css").to_owned()),
        _ => ("text/html; charset=utf-8", page(&inbox.to(None))),
    };
    respond(StatusCode::OK, media_type, content)
}

fn recipient(query: Option<&str>) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(name, _)| name == "to").map(|(_, value)| value.into_owned())
}

fn respond(status: StatusCode, media_type: &'static str, content: String) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    response.headers_mut().extend(HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn page(messages: &[Message]) -> String {
    let mut articles = String::new();
    for message in messages {
        let Message { kind, to, subject, text, link, .. } = message;
        let text = linked(text, link.as_deref());
        let (to, subject) = (escape(to), escape(subject));
        let _infallible = write!(
            articles,
            "<article class=\"card\">\n<h2>{subject}</h2>\n<p>To {to} <small>{kind}</small></p>\n<pre>{text}</pre>\n</article>\n"
        );
    }
    if messages.is_empty() {
        articles.push_str("<p>No mail so far. Reload this page to look again.</p>\n");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Inbox</title>\n\
         <link rel=\"stylesheet\" href=\"{BASE_STYLE}\">\n<link rel=\"stylesheet\" href=\"{STYLE}\">\n</head>\n<body>\n\
         <header>\n<h1>Inbox</h1>\n<a href=\"/\">Back to the page</a>\n</header>\n<main>\n{articles}</main>\n</body>\n\
         </html>\n"
    )
}

/// Returns the text as HTML, with the link of the mail as a link.
fn linked(text: &str, link: Option<&str>) -> String {
    let escaped = escape(text);
    let Some(link) = link.filter(|link| link.starts_with("https://") || link.starts_with("http://")) else {
        return escaped;
    };
    let link = escape(link);
    escaped.replace(
        &link,
        &format!("<a href=\"{link}\" target=\"_blank\" rel=\"noopener noreferrer\">{link}</a>"),
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::tests::mail;
    use super::*;
    use http_body_util::BodyExt;
    use shared::Timestamp;

    async fn get(inbox: &Inbox, path: &str, host: &str) -> (StatusCode, String, http::HeaderMap) {
        let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
        let response = answer(inbox, &request);
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap(), headers)
    }

    fn hostile() -> Inbox {
        let inbox = Inbox::default();
        let mut mail = mail(1, "o'neil&co@example.com");
        mail.subject = "<img src=x onerror=alert(1)>".to_owned();
        mail.text = "</pre><script>alert(1)</script>\nhttp://127.0.0.1/#a=\"b'&c\n".to_owned();
        mail.link = Some("http://127.0.0.1/#a=\"b'&c".to_owned());
        inbox.add(&mail, Timestamp::from_seconds(5));
        inbox
    }

    #[tokio::test]
    async fn the_page_escapes_all_that_a_mail_says_and_its_link_can_be_followed() {
        let (status, page, headers) = get(&hostile(), "/_inbox", "127.0.0.1:3000").await;
        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        for expected in [
            "&lt;img src=x onerror=alert(1)&gt;",
            "To o&#39;neil&amp;co@example.com",
            "<pre>&lt;/pre&gt;&lt;script&gt;",
            "<a href=\"http://127.0.0.1/#a=&quot;b&#39;&amp;c\"",
        ] {
            assert!(page.contains(expected), "{expected}:\n{page}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(headers["cache-control"], "no-store");
        // The page loads nothing but its styles.
        let loaded: Vec<_> =
            page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(loaded[..3], ["/page/base.css", "/_inbox/style.css", "/"]);
        assert_eq!(
            get(&hostile(), loaded[1], "localhost").await.2["content-type"],
            "text/css; charset=utf-8"
        );
    }

    #[test]
    fn a_link_that_is_no_web_address_can_not_be_followed() {
        assert_eq!(linked("javascript:alert(1)", Some("javascript:alert(1)")), "javascript:alert(1)");
    }

    #[tokio::test]
    async fn the_messages_are_a_list_by_recipient() {
        let inbox = Inbox::default();
        for (id, to) in [(1, "a+b@example.com"), (2, "c@example.com")] {
            inbox.add(&mail(id, to), Timestamp::from_seconds(5));
        }
        let (_, all, _) = get(&inbox, "/_inbox/messages", "localhost").await;
        let all: Vec<serde_json::Value> = serde_json::from_str(&all).unwrap();
        assert_eq!(all.len(), 2);
        let expected = serde_json::json!({
            "kind": "reset", "to": "c@example.com", "subject": "Reset", "text": "mail 2", "html": "",
            "link": "http://127.0.0.1:3000/#reset=abc", "code": null, "sent_at": 5,
        });
        assert_eq!(all[0], expected);
        let (_, one, _) = get(&inbox, "/_inbox/messages?to=a%2Bb%40example.com", "localhost").await;
        assert!(one.contains("mail 1") && !one.contains("mail 2"), "{one}");
    }

    #[tokio::test]
    async fn another_host_is_refused_everywhere() {
        for path in ["/_inbox", "/_inbox/messages", "/_inbox/style.css"] {
            let (status, body, _) = get(&hostile(), path, "evil.example:3000").await;
            assert_eq!(status, StatusCode::FORBIDDEN);
            assert!(!body.contains("127.0.0.1/#a"), "{body}");
        }
    }

    #[test]
    fn it_is_at_its_own_paths_alone() {
        assert!(is_at(&Method::GET, "/_inbox") && is_at(&Method::HEAD, "/_inbox/messages"));
        assert!(
            !is_at(&Method::POST, "/_inbox") && !is_at(&Method::GET, "/_inbox/") && !is_at(&Method::GET, "/")
        );
    }
}
