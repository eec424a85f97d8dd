//! The log of all services of this process, at DEBUG, as on Lambda.
//!
//! Every line is searched, as it is written, for signs of a secret. Any test can therefore find a leak, and the one test
//! that checks for it finds the leaks of all.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use shared::log::Level;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How the password of every persona begins.
pub const PASSWORD_MARK: &str = "correct horse battery staple";

/// As many characters of base64url in a row as a refresh token has, or the signature of an access token.
const TOKEN_LENGTH: usize = 86;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// How often each outcome of a refresh was logged for a session.
static OUTCOMES: Mutex<BTreeMap<(String, String), u64>> = Mutex::new(BTreeMap::new());
static ARE_LINES_KEPT: AtomicBool = AtomicBool::new(true);

/// Begins to collect, once for the process, with the filter that `LOG_LEVEL=DEBUG` means.
///
/// # Panics
/// If something else has begun before.
pub fn start() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let targets = "DEBUG".parse::<Level>().expect("a level").targets();
        tracing_subscriber::registry().with(targets).with(shared::log::lines(|| Lines)).init();
        search_panics();
    });
}

/// Searches the message of every panic of the product as if it were a line of the log: the runtime of Lambda writes it there.
/// A failed assertion of a test is not a line of any log, and may state its values.
fn search_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|location| location.file().starts_with("tests/")) {
            note(panic.to_string());
        }
        print(panic);
    }));
}

/// From now on counts outcomes and looks for leaks, but keeps no lines: a long run would fill the memory.
pub fn keep_no_lines() {
    ARE_LINES_KEPT.store(false, Ordering::SeqCst);
}

/// Returns how often each outcome of a refresh of this session was logged.
#[must_use]
pub fn outcomes(session_id: &str) -> BTreeMap<String, u64> {
    let outcomes = OUTCOMES.lock().unwrap_or_else(PoisonError::into_inner);
    let of_session = outcomes.iter().filter(|((session, _), _)| session == session_id);
    of_session.map(|((_, outcome), count)| (outcome.clone(), *count)).collect()
}

/// Returns all lines so far that contain `text`.
#[must_use]
pub fn lines_with(text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(text)).cloned().collect()
}

/// Checks that no line of any test so far looks as if it contained a secret.
///
/// # Panics
/// If one does.
#[track_caller]
pub fn assert_clean() {
    // A copy: the message of a panic is itself a line to search, which needs the list.
    let leaks = LEAKS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(leaks.is_empty(), "secrets in the log:\n{}", leaks.join("\n"));
}

/// Whether a line looks as if it held a token, a password, its hash or a private key.
#[must_use]
pub fn looks_secret(line: &str) -> bool {
    let is_token = |run: &str| run.len() >= TOKEN_LENGTH;
    let not_base64url = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    line.split(not_base64url).any(is_token)
        || [PASSWORD_MARK, "$argon2", "private_key", "PRIVATE KEY"].iter().any(|mark| line.contains(mark))
}

fn count_outcome(line: &str) {
    if member(line, "route") != Some("refresh") {
        return;
    }
    if let (Some(session_id), Some(outcome)) = (member(line, "session_id"), member(line, "outcome")) {
        let mut outcomes = OUTCOMES.lock().unwrap_or_else(PoisonError::into_inner);
        *outcomes.entry((session_id.to_owned(), outcome.to_owned())).or_default() += 1;
    }
}

/// The text that a line of JSON has under this name.
fn member<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = line.split_once(&format!(r#""{name}":""#))?;
    after.split('"').next()
}

fn note(line: String) {
    if looks_secret(&line) {
        LEAKS.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
    }
    count_outcome(&line);
    if ARE_LINES_KEPT.load(Ordering::SeqCst) {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        note(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
