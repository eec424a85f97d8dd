//! The story that the README tells: a session from its registration to its end.

use insta::assert_json_snapshot;
use shared::Seconds;
use tests::{Browser, World};

#[tokio::test]
async fn somebody_registers_signs_in_and_calls_a_protected_route() {
    let mut browser = Browser::signed_in().await;
    browser.weather().await.assert_ok();
    browser.login().await.assert_ok();
    browser.weather().await.assert_ok();
    browser.refresh_with_access_token().await.assert_ok();
    browser.weather().await.assert_ok();
    browser.logout().await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test]
async fn a_session_is_refreshed_and_a_token_that_is_used_again_too_late_ends_it() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    let registered = browser.register().await;
    assert_json_snapshot!(registered.redacted(), @r#"
    {
      "access_token": "<access_token>",
      "device_token": "<device_token>",
      "expires_in": 60,
      "refresh_after": "<70 to 90 % of expires_in>",
      "refresh_expires_in": 604799,
      "refresh_token": "<refresh_token>",
      "server_time": 2524608000,
      "session_id": "<session_id>",
      "token_type": "Bearer",
      "user": {
        "email": "<email>",
        "email_verified": false,
        "id": "<user_id>",
        "name": "Ada Lovelace",
        "roles": []
      }
    }
    "#);
    browser.weather().await.assert_ok();

    world.clock.advance(Seconds(60));
    let expired = browser.weather().await;
    expired.assert_error("invalid_token").assert_description("The access token has expired.");
    assert_eq!(expired.header("is-token-expired"), "true");
    assert_eq!(
        expired.header("www-authenticate"),
        r#"Bearer error="invalid_token", error_description="The access token has expired.""#
    );

    let mut tab = browser.clone();
    let refreshed = browser.refresh_with_access_token().await;
    refreshed.assert_ok();
    assert_eq!(refreshed.redacted()["server_time"], 2_524_608_060_i64);
    assert!(browser.tokens().refresh_token != tab.tokens().refresh_token);
    assert!(browser.tokens().access_token != tab.tokens().access_token);
    assert!(browser.tokens().session_id == tab.tokens().session_id);
    browser.weather().await.assert_ok();

    let mut thief = tab.clone();
    tab.refresh().await.assert_ok();
    assert!(tab.tokens().refresh_token == browser.tokens().refresh_token);

    world.clock.advance(Seconds(601));
    thief.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_error("invalid_grant");
}
