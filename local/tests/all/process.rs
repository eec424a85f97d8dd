//! The binary: its exit codes and messages, its end, and the data that survive it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::blocking::Client;

/// Arguments, and settings of the environment.
pub(super) type Start<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

pub(super) fn command((arguments, settings): Start<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).env_clear().envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Returns the standard error of a failed start.
fn refused(start: Start<'_>) -> String {
    let output = command(start).stderr(Stdio::piped()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(output.stdout.is_empty());
    message
}

/// A running process, killed at the end of the test.
pub(super) struct Running {
    child: Child,
    banner: String,
    url: String,
}

impl Running {
    pub(super) fn new(start: Start<'_>) -> Self {
        let mut child = command(start).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        while !banner.contains("curl") {
            assert_ne!(lines.read_line(&mut banner).unwrap(), 0, "it ended after {banner:?}");
        }
        let url = banner.split_whitespace().nth(1).unwrap().to_owned();
        Self { child, banner, url }
    }

    fn in_directory(path: &Path) -> Self {
        Self::new((&["--port", "0", "--dynamodb-port", "0", "--data-dir", path.to_str().unwrap()], &[]))
    }

    /// Returns the status and body of an answer, or `None` if the process is gone.
    pub(super) fn post(&self, client: &Client, path: &str, body: &str) -> Option<(u16, String)> {
        let request = client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let response = request.body(body.to_owned()).send().ok()?;
        Some((response.status().as_u16(), response.text().ok()?))
    }

    /// To be killed while others talk to it.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end.
    pub(super) fn reap(&mut self) {
        self.child.wait().unwrap();
    }

    /// The refresh token of an answer that is `status`.
    fn token(&self, path: &str, body: &str, status: u16) -> String {
        let (actual, answer) = self.post(&Client::new(), path, body).unwrap();
        assert_eq!(actual, status, "{answer}");
        refresh_token(&answer)
    }
}

/// Sends SIGKILL.
pub(super) fn kill(id: u32) {
    assert!(Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        self.child.wait().unwrap();
    }
}

pub(super) fn refresh_token(answer: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    answer["refresh_token"].as_str().unwrap().to_owned()
}

const REGISTER: &str = r#"{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}"#;
const LOGIN: &str = r#"{"email":"ada@example.com","password":"correct horse battery"}"#;

pub(super) fn refresh_body(token: &str) -> String {
    format!(r#"{{"refresh_token":"{token}"}}"#)
}

#[test]
fn a_taken_port_is_named_in_one_line_with_exit_code_2() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let message = refused((&["--memory", "--port", &port, "--dynamodb-port", "0"], &[]));
    assert!(message.contains(&port) && message.contains("--port"), "{message}");
    let message = refused((&["--memory", "--port", "0", "--dynamodb-port", &port], &[]));
    assert!(message.contains(&port) && message.contains("--dynamodb-port"), "{message}");
}

#[test]
fn a_bad_setting_is_named_in_one_line_with_exit_code_2() {
    let memory = ["--memory", "--port", "0", "--dynamodb-port", "0"];
    for (name, value) in [
        ("ACCESS_TOKEN_SECONDS", "soon"),
        ("REFRESH_RETRY_SECONDS", "601"),
        ("LOG_LEVEL", "TRACE"),
        ("KEY_SET", "{}"),
        ("PUBLIC_KEYS", "[]"),
    ] {
        let message = refused((&memory, &[(name, value)]));
        assert!(message.contains(name), "{name}: {message}");
    }
}

#[test]
fn a_data_directory_that_is_none_is_named_in_one_line_with_exit_code_2() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let message = refused((&["--port", "0", "--dynamodb-port", "0", "--data-dir", path], &[]));
    assert!(message.contains(path), "{message}");
}

#[test]
fn a_damaged_database_is_named_in_one_line_with_exit_code_2() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("dynamodb.sqlite"), "not a database, but text of some length")
        .unwrap();
    let path = directory.path().to_str().unwrap();
    let message = refused((&["--port", "0", "--dynamodb-port", "0", "--data-dir", path], &[]));
    assert!(message.contains("dynamodb.sqlite"), "{message}");
}

#[test]
fn memory_and_a_directory_exclude_each_other() {
    let output = command((&["--memory", "--data-dir", "x"], &[])).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_second_process_on_one_data_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let first = Running::in_directory(directory.path());
    let path = directory.path().to_str().unwrap();
    let message = refused((&["--port", "0", "--dynamodb-port", "0", "--data-dir", path], &[]));
    assert!(message.contains(path) && message.contains("in use"), "{message}");
    first.token("/register", REGISTER, 201);
}

#[test]
fn the_banner_has_the_routes_and_a_setting_of_the_environment_counts() {
    let memory = ["--memory", "--port", "0", "--dynamodb-port", "0"];
    let running = Running::new((&memory, &[("ACCESS_TOKEN_SECONDS", "2")]));
    assert!(running.banner.lines().any(|line| line.contains("/weather") && line.contains("protected")));
    let (status, answer) = running.post(&Client::new(), "/register", REGISTER).unwrap();
    assert_eq!(status, 201, "{answer}");
    assert!(answer.contains(r#""expires_in":2,"#), "{answer}");
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_in_good_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = Running::in_directory(directory.path());
    running.token("/register", REGISTER, 201);
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_was_acknowledged_before_a_sigkill_is_there_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = Running::in_directory(directory.path());
    let mut token = running.token("/register", REGISTER, 201);
    for acknowledged in [1, 7, 20] {
        let signed_in = running.token("/login", LOGIN, 200);
        let signed_out = running.token("/login", LOGIN, 200);
        assert_eq!(running.post(&Client::new(), "/logout", &refresh_body(&signed_out)).unwrap().0, 204);
        let (killed, last) = refresh_until_killed(running, token, acknowledged);
        drop(killed);
        running = Running::in_directory(directory.path());
        running.token("/refresh", &refresh_body(&signed_in), 200);
        assert_eq!(running.post(&Client::new(), "/refresh", &refresh_body(&signed_out)).unwrap().0, 400);
        // The newest token that was handed out either still is the newest, or was superseded by an answer that was
        // lost, which makes this a replay. A lost write would make it unknown, and be refused.
        token = running.token("/refresh", &refresh_body(&last), 200);
    }
}

/// Refreshes in one thread and, after so many answers, kills the process from another while the next are under way.
fn refresh_until_killed(mut running: Running, mut token: String, answers: usize) -> (Running, String) {
    let (tell, told) = std::sync::mpsc::channel();
    let last = std::thread::scope(|scope| {
        let url = running.url.clone();
        let refreshing = scope.spawn(move || {
            let client = Client::new();
            loop {
                let request =
                    client.post(format!("{url}/refresh")).header("content-type", "application/json");
                let Ok(response) = request.body(refresh_body(&token)).send() else {
                    return token;
                };
                assert_eq!(response.status().as_u16(), 200);
                let Ok(answer) = response.text() else {
                    return token;
                };
                token = refresh_token(&answer);
                let _nobody_counts_any_more = tell.send(());
            }
        });
        for _ in 0..answers {
            told.recv().unwrap();
        }
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        refreshing.join().unwrap()
    });
    (running, last)
}

#[test]
fn with_json_logs_standard_output_has_a_line_for_the_request() {
    let arguments = ["--memory", "--port", "0", "--dynamodb-port", "0", "--log-format", "json"];
    let mut child = command((&arguments, &[])).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut banner = String::new();
    while !banner.contains("curl") {
        assert_ne!(lines.read_line(&mut banner).unwrap(), 0, "it ended after {banner:?}");
    }
    let url = banner.split_whitespace().nth(1).unwrap().to_owned();
    let request = Client::new().post(format!("{url}/register")).header("content-type", "application/json");
    assert_eq!(request.body(REGISTER).send().unwrap().status().as_u16(), 201);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    lines.read_to_string(&mut log).unwrap();
    let line = log.lines().find(|line| line.contains("registered")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["route"], "register");
}
