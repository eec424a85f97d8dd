//! URLs that secrets may go to: over TLS, or on this machine.

/// Returns the host of an https URL without a user, query and fragment, or of an http URL of this machine: the secret must
/// not cross a network unencrypted.
pub(crate) fn host(text: &str) -> Option<String> {
    let uri: http::Uri = text.parse().ok().filter(|_| !text.contains(['#', '?', ' ']))?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    let is_own = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let is_safe = match uri.scheme_str()? {
        "https" => true,
        "http" => is_own,
        _ => false,
    };
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    (is_safe && !has_user).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_safe_over_tls_or_on_this_machine() {
        for good in [
            "https://app.example.com",
            "https://app.example.com/account/",
            "http://127.0.0.1:3000/",
            "http://[::1]:3000/",
            "http://localhost",
        ] {
            assert!(host(good).is_some(), "{good}");
        }
        for bad in [
            "http://app.example.com/",
            "http://localhost.example/",
            "https://app.example.com/?x=1",
            "https://app.example.com/#x",
            "ftp://app.example.com/",
            "https://user@app.example.com/",
            "app.example.com",
            "/account",
            "https://",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
