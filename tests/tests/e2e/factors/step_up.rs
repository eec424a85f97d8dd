//! A route that asks for a second factor in the session of the access token: RFC 9470.

use serde_json::json;
use shared::Seconds;
use tests::World;

use super::sign_in::with_app;

#[tokio::test]
async fn a_session_with_a_password_alone_is_challenged_and_one_with_a_factor_passes() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let refused = browser.confidential_weather().await;
    refused.assert_error("insufficient_user_authentication");
    let challenge = r#"Bearer error="insufficient_user_authentication", error_description="This needs a sign-in with a second factor.""#;
    let challenges = [refused.header("x-amzn-remapped-www-authenticate"), refused.header("www-authenticate")];
    assert!(challenges.contains(&challenge), "{}", refused.whole());
    browser.refresh().await.assert_ok();
    browser.confidential_weather().await.assert_error("insufficient_user_authentication");
    browser.set_totp_up(&json!({}), world.clock.now()).await;
    browser.confidential_weather().await.assert_ok();
}

#[tokio::test]
async fn a_sign_in_with_a_code_passes_for_as_long_as_its_session_lives() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let mut phone = browser.other_device();
    phone.login_with(&app.totp(world.clock.now())).await.assert_ok();
    phone.confidential_weather().await.assert_ok();
    world.clock.advance(Seconds(59));
    phone.refresh().await.assert_ok();
    world.clock.advance(Seconds(59));
    phone.confidential_weather().await.assert_ok();
}
