//! Cases that no event shows: input that is not an event, a panic, invalid settings, an unreachable DynamoDB.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use tests::project;
use tokio::task::JoinSet;

use crate::cases::{self, as_expected_files_have_it};
use crate::report::{Report, timed};
use crate::rie::{self, Emulator, Environment};

/// Functions that need DynamoDB, each with an event that gets there.
const NEED_TABLES: [(&str, &str); 6] = [
    ("login", "login/ok"),
    ("logout", "logout/ok"),
    ("password", "password/ok"),
    ("refresh", "refresh/alone"),
    ("register", "register/ok"),
    ("sessions", "sessions/list"),
];

/// A function, a variable, and a value that it can't start with; none for a variable that is missing.
const BAD_SETTINGS: [(&str, &str, Option<&str>); 20] = [
    ("authorizer", "AUDIENCE", None),
    ("authorizer", "HTTP_API_SIMPLE_RESPONSES", Some("yes")),
    ("authorizer", "ISSUER", Some("two words")),
    ("authorizer", "PUBLIC_KEYS", None),
    ("authorizer", "PUBLIC_KEYS", Some("{}")),
    ("authorizer", "ROUTE_ROLES", Some("GET /admin/**")),
    ("keys", "LOG_LEVEL", Some("TRACE")),
    ("login", "PASSWORD_MEMORY_KIB", Some("much")),
    ("login", "SIGN_IN_ATTEMPTS_TABLE", None),
    ("login", "SIGN_IN_LONGEST_DELAY_SECONDS", Some("0")),
    ("login", "USERS_TABLE", None),
    ("logout", "REFRESH_TOKENS_TABLE", None),
    ("metadata", "PUBLIC_KEYS", None),
    ("password", "PASSWORD_MIN_SCORE", Some("5")),
    ("refresh", "DYNAMODB_ENDPOINT", Some("here")),
    ("refresh", "KEY_SET", Some("{}")),
    ("refresh", "REFRESH_RETRY_SECONDS", Some("601")),
    ("register", "PASSWORD_MIN_LENGTH", Some("7")),
    ("sessions", "REFRESH_TOKENS_TABLE", None),
    ("weather", "ALLOWED_ORIGIN", Some("example.com")),
];

/// All of it, under the emulator `program`.
pub(crate) async fn run(program: &str, report: &mut Report) {
    report.add("input that is no event is an error, and the environment lives", no_event(program)).await;
    report.add("a panic is an error, and the environment lives", panic(program)).await;
    for (function, variable, value) in BAD_SETTINGS {
        let what = value.map_or_else(|| "missing".to_owned(), |value| format!("{value:?}"));
        let name = format!("{function} does not start with {variable} {what}, and says so");
        report.add(&name, bad_setting(program, function, variable, value)).await;
    }
    report.add("refresh does not start without a key set, and says so", no_key_set(program)).await;
    for (function, case) in NEED_TABLES {
        let refused = format!("{function} answers 503 when DynamoDB refuses connections");
        report.add(&refused, unreachable(program, function, case, "http://127.0.0.1:9")).await;
    }
    // These mostly wait, so they wait at the same time.
    let mut waiting = JoinSet::new();
    for (function, case) in NEED_TABLES {
        let program = program.to_owned();
        waiting.spawn(async move { (function, timed(black_hole(&program, function, case)).await) });
    }
    while let Some(waited) = waiting.join_next().await {
        let (function, came) = waited.unwrap_or_else(|error| ("a function", (Err(error.to_string()), 0.0)));
        report.record(&format!("{function} answers 503 in time when DynamoDB never answers"), came);
    }
}

async fn no_event(program: &str) -> Result<(), String> {
    let weather = rie::start(program, "weather", |_| {})?;
    lives_on(&weather, &json!({ "no": "event" }), &event("weather/with_authorizer")?).await
}

/// Built for tests and not for release, since no function of ours is known to panic. Both profiles unwind.
async fn panic(program: &str) -> Result<(), String> {
    let release = project::read("Cargo.toml");
    let release = release.split("[profile.release]").nth(1).unwrap_or_default();
    if !release.contains("\npanic = \"unwind\"") {
        return Err("the release profile does not unwind".to_owned());
    }
    let emulator = Emulator::start(program, &beside_this_program("panics")?, &Environment::new())?;
    let (mut bad, good) = (event("weather/with_authorizer")?, event("weather/with_authorizer")?);
    bad["path"] = json!("/panic");
    bad["requestContext"]["path"] = json!("/prod/panic");
    lives_on(&emulator, &bad, &good).await
}

/// An error for the one event, an answer for the next, from the same process.
async fn lives_on(function: &Emulator, bad: &Value, good: &Value) -> Result<(), String> {
    for (event, is_error) in [(good, false), (bad, true), (good, false), (bad, true), (good, false)] {
        let answer = function.invoke(event).await?;
        if answer["errorType"].is_string() != is_error {
            return Err(format!("{answer}"));
        }
    }
    let starts = function.log().matches("INIT START").count();
    if starts == 1 { Ok(()) } else { Err(format!("it was started {starts} times")) }
}

async fn bad_setting(
    program: &str,
    function: &str,
    variable: &str,
    value: Option<&str>,
) -> Result<(), String> {
    let line = log_of_a_start_that_fails(program, function, |environment| match value {
        Some(value) => _ = environment.insert(variable.to_owned(), value.to_owned()),
        None => _ = environment.remove(variable),
    });
    let line = line.await?;
    let names_it = line["event"] == "bad_setting" && line["variable"] == variable;
    if names_it { Ok(()) } else { Err(format!("the log says {line}")) }
}

async fn no_key_set(program: &str) -> Result<(), String> {
    let without = |environment: &mut Environment| {
        environment.remove("KEY_SET");
        environment.remove("KEY_SET_SECRET");
    };
    let line = log_of_a_start_that_fails(program, "refresh", without).await?;
    if line["variable"] == "KEY_SET_SECRET" { Ok(()) } else { Err(format!("the log says {line}")) }
}

/// The JSON line of level ERROR. The process must end with an exit status that is no success.
async fn log_of_a_start_that_fails(
    program: &str,
    function: &str,
    change: impl FnOnce(&mut Environment),
) -> Result<Value, String> {
    let emulator = rie::start(program, function, change)?;
    let answer = emulator.invoke(&json!({})).await?;
    let log = emulator.log();
    if !answer.is_null() || !log.contains("Runtime exited with error: exit status 1") {
        return Err(format!("it has not ended with exit status 1: {answer} {log}"));
    }
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut errors = lines.filter(|line| line["level"] == "ERROR");
    errors.next().ok_or_else(|| format!("no line of level ERROR: {log}"))
}

async fn black_hole(program: &str, function: &str, case: &str) -> Result<(), String> {
    // Connections are made, since the system does that, but nobody reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    unreachable(program, function, case, &format!("http://{address}")).await
}

/// Twice 503 with `Retry-After`, the second time from a function that runs already, so that its time is the answer's.
async fn unreachable(program: &str, function: &str, case: &str, dynamodb: &str) -> Result<(), String> {
    let emulator = rie::start(program, function, |environment| {
        environment.insert("DYNAMODB_ENDPOINT".to_owned(), dynamodb.to_owned());
    })?;
    let event = event(case)?;
    for _ in 0..2 {
        let start = Instant::now();
        let answer = as_expected_files_have_it(&emulator.invoke(&event).await?)?;
        let seconds = start.elapsed().as_secs_f64();
        let is_right = answer["statusCode"] == 503
            && answer["headers"]["retry-after"].is_string()
            && answer["body"]["error"] == "temporarily_unavailable";
        if !is_right {
            return Err(format!("after {seconds:.1} s: {answer}"));
        }
    }
    Ok(())
}

fn event(case: &str) -> Result<Value, String> {
    let found = cases::of(&[case])?.into_iter().next();
    found.map(|case| case.event).ok_or_else(|| format!("no event {case}"))
}

/// Examples are built into one directory.
fn beside_this_program(name: &str) -> Result<PathBuf, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(this.with_file_name(name))
}
