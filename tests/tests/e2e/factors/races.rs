//! Many requests at once.

use serde_json::json;
use tests::World;
use tests::dynamodb::SESSIONS;

use super::sign_in::with_app;
use crate::sign_in::login_function::{LoginFunction, MANY_CONNECTIONS, with_status};

#[tokio::test]
async fn of_two_sign_ins_at_once_with_one_step_or_one_recovery_code_one_succeeds() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    for code in [app.totp(world.clock.now()), app.recovery_code(3)] {
        let before = world.database.rows(SESSIONS).await.len();
        let (mut one, mut two) = (browser.other_device(), browser.other_device());
        let (one, two) = tokio::join!(one.login_with(&code), two.login_with(&code));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{}\n{}", one.whole(), two.whole());
        assert_eq!(world.database.rows(SESSIONS).await.len(), before + 1);
    }
}

#[tokio::test]
async fn two_recovery_codes_at_once_are_both_used() {
    let world = World::start().await;
    let (browser, app) = with_app(&world).await;
    let (codes, mut one, mut two) =
        ([app.recovery_code(0), app.recovery_code(1)], browser.other_device(), browser.other_device());
    let (first, second) = tokio::join!(one.login_with(&codes[0]), two.login_with(&codes[1]));
    first.assert_ok();
    second.assert_ok();
    assert_eq!(browser.factors().await.json()["recovery_codes_left"], 8);
    for code in codes {
        browser.other_device().login_with(&code).await.assert_error("invalid_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_wrong_codes_at_once_are_compared_no_more_often_than_the_lane_allows() {
    let _alone = MANY_CONNECTIONS.lock().await;
    let world = World::start().await;
    let (browser, _) = with_app(&world).await;
    let function = LoginFunction::beside(&world);
    let guess = |number| json!({ "email": browser.email, "password": browser.password, "totp": format!("{number:06}") });
    let answers = function.at_once((0..500).map(guess)).await;
    assert_eq!((with_status(&answers, 401), with_status(&answers, 429)), (5, 495));
    assert_eq!(function.hashes(), 5);
}
