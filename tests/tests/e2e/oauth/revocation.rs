//! `POST /oauth2/revoke`: a logout in another form, which takes access tokens too.

use shared::Seconds;
use tests::{Form, World, jwt};

use super::ORIGIN;

#[tokio::test]
async fn g5_no_refresh_succeeds_after_a_revocation() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (first, mut tab) = (browser.clone(), browser.other_device());
    tab.login().await.assert_ok();
    browser.refresh_by_form().await.assert_ok();
    world.clock.advance(Seconds(3600));
    browser.refresh().await.assert_ok();
    first.revoke().await.assert_ok();
    browser.refresh_by_form().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
    browser.revoke().await.assert_ok();
    tab.refresh().await.assert_ok();
}

#[tokio::test]
async fn g5_an_access_token_ends_its_session_until_it_expires() {
    let world = World::start().await;
    let (mut browser, mut other) = (world.signed_in().await, world.signed_in().await);
    browser.revoke_token(&browser.tokens().access_token).await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");

    world.clock.advance(Seconds(59));
    let last_second = other.tokens().access_token.clone();
    let mut lives = other.other_device();
    lives.login().await.assert_ok();
    other.revoke_token(&last_second).await.assert_ok();
    other.refresh().await.assert_error("invalid_grant");
    lives.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_expired_access_token_is_answered_alike_and_changes_nothing() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.clock.advance(Seconds(60));
    world.database.forget_requests();
    browser.revoke_token(&browser.tokens().access_token).await.assert_ok();
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_unknown_token_is_answered_alike_and_ends_nothing() {
    let (world, elsewhere) = (World::start().await, World::start().await);
    let (mut browser, stranger) = (world.signed_in().await, elsewhere.signed_in().await);
    let own = browser.tokens().clone();
    let device_token = own.device_token.clone();
    world.database.forget_requests();
    for token in [
        "x",
        "%",
        &"A".repeat(86),
        &stranger.tokens().refresh_token,
        &stranger.tokens().access_token,
        &device_token,
        &jwt::with_flipped_bit(&own.access_token, 0),
        &format!("{} ", own.refresh_token),
        &format!("{},{}", own.refresh_token, own.access_token),
    ] {
        browser.revoke_token(token).await.assert_ok();
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn what_the_client_says_of_the_type_does_not_matter() {
    let world = World::start().await;
    for hint in ["refresh_token", "access_token", "", "something_else"] {
        let (by_refresh, by_access) = (world.signed_in().await, world.signed_in().await);
        for (mut browser, token) in [
            (by_refresh.clone(), &by_refresh.tokens().refresh_token),
            (by_access.clone(), &by_access.tokens().access_token),
        ] {
            let parameters = [("token", token.as_str()), ("token_type_hint", hint)];
            world.service.post_form("/oauth2/revoke", &parameters, Form::Empty).await.assert_ok();
            browser.refresh().await.assert_error("invalid_grant");
        }
    }
}

#[tokio::test]
async fn a_logout_takes_no_access_token() {
    let mut browser = World::start().await.signed_in().await;
    browser.with_refresh_token(&browser.tokens().access_token).logout().await.assert_ok();
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn without_a_token_nothing_ends_and_the_cookie_stays() {
    let world = World::with(&[("ALLOWED_ORIGIN", ORIGIN)]).await;
    let mut browser = world.signed_in().await;
    let cookie = format!("__Host-refresh_token={}", browser.tokens().refresh_token);
    for body in ["", "token=", "token_type_hint=refresh_token"] {
        let request = world.service.request(http::Method::POST, "/oauth2/revoke").body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", ORIGIN).header("cookie", &cookie);
        let answer = world.service.send(request, Form::Empty).await;
        answer.assert_error("invalid_request").assert_description("token is missing.");
        assert_eq!(answer.header("set-cookie"), "");
    }
    browser.refresh().await.assert_ok();
}
