//! A forgotten password.

use serde_json::json;
use shared::Seconds;
use tests::{Browser, Form, World};

use super::new_password;

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_code_of_a_mail_and_signs_nobody_in() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    let (old, new) = (browser.password.clone(), new_password(&browser));
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    browser.reset(&code, &new).await.assert_ok();
    for tab in [&mut browser, &mut other] {
        tab.refresh().await.assert_error("invalid_grant");
    }
    other.password = old;
    other.login().await.assert_error("invalid_credentials");
    let answer = browser.login().await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["email_verified"], true, "who has the code reads the mail");
    let notice = world.service.mail_to(&browser.email, "password_changed").await;
    assert_eq!((notice.code, notice.link), (None, None));
}

#[tokio::test]
async fn a_new_password_that_is_refused_leaves_the_code_as_it_is() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    for weak in ["12345678", &browser.email.clone()] {
        browser.reset(&code, weak).await.assert_error("invalid_request");
    }
    browser.refresh().await.assert_ok();
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_ok();
}

#[tokio::test]
async fn of_two_resets_by_one_code_at_once_one_succeeds() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = (new_password(&browser), new_password(&browser));
    let (a, b) = tokio::join!(one.reset(&code, &first), two.reset(&code, &second));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    let mut winner = if a.status == 204 { one } else { two };
    winner.login().await.assert_ok();
}

#[tokio::test]
async fn a_reset_of_an_unknown_address_is_answered_as_one_of_a_known_is() {
    let world = World::start().await;
    let known = world.signed_in().await;
    let unknown = Browser::at(&world.service);
    let mut seen = Vec::new();
    for browser in [&known, &unknown] {
        world.database.begin_metering();
        world.database.forget_requests();
        let answer = browser.request_reset().await;
        answer.assert_ok();
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        let mut requests = world.database.take_requests();
        requests.sort(); // two are sent at the same time
        let units = format!("{:?}", world.database.take_units());
        seen.push((answer.status, answer.text.clone(), headers, requests, units));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].3.len(), 4, "{:?}", seen[0].3);
    known.mailed("reset").await;
    assert_eq!(world.service.inbox(&unknown.email).await.len(), 0);
}

#[tokio::test]
async fn host_and_its_like_change_no_link() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let body = json!({ "email": browser.email });
    let mut request = world.service.request(http::Method::POST, "/password/reset-request").json(&body);
    for name in ["x-forwarded-host", "x-forwarded-proto", "x-original-host", "forwarded", "origin", "referer"]
    {
        request = request.header(name, "https://evil.example");
    }
    request = request.header("host", "evil.example");
    world.service.send(request, Form::Accepted).await.assert_ok();
    let mail = world.service.mail_to(&browser.email, "reset").await;
    let link = mail.link.unwrap();
    assert!(link.starts_with(&format!("{}/#reset=", world.service.base_url())), "{link}");
    assert!(!format!("{} {} {}", mail.text, mail.html, mail.subject).contains("evil"));
}

#[tokio::test]
async fn a_reset_begun_before_a_change_of_the_password_does_not_undo_it() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.request_reset().await.assert_ok();
    let code = browser.mailed("reset").await;
    let changed = new_password(&browser);
    browser.change_password(&changed).await.assert_ok();
    let new = new_password(&browser);
    browser.reset(&code, &new).await.assert_error("invalid_code");
    browser.login().await.assert_ok();
    world.clock.advance(Seconds(1));
}
