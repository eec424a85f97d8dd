//! Security events in the log, under the names of OWASP's logging vocabulary.

use http::Method;
use serde_json::Value;
use serde_json::json;
use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Browser, Fault, Form, World, log};

/// The lines with this event in which `about` occurs.
fn events(event: &str, about: &str) -> Vec<Value> {
    let lines = log::lines_with(about).into_iter();
    let lines = lines.filter(|line| line.contains(&format!(r#""event":"{event}""#)));
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

/// The one line with this event of the browser's session.
#[track_caller]
fn one(event: &str, browser: &Browser) -> Value {
    let lines = events(event, &browser.tokens().session_id);
    let [line] = &lines[..] else { panic!("{event}: {lines:?}") };
    assert_eq!(line["session_id"], browser.tokens().session_id.as_str(), "{line}");
    assert_eq!(line["user_id"], browser.tokens().user_id.as_str(), "{line}");
    assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    line.clone()
}

#[tokio::test]
async fn a_registration_is_user_created_and_session_created() {
    let browser = World::start().await.signed_in().await;
    assert_eq!(one("user_created", &browser)["outcome"], "registered");
    one("session_created", &browser);
}

#[tokio::test]
async fn a_sign_in_is_authn_login_success_and_session_created() {
    let mut browser = World::start().await.signed_in().await;
    browser.login().await.assert_ok();
    assert_eq!(one("authn_login_success", &browser)["outcome"], "signed_in");
    one("session_created", &browser);
}

#[tokio::test]
async fn a_wrong_password_is_authn_login_fail_and_a_blocked_one_fail_max() {
    let world = World::start().await;
    let mut stranger = world.signed_in().await.other_device().mistyping();
    let count = |event: &str| events(event, "127.0.0.1").len();
    let (failed, blocked) = (count("authn_login_fail"), count("authn_login_fail_max"));
    for _ in 0..5 {
        stranger.login().await.assert_error("invalid_credentials");
    }
    stranger.login().await.assert_error("too_many_attempts");
    // Other tests may write the same at the same time.
    assert!(count("authn_login_fail") >= failed + 5 && count("authn_login_fail_max") > blocked);
    for line in events("authn_login_fail", "").iter().chain(&events("authn_login_fail_max", "")) {
        let is_first_half = line["reason"] == "mfa_required";
        assert_eq!(line["level"], if is_first_half { "INFO" } else { "WARN" }, "{line}");
        assert!(!line.to_string().contains('@'), "{line}");
    }
}

#[tokio::test]
async fn a_right_password_with_a_wrong_code_or_none_is_told_from_a_wrong_password() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.set_totp_up(&json!({}), world.clock.now()).await;
    let wrong = json!({ "totp": "000000" });
    for (members, error, reason) in
        [(json!({}), "mfa_required", "mfa_required"), (wrong.clone(), "invalid_credentials", "wrong_factor")]
    {
        let count = || events("authn_login_fail", &format!(r#""reason":"{reason}""#)).len();
        let before = count();
        browser.other_device().login_with(&members).await.assert_error(error);
        assert!(count() > before, "{reason}");
    }
    browser.remove_totp(&wrong).await.assert_error("invalid_credentials");
    let line = one("authn_password_change_fail", &browser);
    assert_eq!((&line["reason"], &line["level"]), (&"wrong_factor".into(), &"WARN".into()));
}

#[tokio::test]
async fn a_refresh_is_session_renewed() {
    let browser = World::start().await.refreshed(1).await;
    assert_eq!(one("session_renewed", &browser)["outcome"], "rotated");
}

#[tokio::test]
async fn a_superseded_token_is_authn_token_reuse() {
    let world = World::start().await;
    let (browser, mut behind) = world.refreshed_and_behind().await;
    world.clock.advance(Seconds(3600));
    behind.refresh().await.assert_error("invalid_grant");
    let line = one("authn_token_reuse", &browser);
    assert_eq!((&line["level"], &line["reason"]), (&"WARN".into(), &"refresh_token_reused".into()));
}

#[tokio::test]
async fn a_mailed_code_that_does_not_work_is_authz_fail() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    browser.verify(&"A".repeat(43)).await.assert_error("invalid_code");
    let line = one("authz_fail", &browser);
    assert_eq!((&line["level"], &line["reason"]), (&"WARN".into(), &"invalid_code".into()));
}

#[tokio::test]
async fn a_logout_and_an_end_of_sessions_are_authn_token_revoked() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let mut phone = browser.other_device();
    phone.login().await.assert_ok();
    phone.logout().await.assert_ok();
    assert_eq!(one("authn_token_revoked", &phone)["outcome"], "signed_out");
    browser.end_all_sessions().await.assert_ok();
    assert_eq!(one("authn_token_revoked", &browser)["reason"], "ended_by_user");
}

#[tokio::test]
async fn a_session_that_a_restored_table_ends_is_authn_token_revoked() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let past = world.database.session(&browser.tokens().session_id).await.unwrap();
    browser.refresh().await.assert_ok();
    world.database.put(SESSIONS, &past).await;
    browser.refresh().await.assert_error("invalid_grant");
    assert_eq!(one("authn_token_revoked", &browser)["reason"], "row_behind");
}

#[tokio::test]
async fn a_refresh_past_the_end_is_session_expired_or_session_use_after_expire() {
    let world = World::start().await;
    let mut idle = world.signed_in().await;
    let mut ended = world.signed_in().await;
    ended.logout().await.assert_ok();
    ended.refresh().await.assert_error("invalid_grant");
    assert_eq!(one("session_use_after_expire", &ended)["reason"], "signed_out");
    world.clock.advance(Seconds(604_800));
    idle.refresh().await.assert_error("invalid_grant");
    assert_eq!(one("session_expired", &idle)["reason"], "expired");
}

#[tokio::test]
async fn a_new_password_is_authn_password_change_and_a_wrong_one_its_fail() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let new = Browser::at(&world.service).password;
    browser.mistyping().change_password(&new).await.assert_error("invalid_credentials");
    assert_eq!(one("authn_password_change_fail", &browser)["source_ip"], "127.0.0.1");
    let (mut before, phone) = (browser.clone(), {
        let mut phone = browser.other_device();
        phone.login().await.assert_ok();
        phone
    });
    browser.change_password(&new).await.assert_ok();
    assert_eq!(one("authn_password_change", &browser)["outcome"], "changed");
    one("session_created", &browser);
    for ended in [&before, &phone] {
        assert_eq!(one("authn_token_revoked", ended)["reason"], "password_change");
    }
    before.change_password(&new).await.assert_session_over();
    assert_eq!(one("session_use_after_expire", &before)["route"], "password");
}

#[tokio::test]
async fn a_change_of_the_password_is_an_event_though_what_follows_it_fails() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let new = Browser::at(&world.service).password;
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut changing = browser.clone();
    let change = tokio::spawn(async move { changing.change_password(&new).await });
    held.arrived().await;
    world.database.disturb_all("Query", Fault::internal_error());
    drop(held);
    change.await.unwrap().assert_error("temporarily_unavailable");
    let of_user = events("authn_password_change", &browser.tokens().user_id);
    assert_eq!(of_user.len(), 1, "{of_user:?}");
    assert_eq!(one("authn_token_revoked", &browser)["reason"], "password_change");
}

#[tokio::test]
async fn sessions_that_a_newer_sign_in_ends_are_authn_token_revoked() {
    let world = World::with(&[("SESSIONS_PER_USER", "1")]).await;
    let browser = world.signed_in().await;
    world.clock.advance(Seconds(1));
    browser.other_device().login().await.assert_ok();
    assert_eq!(one("authn_token_revoked", &browser)["reason"], "newer_sign_in");
}

#[tokio::test]
async fn a_refused_access_token_is_authz_fail() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let before = events("authz_fail", "expired").len();
    world.clock.advance(Seconds(60));
    browser.weather().await.assert_error("invalid_token");
    assert!(events("authz_fail", "expired").len() > before);
}

#[tokio::test]
async fn a_malformed_request_is_input_validation_fail() {
    let world = World::start().await;
    let count = || events("input_validation_fail", "\"route\":\"sessions\"").len();
    let before = count();
    let browser = world.signed_in().await;
    browser.call(Method::DELETE, "/sessions?x=1", Form::Nothing).await.assert_error("invalid_request");
    assert!(count() > before);
}
