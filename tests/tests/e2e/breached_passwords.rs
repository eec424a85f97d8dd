//! Passwords that data breaches have made known: refused wherever one is set, by an API that is told five digits of a hash.

use serde_json::json;
use tests::range_api::{Answers, RangeApi, sha_1};
use tests::{Answer, Browser, Form, World, log, metrics};

/// Good enough for zxcvbn, and known to the API.
const KNOWN: &str = "correct horse battery staple of copper";

const KNOWN_ERROR: &str =
    "has become known in a data breach: choose another one, and change it wherever else you have it.";

/// A service that asks this API, and has patience with a slow machine.
async fn asking(api: &RangeApi, settings: &[(&str, &str)]) -> World {
    let asking = [("BREACHED_PASSWORDS", api.url.as_str()), ("BREACHED_PASSWORDS_SECONDS", "5")];
    World::with(&[&asking[..], settings].concat()).await
}

async fn register(world: &World, email: &str, password: &str) -> Answer {
    world.service.keep_secret(password);
    let body = json!({ "email": email, "password": password, "name": "Ada Lovelace" });
    world.service.post("/register", &body, Form::NewTokens).await
}

fn assert_known(answer: &Answer, field: &str) {
    answer.assert_error("invalid_request").assert_description(&format!("{field} {KNOWN_ERROR}"));
}

#[tokio::test]
async fn a_known_password_is_refused_wherever_one_is_set_and_nothing_changes() {
    let api = RangeApi::start(Answers::Well, &[KNOWN]).await;
    let world = asking(&api, &[]).await;
    assert_known(&register(&world, "ada@example.com", KNOWN).await, "password");
    assert_eq!(world.database.take_requests(), Vec::<String>::new());

    let mut browser = world.signed_in().await;
    let new = Browser::at(&world.service).password;
    assert_known(&browser.change_password(KNOWN).await, "new_password");
    browser.login().await.assert_ok();

    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    assert_known(&browser.reset(&code, KNOWN).await, "new_password");
    browser.refresh().await.assert_ok();
    browser.reset(&code, &new).await.assert_ok();
    browser.login().await.assert_ok();
    let newer = Browser::at(&world.service).password;
    browser.change_password(&newer).await.assert_ok();
}

#[tokio::test]
async fn five_digits_of_a_hash_leave_and_the_log_has_none_of_them() {
    let api = RangeApi::start(Answers::Well, &[]).await;
    let world = asking(&api, &[]).await;
    let browser = world.signed_in().await;
    let digits = sha_1(&browser.password);
    let (asked, rest) = digits.split_at(5);
    let host = api.url.trim_start_matches("http://").trim_end_matches("/range/").to_owned();
    let expected = format!(
        "GET /range/{asked} HTTP/1.1\r\nuser-agent: ratchet\r\nadd-padding: true\r\nhost: {host}\r\n\r\n"
    );
    assert_eq!(api.asked(), [expected]);
    for hidden in [rest, &format!("/range/{asked}"), &format!("\"{asked}\"")] {
        assert_eq!(log::lines_with(hidden), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_sign_in_and_a_password_that_other_rules_refuse_ask_nothing() {
    let api = RangeApi::start(Answers::Well, &[]).await;
    let world = asking(&api, &[]).await;
    let mut browser = world.signed_in().await;
    let before = api.asked().len();
    browser.login().await.assert_ok();
    browser.mistyping().login().await.assert_error("invalid_credentials");
    for weak in ["qwertyuiop", "1q2w3e4r", &browser.email.clone()] {
        register(&world, "ada@example.com", weak).await.assert_error("invalid_request");
        browser.change_password(weak).await.assert_error("invalid_request");
    }
    assert_eq!(api.asked().len(), before);
}

#[tokio::test]
async fn padding_counts_for_nothing() {
    let api = RangeApi::start(Answers::PaddingAlone, &[KNOWN]).await;
    let world = asking(&api, &[]).await;
    register(&world, "ada@example.com", KNOWN).await.assert_ok();
}

#[tokio::test]
async fn without_an_answer_a_password_is_taken_and_the_metrics_and_the_log_have_it() {
    for (number, (answers, why)) in [
        (Answers::Never, "no answer in time"),
        (Answers::Halfway, "no answer in time"),
        (Answers::HangingUp, "no connection, or it broke"),
        (Answers::Raw("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"), "the status is 500"),
        (Answers::Raw("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n"), "the status is 404"),
        (
            Answers::Raw("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"),
            "the answer is not of the form of a range API",
        ),
        (Answers::Raw("SSH-2.0-OpenSSH_10.0\r\n"), "no connection, or it broke"),
        (Answers::Raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), "no answer in time"),
        (Answers::Endlessly, "the answer is longer than any"),
    ]
    .into_iter()
    .enumerate()
    {
        let stack = format!("unanswered-{number}");
        let api = RangeApi::start(answers, &[KNOWN]).await;
        let seconds = if why == "no answer in time" { "1" } else { "5" };
        let settings = [("STACK_NAME", stack.as_str()), ("BREACHED_PASSWORDS_SECONDS", seconds)];
        let world = asking(&api, &settings).await;
        register(&world, "ada@example.com", KNOWN).await.assert_ok();
        assert!(!api.asked().is_empty(), "{answers:?}");
        assert_not_looked_up(&stack, why);
    }
}

/// The line of the metrics of this stack, and one of the log with the reason.
fn assert_not_looked_up(stack: &str, why: &str) {
    let lines = metrics::lines(stack);
    let is_counted = |line: &String| {
        metrics::read(line)
            .iter()
            .any(|((name, _), values)| name == "PasswordsNotLookedUp" && *values == [1.0])
    };
    assert_eq!(lines.iter().filter(|line| is_counted(line)).count(), 1, "{why}: {lines:?}");
    let logged = log::lines_with("BREACHED_PASSWORDS does not answer");
    assert!(logged.iter().any(|line| line.contains(why) && line.contains("WARN")), "{why}: {logged:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = RangeApi::start(Answers::Well, &[KNOWN]).await;
    let to = format!("HTTP/1.1 302 Found\r\nlocation: {}5BAA6\r\ncontent-length: 0\r\n\r\n", elsewhere.url);
    let api = RangeApi::start(Answers::Raw(to.leak()), &[]).await;
    let world = asking(&api, &[("STACK_NAME", "redirected")]).await;
    register(&world, "ada@example.com", KNOWN).await.assert_ok();
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
    assert_not_looked_up("redirected", "the status is 302");
}

#[tokio::test]
async fn where_nobody_listens_or_speaks_tls_a_password_is_taken() {
    let api = RangeApi::start(Answers::Well, &[KNOWN]).await;
    let tls = api.url.replace("http://", "https://");
    for (stack, url) in [("closed", "http://127.0.0.1:1/range"), ("plain", tls.as_str())] {
        let world = World::with(&[("BREACHED_PASSWORDS", url), ("STACK_NAME", stack)]).await;
        register(&world, "ada@example.com", KNOWN).await.assert_ok();
        assert_not_looked_up(stack, "no connection, or it broke");
    }
}

#[tokio::test]
async fn a_taken_and_a_free_address_get_the_same_answers_of_the_same_requests() {
    for settings in [&[][..], &[("REGISTRATION", "verified")]] {
        let api = RangeApi::start(Answers::Well, &[KNOWN]).await;
        let world = asking(&api, settings).await;
        let taken = world.beside(&[]).await.signed_in().await.email;
        world.database.forget_requests();
        let [one, other] = [taken.as_str(), "free@example.com"].map(|email| register(&world, email, KNOWN));
        let (one, other) = (one.await, other.await);
        assert_known(&one, "password");
        assert_eq!((one.status, &one.text), (other.status, &other.text));
        assert_eq!(world.database.take_requests(), Vec::<String>::new(), "neither was looked for");
        assert_eq!(api.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_pending_registration_is_asked_about_once_when_its_password_is_set() {
    let api = RangeApi::start(Answers::Well, &[KNOWN]).await;
    let world = asking(&api, &[("REGISTRATION", "verified")]).await;
    let mut browser = Browser::at(&world.service);
    let half = browser.begin_registration().await;
    let code = browser.mailed("registration").await;
    browser.confirm_registration(&half, &code).await.assert_ok();
    assert_eq!(api.asked().len(), 1);
}

#[tokio::test]
async fn a_known_new_password_costs_no_attempt_and_tells_nothing_of_the_present_one() {
    let api = RangeApi::start(Answers::Well, &[KNOWN]).await;
    let world = asking(&api, &[]).await;
    let mut browser = world.signed_in().await;
    for _ in 0..7 {
        assert_known(&browser.change_password(KNOWN).await, "new_password");
    }
    browser.mistyping().change_password(KNOWN).await.assert_error("invalid_credentials");
    let new = Browser::at(&world.service).password;
    browser.change_password(&new).await.assert_ok();
}
