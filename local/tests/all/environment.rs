//! The environment of the binary: proxies, typing errors in the names of settings, values that are not UTF-8.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use reqwest::blocking::Client;

use super::process::{Running, command};

pub(super) const IN_MEMORY: &[&str] = &["--memory", "--port", "0", "--dynamodb-port", "0"];

/// Returns the output of a start that must fail. One that succeeds is ended: it would run on, and the test with it.
fn output(mut command: Command) -> Output {
    let mut server = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut banner = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut banner).unwrap();
    if !banner.is_empty() {
        server.kill().unwrap();
    }
    server.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Nobody listens at the proxy, so requests through it fail.
#[test]
fn no_proxy_of_the_environment_stands_before_the_embedded_dynamodb() {
    let proxy = "http://127.0.0.1:1";
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let server = Running::new((IN_MEMORY, &names.map(|name| (name, proxy))));
    let body = r#"{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}"#;
    let (status, answer) = server.post(&Client::new(), "/register", body).unwrap();
    assert_eq!(status, 201, "{answer}");
}

/// The start ends at another setting, so that it need not be waited for.
#[test]
fn a_name_that_is_nearly_a_setting_is_warned_about_with_the_right_one() {
    let settings =
        [("ACCESS_TOKEN_SECOND", "5"), ("HOME", "/"), ("LOG_FILE", "x"), ("PASSWORD_MIN_SCORE", "9")];
    let said = said(&output(command((IN_MEMORY, &settings))));
    let [warning, error] = said.lines().collect::<Vec<_>>()[..] else { panic!("two lines: {said}") };
    assert!(warning.contains("WARN") && warning.contains("ACCESS_TOKEN_SECOND is no setting"), "{said}");
    assert!(warning.contains("do you mean ACCESS_TOKEN_SECONDS?"), "{said}");
    assert!(error.contains("PASSWORD_MIN_SCORE"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_not_utf_8_stops_the_start_and_is_named() {
    use std::os::unix::ffi::OsStrExt;

    for name in ["ACCESS_TOKEN_SECONDS", "ISSUER", "ALLOWED_ORIGIN", "LOG_LEVEL", "KEY_SET"] {
        let value = std::ffi::OsStr::from_bytes(b"60\xff");
        let mut start = command((IN_MEMORY, &[]));
        start.env(name, value);
        let output = output(start);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(said(&output).contains(name), "{}", said(&output));
    }
}
