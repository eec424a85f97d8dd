//! Guessing, through the front door: what a client is told, whose attempts are counted together, and for how long.

use serde_json::json;
use shared::Seconds;
use tests::{Answer, Browser, Form, World};

/// A wrong guess by somebody who has never signed in.
async fn guess(world: &World, email: &str) -> Answer {
    let body = json!({ "email": email, "password": "a wrong guess" });
    world.service.post("/login", &body, Form::Tokens).await
}

/// So many wrong guesses.
async fn guesses(world: &World, email: &str, times: usize) {
    for _ in 0..times {
        guess(world, email).await.assert_error("invalid_credentials");
    }
}

#[track_caller]
fn assert_blocked(answer: &Answer, seconds: i64) {
    let sentence = "There were too many attempts to sign in to this account; wait before the next one.";
    answer.assert_error("too_many_attempts").assert_description(sentence);
    assert_eq!(answer.json()["retry_after"], seconds, "{}", answer.whole());
    assert_eq!(answer.header("retry-after"), seconds.to_string(), "{}", answer.whole());
}

#[tokio::test]
async fn a_blocked_client_is_told_how_long_to_wait_in_seconds_rounded_up() {
    let world = World::start().await;
    guesses(&world, "nobody@example.com", 5).await;
    for delay in [1, 2, 4] {
        assert_blocked(&guess(&world, "nobody@example.com").await, delay);
        world.clock.advance_millis(1);
        assert_blocked(&guess(&world, "nobody@example.com").await, delay);
        world.clock.advance_millis(delay * 1000 - 2);
        assert_blocked(&guess(&world, "nobody@example.com").await, 1);
        world.clock.advance_millis(1);
        guesses(&world, "nobody@example.com", 1).await;
    }
    assert_blocked(&guess(&world, "nobody@example.com").await, 8);
}

#[tokio::test]
async fn spellings_of_one_email_share_a_counter_that_no_other_account_uses() {
    let world = World::start().await;
    for email in ["ada@b\u{fc}cher.example", "ADA@B\u{dc}CHER.example", "ada@xn--bcher-kva.example"] {
        guesses(&world, email, 1).await;
    }
    guesses(&world, "Ada@xn--bcher-kva.example", 2).await;
    assert_blocked(&guess(&world, "aDA@b\u{fc}cher.Example").await, 1);
    guesses(&world, "ada+1@b\u{fc}cher.example", 5).await;
    assert_eq!(world.database.attempts().await.len(), 2);
}

async fn failures(world: &World) -> i64 {
    world.database.attempts().await[0].number("failures")
}

#[tokio::test]
async fn a_success_takes_itself_from_the_count_and_nothing_else_does() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    guesses(&world, &browser.email, 4).await;
    assert_eq!(failures(&world).await, 4);
    browser.clone().refresh().await.assert_ok();
    browser.logout().await.assert_ok();
    for _ in 0..3 {
        browser.other_device().login().await.assert_ok();
        assert_eq!(failures(&world).await, 4);
    }
    guesses(&world, &browser.email, 1).await;
    assert_blocked(&browser.other_device().login().await, 1);
    // After the delay the owner has the one attempt. A stranger sees the same delay as after a guess.
    world.clock.advance(Seconds(1));
    browser.other_device().login().await.assert_ok();
    assert_eq!(failures(&world).await, 5);
    assert_blocked(&guess(&world, &browser.email).await, 2);
}

#[tokio::test]
async fn sign_ins_of_the_owner_give_a_stranger_no_more_guesses() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut compared = 0;
    for _ in 0..30 {
        browser.other_device().login().await;
        while guess(&world, &browser.email).await.status == 401 {
            compared += 1;
        }
        world.clock.advance(Seconds(1));
    }
    // At 0, 1, 3, 7 and 15 seconds, as without them; those of the owner take the place of some.
    assert!((5..=9).contains(&compared), "{compared}");
}

#[tokio::test]
async fn an_owner_without_typing_errors_accumulates_nothing() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..20 {
        browser.other_device().login().await.assert_ok();
    }
    assert_eq!(failures(&world).await, 0);
}

#[tokio::test]
async fn failures_are_forgotten_after_their_time_to_live_without_a_sweep() {
    let world = World::start().await;
    guesses(&world, "nobody@example.com", 5).await;
    let row = world.database.attempts().await.remove(0);
    assert_eq!(row.number("expires_at"), world.clock.now().seconds() + 86_400);

    world.clock.advance(Seconds(86_399));
    guesses(&world, "nobody@example.com", 1).await;
    assert_blocked(&guess(&world, "nobody@example.com").await, 2);
    // The last attempt counts, so they are remembered for another day; then the free ones are back.
    world.clock.advance(Seconds(86_400));
    assert_eq!(world.database.attempts().await[0].number("failures"), 6, "nothing has swept the row");
    guesses(&world, "nobody@example.com", 5).await;
    assert_eq!(world.database.attempts().await[0].number("failures"), 5);
    assert_blocked(&guess(&world, "nobody@example.com").await, 1);

    world.clock.advance(Seconds(86_401));
    world.database.sweep(world.clock.now()).await;
    assert_eq!(world.database.attempts().await, []);
}

#[tokio::test]
async fn the_limits_are_settings() {
    let world = World::with(&[
        ("SIGN_IN_FREE_ATTEMPTS", "2"),
        ("SIGN_IN_FIRST_DELAY_SECONDS", "10"),
        ("SIGN_IN_LONGEST_DELAY_SECONDS", "15"),
        ("SIGN_IN_REMEMBER_SECONDS", "3600"),
    ])
    .await;
    guesses(&world, "nobody@example.com", 2).await;
    assert_blocked(&guess(&world, "nobody@example.com").await, 10);
    world.clock.advance(Seconds(10));
    guesses(&world, "nobody@example.com", 1).await;
    assert_blocked(&guess(&world, "nobody@example.com").await, 15);
    world.clock.advance(Seconds(3600));
    guesses(&world, "nobody@example.com", 2).await;
}

#[tokio::test]
async fn an_account_costs_the_requests_of_none_free_blocked_and_after_the_delay() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let mut seen = Vec::new();
    for email in [known.email.as_str(), "nobody@example.com"] {
        let mut of_one = Vec::new();
        for wait in [0, 0, 0, 0, 0, 0, 1000, 1, 2000, 0, 86_400_000] {
            world.clock.advance_millis(wait);
            let answer = guess(&world, email).await;
            let mut requests = world.database.take_requests();
            // The read and the first count are sent at the same time.
            requests.sort();
            of_one.push((answer.status, answer.text, requests.join(" ")));
        }
        seen.push(of_one);
    }
    assert_eq!(seen[0], seen[1]);
    let costs: Vec<_> = seen[0].iter().map(|(status, _, requests)| (*status, requests.as_str())).collect();
    let (one, two) = ("GetItem UpdateItem", "GetItem UpdateItem UpdateItem");
    assert_eq!(costs[..5], [(401, one); 5]);
    assert_eq!(costs[5..], [(429, one), (401, two), (429, one), (401, two), (429, one), (401, two)]);
}

#[tokio::test]
async fn a_password_that_breaks_a_limit_is_no_attempt() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    browser.password = "x".repeat(1025);
    browser.login().await.assert_error("invalid_request");
    assert_eq!(world.database.attempts().await, []);
}
