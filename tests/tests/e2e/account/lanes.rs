//! How much mail one address gets.

use shared::Seconds;
use tests::{Browser, Fault, World};

use super::new_password;

const DAY: u32 = 24 * 60 * 60;

#[tokio::test]
async fn an_address_gets_one_mail_a_minute_and_five_a_day_known_or_not() {
    let world = World::start().await;
    let known = world.signed_in().await;
    for browser in [&known, &Browser::at(&world.service)] {
        let begun = world.clock.now();
        for _ in 0..5 {
            browser.request_reset().await.assert_ok();
            let answer = browser.request_reset().await;
            answer.assert_error("too_many_mails");
            assert!(answer.json()["retry_after"].as_u64() >= Some(60));
            world.clock.advance(Seconds(60));
        }
        let answer = browser.request_reset().await;
        answer.assert_error("too_many_mails");
        let left = u64::from(DAY) - 300;
        assert!(
            (left - 1..=left).contains(&answer.json()["retry_after"].as_u64().unwrap()),
            "{}",
            answer.text
        );
        world.clock.set(begun + Seconds(DAY));
        browser.request_reset().await.assert_ok();
    }
}

#[tokio::test]
async fn the_last_code_of_a_day_lives_until_the_next_mail_so_a_stranger_denies_nobody_a_reset() {
    let world = World::start().await;
    let mut owner = world.signed_in().await;
    for _ in 0..5 {
        owner.request_reset().await.assert_ok();
        world.clock.advance(Seconds(60));
    }
    let code = owner.mailed("reset").await;
    world.clock.advance(Seconds(20 * 60 * 60));
    owner.request_reset().await.assert_error("too_many_mails");
    let new = new_password(&owner);
    owner.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn a_known_device_has_a_lane_of_its_own() {
    let world = World::start().await;
    let owner = world.signed_in().await;
    for _ in 0..5 {
        owner.request_reset().await.assert_ok();
        world.clock.advance(Seconds(60));
    }
    owner.request_reset().await.assert_error("too_many_mails");
    owner.request_reset_from_device().await.assert_ok();
    // A token of another account, or of an account that is gone, opens none.
    let stranger = Browser::at(&world.service);
    let other = world.signed_in().await;
    let body = serde_json::json!({ "email": owner.email, "device_token": other.tokens().device_token });
    let answer = stranger.service.post("/password/reset-request", &body, tests::Form::Accepted).await;
    answer.assert_error("too_many_mails");
}

#[tokio::test]
async fn all_mail_without_a_session_is_counted_together_and_a_lane_loses_nothing_by_it() {
    let world = World::with(&[("MAILS_PER_MINUTE", "3")]).await;
    let browsers: Vec<_> = (0..4).map(|_| Browser::at(&world.service)).collect();
    for browser in &browsers[..3] {
        browser.request_reset().await.assert_ok();
    }
    for _ in 0..7 {
        let answer = browsers[3].request_reset().await;
        answer.assert_error("too_many_mails");
        world.clock.advance_millis(100);
    }
    world.clock.advance(Seconds(60));
    browsers[3].request_reset().await.assert_ok();
    // With a session it is not counted among all.
    let mut known = Browser::at(&world.service);
    known.register().await.assert_ok();
    browsers[0].request_reset().await.assert_ok();
    browsers[1].request_reset().await.assert_error("too_many_mails");
    known.request_verification().await.assert_ok();
}

#[tokio::test]
async fn a_registration_whose_mail_is_too_many_among_all_leaves_its_lane_as_it_was() {
    let world = World::with(&[("MAILS_PER_MINUTE", "1"), ("MAILS_PER_DAY", "1")]).await;
    Browser::at(&world.service).register().await.assert_ok();
    let browser = world.signed_in().await;
    assert!(world.service.inbox(&browser.email).await.is_empty());
    browser.delete_account().await.assert_ok();
    world.clock.advance(Seconds(60));
    let mut anew = browser.other_device();
    anew.register().await.assert_ok();
    anew.prove_address().await;
}

#[tokio::test]
async fn a_known_device_is_not_counted_among_strangers() {
    let world = World::with(&[("MAILS_PER_MINUTE", "2")]).await;
    let owner = world.signed_in().await;
    Browser::at(&world.service).request_reset().await.assert_ok();
    let answer = Browser::at(&world.service).request_reset().await;
    answer.assert_error("too_many_mails");
    assert!(answer.json()["retry_after"].as_u64() >= Some(60), "the lane lets nothing through before");
    owner.request_reset_from_device().await.assert_ok();
    owner.mailed("reset").await;
}

#[tokio::test]
async fn the_last_mail_of_a_day_is_not_lost_to_a_failure() {
    let world = World::with(&[("MAILS_PER_DAY", "1"), ("MAIL_INTERVAL_SECONDS", "1")]).await;
    let mut owner = world.signed_in().await;
    for operation in ["GetItem", "PutItem", "UpdateItem"] {
        world.database.disturb_all(operation, Fault::internal_error());
        owner.request_reset().await.assert_error("temporarily_unavailable");
        world.database.heal();
        world.clock.advance(Seconds(1));
    }
    owner.request_reset().await.assert_ok();
    let (code, new) = (owner.mailed("reset").await, new_password(&owner));
    owner.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn a_request_for_an_address_that_fails_takes_no_mail_from_the_day_of_its_user() {
    let world = World::with(&[("MAILS_PER_DAY", "1"), ("MAIL_INTERVAL_SECONDS", "1")]).await;
    let browser = world.signed_in().await;
    let new_email = Browser::at(&world.service).email;
    world.database.disturb_all("PutItem", Fault::internal_error());
    browser.request_address(&new_email).await.assert_error("temporarily_unavailable");
    world.database.heal();
    world.clock.advance(Seconds(1));
    browser.request_address(&new_email).await.assert_ok();
}

#[tokio::test]
async fn a_registration_that_fails_takes_no_mail_from_the_day_of_its_address() {
    let world = World::with(&[("MAILS_PER_DAY", "1"), ("MAIL_INTERVAL_SECONDS", "1")]).await;
    let mut browser = Browser::at(&world.service);
    world.database.disturb_all("TransactWriteItems", Fault::internal_error());
    browser.register().await.assert_error("temporarily_unavailable");
    world.database.heal();
    world.clock.advance(Seconds(1));
    browser.register().await.assert_ok();
    browser.prove_address().await;
}

#[tokio::test]
async fn a_registration_of_a_taken_address_takes_no_mail_from_its_day() {
    let world = World::with(&[("MAILS_PER_DAY", "2"), ("MAIL_INTERVAL_SECONDS", "1")]).await;
    let browser = world.signed_in().await;
    let mut anew = browser.other_device();
    world.clock.advance(Seconds(1));
    anew.register().await.assert_error("email_taken");
    browser.delete_account().await.assert_ok();
    world.clock.advance(Seconds(1));
    anew.register().await.assert_ok();
    anew.prove_address().await;
}

#[tokio::test]
async fn accounts_at_an_unproven_address_send_it_no_more_mail_than_its_lane_allows() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for _ in 0..3 {
        let new = new_password(&browser);
        browser.change_password(&new).await.assert_ok();
        browser.delete_account().await.assert_ok();
        browser = browser.other_device();
        browser.register().await.assert_ok();
    }
    let mails = world.service.inbox(&browser.email).await;
    assert_eq!(mails.iter().map(|mail| mail.kind.as_str()).collect::<Vec<_>>(), ["verify"]);
}

#[tokio::test]
async fn of_fifty_requests_at_once_one_is_mailed() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let browser = browser.clone();
        requests.spawn(async move { browser.request_reset().await.status });
    }
    let statuses = requests.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    browser.mailed("reset").await;
    let mails = world.service.inbox(&browser.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.kind == "reset").count(), 1);
}

#[tokio::test]
async fn mails_and_sign_ins_are_counted_apart() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for _ in 0..5 {
        browser.mistyping().other_device().login().await.assert_error("invalid_credentials");
    }
    browser.other_device().login().await.assert_error("too_many_attempts");
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_ok();
}
