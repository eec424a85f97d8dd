//! Stories of what gets lost: answers, browsers, and sessions that nobody uses.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::{Seconds, Timestamp};
use tests::{Form, START, TestClock, World, log};

use crate::page::{Page, Person};
use crate::site;

/// Longer than every window in which the service excuses a repetition.
const TEN_HOURS: Seconds = Seconds(36_000);

/// Has the page send its refreshes nowhere, as a network does that breaks off. They are kept for the test to send.
const BREAKS: &str = "
    const send = globalThis.fetch;
    globalThis.lost = [];
    globalThis.fetch = async (url, options) => {
      if (new URL(url).pathname !== '/refresh') return send(url, options);
      globalThis.lost.push(options.body);
      throw new TypeError('the network is down');
    };";

/// Waits until the client has given up for now, and returns what it has sent.
const LOST_FOUR_TIMES: &str = "
    while (globalThis.lost.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    return globalThis.lost;";

/// A browser with a profile that outlives it.
async fn open(page: &Page, profile: &Path) -> Page {
    Page::new(page.with_profile(profile).await)
}

/// How often each outcome of a refresh was logged, as `outcome`.
fn outcome(session_id: &str, outcome: &str) -> u64 {
    log::outcomes(session_id).get(outcome).copied().unwrap_or_default()
}

pub(crate) async fn tokens(page: Page) {
    let profile = tempfile::tempdir().expect("a directory");
    let world = World::start().await;
    let yesterday = open(&page, profile.path()).await;
    yesterday.visit(world.service.base_url()).await;
    yesterday.register(&Person::new()).await;
    yesterday.quit().await;

    let today = open(&page, profile.path()).await;
    today.visit(world.service.base_url()).await;
    today.run(BREAKS, Value::Null).await;
    today.press_button("clear-token").await;
    assert!(!today.check_weather().await);
    let bodies = today.run("return globalThis.lost", Value::Null).await;
    let body = only(&bodies);
    let session_id = today.stored().await["session_id"].as_str().expect("an id").to_owned();
    // The request arrives, and its answer doesn't.
    world.service.post("/refresh", &body, Form::Tokens).await.assert_ok();
    wait_for_disk(profile.path(), body["retry_key"].as_str().expect("a key")).await;
    today.kill().await;

    world.clock.advance(TEN_HOURS);
    let later = open(&page, profile.path()).await;
    later.visit(world.service.base_url()).await;
    assert!(later.is_signed_in().await);
    later.press_button("clear-token").await;
    assert!(later.check_weather().await);
    later.press_button("clear-token").await;
    assert!(later.check_weather().await);
    assert!(later.is_signed_in().await);
    later.quit().await;
    assert_eq!((outcome(&session_id, "proven_replay"), outcome(&session_id, "refresh_token_reused")), (1, 0));
}

pub(crate) async fn cookie(page: Page) {
    let profile = tempfile::tempdir().expect("a directory");
    log::start();
    let (port, clock) = (site::free_port(), TestClock::default());
    let origin = format!("http://127.0.0.1:{port}");
    let server = site::start_at(port, None, Some(origin.clone()), &clock).await;
    let address = format!("{origin}/?transport=cookie");
    let yesterday = open(&page, profile.path()).await;
    yesterday.visit(&address).await;
    yesterday.register(&Person::new()).await;
    yesterday.press_button("clear-token").await;
    assert!(yesterday.check_weather().await);
    let spent = yesterday.run("return document.cookie", Value::Null).await;
    assert!(
        spent.as_str().expect("a text").contains("retry="),
        "{spent}: the page notes that its key is spent"
    );
    yesterday.quit().await;

    let today = open(&page, profile.path()).await;
    let script = json!({ "source": BREAKS });
    today.devtools("Page.addScriptToEvaluateOnNewDocument", &script).await;
    today.open(&address).await;
    let bodies = today.run(LOST_FOUR_TIMES, Value::Null).await;
    let body = only(&bodies);
    let answer = send_with_cookie(&today, &origin, &body).await;
    let session_id = answer["session_id"].as_str().expect("a session").to_owned();
    wait_for_disk(profile.path(), body["retry_key"].as_str().expect("a key")).await;
    today.kill().await;

    clock.advance(TEN_HOURS);
    let later = open(&page, profile.path()).await;
    later.visit(&address).await;
    assert!(later.is_signed_in().await);
    later.press_button("clear-token").await;
    assert!(later.check_weather().await);
    later.reload().await;
    later.until("!find('signed-in').hidden").await;
    later.quit().await;
    assert_eq!((outcome(&session_id, "proven_replay"), outcome(&session_id, "refresh_token_reused")), (1, 0));
    server.shutdown().await;
}

/// Requests that are all the same: one refresh and its repetitions.
fn only(bodies: &Value) -> Value {
    let bodies = bodies.as_array().expect("a list");
    let first = bodies.first().expect("a request");
    assert!(bodies.iter().all(|body| body == first), "{bodies:?}");
    serde_json::from_str(first.as_str().expect("a body")).expect("JSON")
}

/// Sends a request as the browser would, whose answer the browser never gets.
async fn send_with_cookie(page: &Page, origin: &str, body: &Value) -> Value {
    let cookies = page.devtools("Network.getCookies", &json!({ "urls": [origin] })).await;
    let pair = |cookie: &Value| format!("{}={}", text(cookie, "name"), text(cookie, "value"));
    let line: Vec<_> = cookies["cookies"].as_array().expect("a list").iter().map(pair).collect();
    let request = tests::client(origin).post(format!("{origin}/refresh")).header("origin", origin).json(body);
    let answer = request.header("cookie", line.join("; ")).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

/// Waits until the browser has written this text of its localStorage to the disk, which it does some seconds later.
async fn wait_for_disk(profile: &Path, text: &str) {
    let directory = profile.join("Default/Local Storage/leveldb");
    for _ in 0..300 {
        let files = std::fs::read_dir(&directory).expect("localStorage").filter_map(Result::ok);
        let mut contents = files.filter_map(|file| std::fs::read(file.path()).ok());
        if contents.any(|content| content.windows(text.len()).any(|part| part == text.as_bytes())) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("localStorage was not written to the disk within half a minute");
}

fn elapsed_millis(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).expect("a short while")
}

pub(crate) async fn idle(page: Page) {
    let world = World::with(&[("REFRESH_IDLE_SECONDS", "5"), ("ACCESS_TOKEN_SECONDS", "2")]).await;
    let (clock, began) = (world.clock.clone(), Instant::now());
    let ticking = tokio::spawn(async move {
        loop {
            clock.set(Timestamp::from_millis(START.millis() + elapsed_millis(began)));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    page.visit(world.service.base_url()).await;
    page.register(&Person::new()).await;
    let session_id = page.stored().await["session_id"].as_str().expect("an id").to_owned();
    page.until("!find('signed-out').hidden").await;
    assert!(page.text("alert").await.starts_with("Your session expired"));
    ticking.abort();
    assert_eq!(page.requests("/refresh").await, 1, "it has asked once, after the end");
    assert!(log::outcomes(&session_id).keys().all(|outcome| outcome != "rotated"));
}
