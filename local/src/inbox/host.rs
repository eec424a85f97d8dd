//! Requests that name this machine.
//!
//! A page on the internet can let the name of its own server resolve to 127.0.0.1, and then read local servers as if they
//! were its own (DNS rebinding). Its requests name that server, which shows the difference.

use http::header::HOST;
use http::{HeaderMap, Uri};

/// Returns whether the request names this machine. Any port is accepted: a tunnel from another port is harmless.
pub(super) fn is_this_machine(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let host = host.to_str().is_ok_and(|host| names_this_machine(without_port(host)));
    host && uri.host().is_none_or(names_this_machine)
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

fn names_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ours(uri: &str, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        is_this_machine(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_names_of_this_machine_are_ours() {
        for host in ["127.0.0.1:3000", "127.0.0.1", "localhost:3000", "LocalHost", "[::1]:3000", "[::1]"] {
            assert!(is_ours("/_inbox", &[host]), "{host}");
        }
        for host in [
            "",
            ":3000",
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "evil-localhost",
            "127.0.0.1.evil.example",
            "127.0.0.1:3000:3000",
            "user@127.0.0.1",
            "0.0.0.0:3000",
            "192.168.0.2:3000",
            "localhost.",
        ] {
            assert!(!is_ours("/_inbox", &[host]), "{host}");
        }
    }

    #[test]
    fn there_is_one_host_and_the_request_line_names_no_other() {
        assert!(!is_ours("/_inbox", &[]));
        assert!(!is_ours("/_inbox", &["localhost", "evil.example"]));
        assert!(!is_ours("http://evil.example/_inbox", &["localhost"]));
        assert!(is_ours("http://localhost:3000/_inbox", &["localhost:3000"]));
    }
}
