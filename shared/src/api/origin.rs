//! Web origins: scheme, host and port, spelled as browsers spell them.

use http::HeaderValue;
use url::{Host, Url};

/// The web origin whose pages may call the API, or all origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(HeaderValue);

impl AllowedOrigin {
    /// Reads `*`, or an origin. It keeps the origin as browsers send it in `Origin` (RFC 6454 section 6.2): scheme and
    /// host in lower case, an international name in its ASCII form, no default port. Returns `None` if browsers cannot send it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let origin = if text == "*" { text.to_owned() } else { origin(text)? };
        HeaderValue::try_from(origin).ok().map(Self)
    }

    /// Returns whether pages of all origins may call.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }

    /// Returns the value of `Access-Control-Allow-Origin`, which is also the allowed `Origin`.
    #[must_use]
    pub fn as_header(&self) -> &HeaderValue {
        &self.0
    }
}

fn origin(text: &str) -> Option<String> {
    // The library trims, drops line breaks and reads a backslash as a slash, as browsers do with typed addresses.
    let is_out_of_place = |c: char| c.is_whitespace() || c.is_control() || "\\?#@%".contains(c);
    let (scheme, authority) = text.split_once("://")?;
    if text.contains(is_out_of_place) || authority.contains('/') || authority.ends_with(':') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let can_be_reached = url.port() != Some(0) && url.host().is_some_and(|host| is_possible(&host));
    (is_web && can_be_reached).then(|| url.origin().ascii_serialization())
}

/// Checks a DNS name: labels of 1 to 63 bytes, 253 bytes in all (RFC 1035 section 2.3.4).
fn is_possible(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.len() <= 253 && name.split('.').all(is_label),
        // "This network" (RFC 1122 section 3.2.1.3): no page is there.
        Host::Ipv4(address) => address.octets()[0] != 0,
        Host::Ipv6(address) => !address.is_unspecified(),
    }
}

fn is_label(label: &str) -> bool {
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(is_of_a_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, stored: Option<&str>) {
        let origin = AllowedOrigin::parse(text);
        let header = origin.as_ref().map(|origin| origin.as_header().to_str().unwrap());
        assert_eq!(header, stored, "{text:?}");
    }

    #[test]
    fn an_origin_is_kept_as_a_browser_sends_it() {
        for same in [
            "*",
            "https://app.example.com",
            "https://app.example.com:8443",
            "http://localhost:4200",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "https://my_app.example",
        ] {
            check(same, Some(same));
        }
        for (text, stored) in [
            ("HTTPS://App.Example.COM", "https://app.example.com"),
            ("https://app.example.com:443", "https://app.example.com"),
            ("http://app.example.com:80", "http://app.example.com"),
            ("http://app.example.com:443", "http://app.example.com:443"),
            ("https://app.example.com:0443", "https://app.example.com"),
            ("https://B\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("http://[::FFFF:1.2.3.4]", "http://[::ffff:102:304]"),
            ("http://127.1:3000", "http://127.0.0.1:3000"),
        ] {
            check(text, Some(stored));
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for bad in [
            "",
            "null",
            "app.example.com",
            "//app.example.com",
            "https://",
            "https:app.example.com",
            "https:///app.example.com",
            "ftp://app.example.com",
            "file://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?",
            "https://app.example.com#",
            "https://app.example.com\\",
            "https://ada@app.example.com",
            "https://app.example.com:",
            "https://app.example.com:0",
            "https://app.example.com:65536",
            "https://app.example.com:x",
            "https://app.example.com:-1",
            "https://app..example.com",
            "https://.example.com",
            "https://app.example.com.",
            "https://999.1.1.1",
            "https://1.2.3.4.5",
            "https://[::1",
            "https://[::g]",
            "https://0.0.0.0",
            "https://0.1.2.3",
            "https://*.example.com",
            "https://a b",
            " https://app.example.com",
            "https://app.example.com\n",
            "https://app.exa\nmple.com",
            "https://app.example.com,https://b.example",
            "https://%61pp.example.com",
            "https://xn--a",
        ] {
            check(bad, None);
        }
        check(&format!("https://{}.example", "x".repeat(64)), None);
        check(&format!("https://{}example", "x.".repeat(130)), None);
    }
}
