//! Codes that do not work, and what holds of all.

use http::Method;
use shared::Seconds;
use tests::{Browser, Form, World};

use super::new_password;

/// Somebody who has asked for a reset, and its code.
async fn asked(world: &World) -> (Browser, String) {
    let browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    (browser, code)
}

#[tokio::test]
async fn a_code_works_once_and_no_longer_than_half_an_hour() {
    for (after, works) in [(1799, true), (1801, false)] {
        let world = World::start().await;
        let (mut browser, code) = asked(&world).await;
        world.clock.advance(Seconds(after));
        let new = new_password(&browser);
        let answer = browser.reset(&code, &new).await;
        if works {
            answer.assert_ok();
            let newer = new_password(&browser);
            browser.reset(&code, &newer).await.assert_error("invalid_code");
            browser.login().await.assert_ok();
        } else {
            answer.assert_error("invalid_code");
        }
    }
}

#[tokio::test]
async fn every_code_that_does_not_work_gets_one_answer() {
    let world = World::start().await;
    let (mut browser, code) = asked(&world).await;
    let (_, of_another_key) = asked(&World::start().await).await;
    let new = new_password(&browser);
    let flipped = format!("{}{}", if code.starts_with('A') { 'B' } else { 'A' }, &code[1..]);
    let cut = code[..42].to_owned();
    let refresh_token = browser.tokens().refresh_token.clone();
    let mut answers = Vec::new();
    for wrong in
        [flipped, cut, format!("{code}A"), of_another_key, refresh_token, String::new(), "x".repeat(43)]
    {
        let answer = browser.reset(&wrong, &new).await;
        answer.assert_error("invalid_code");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let verifying = browser.verify(&code).await;
    verifying.assert_error("invalid_code");
    assert_eq!(verifying.text, answers[0], "a code for something else");
    browser.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn a_text_of_another_form_costs_no_request_and_a_wrong_tag_one_read() {
    let world = World::start().await;
    let (mut browser, code) = asked(&world).await;
    let new = new_password(&browser);
    let wrong_tag = format!("{}{}", &code[..42], if code.ends_with('A') { 'Q' } else { 'A' });
    for (text, requests) in [("x", &[][..]), (wrong_tag.as_str(), &["GetItem"])] {
        world.database.forget_requests();
        browser.reset(text, &new).await.assert_error("invalid_code");
        assert_eq!(world.database.take_requests(), requests);
    }
}

#[tokio::test]
async fn a_get_of_a_link_and_of_the_routes_changes_nothing() {
    let world = World::start().await;
    let (mut browser, code) = asked(&world).await;
    let paths = [
        "/password/reset",
        "/email/verify",
        "/password/reset-request",
        "/email",
        "/email/confirm",
        "/email/undo",
    ];
    for path in paths {
        for method in [Method::GET, Method::HEAD] {
            let path = format!("{path}?token={code}");
            let request = world.service.request(method.clone(), &path);
            let answer = world.service.send(request, Form::Nothing).await;
            assert!(answer.status >= 400, "{method} {path}: {}", answer.status);
        }
    }
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn a_deleted_account_s_code_does_not_work_for_who_registers_the_address_anew() {
    let world = World::start().await;
    let (mut browser, code) = asked(&world).await;
    browser.delete_account().await.assert_ok();
    let mut next = browser.other_device();
    next.register().await.assert_ok();
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_error("invalid_code");
    next.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_change_of_the_name_leaves_codes_as_they_are() {
    let world = World::start().await;
    let (mut browser, code) = asked(&world).await;
    browser.change_name("Ada King").await.assert_ok();
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn without_mail_its_routes_do_not_exist_and_the_others_do() {
    let world = World::without_mail().await;
    let mut browser = world.signed_in().await;
    let new = new_password(&browser);
    browser.request_reset().await.assert_error("not_found").assert_description("There is no such route.");
    browser.reset("x", &new).await.assert_error("not_found");
    browser.request_verification().await.assert_error("not_found");
    browser.verify("x").await.assert_error("not_found");
    browser.request_address("ada@example.org").await.assert_error("not_found");
    browser.confirm_address("x").await.assert_error("not_found");
    browser.undo_address("x").await.assert_error("not_found");
    browser.change_name("Ada King").await.assert_ok();
    browser.own_data().await.assert_ok();
    browser.change_password(&new).await.assert_ok();
    browser.delete_account().await.assert_ok();
    assert!(world.database.rows(tests::dynamodb::CODES).await.is_empty());
}
