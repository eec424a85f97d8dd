//! Custom claims: in the token after the next refresh, and still one write unit.

use serde_json::json;
use tests::{World, about, jwt};

#[tokio::test]
async fn custom_claims_are_members_of_the_token_after_the_next_refresh() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    let claims = json!({ "plan": "pro", "seats": 5, "org": { "id": "o-1" } });
    operator.run("set-claims", &browser, json!({ "claims": &claims })).await;
    let answer = browser.refresh().await;
    answer.assert_ok();
    let token = jwt::claims(&browser.tokens().access_token);
    assert_eq!(
        (&token["plan"], &token["seats"], &token["org"]["id"]),
        (&json!("pro"), &json!(5), &json!("o-1"))
    );
    assert_eq!(answer.json()["user"]["claims"], claims);
    assert_eq!(browser.me().await.json()["user"]["claims"], claims);
    assert_eq!(browser.own_data().await.json()["account"]["claims"], claims);
    browser.login().await.assert_ok();
    assert_eq!(jwt::claims(&browser.tokens().access_token)["plan"], "pro");
    operator.run("set-claims", &browser, json!({ "claims": {} })).await;
    let answer = browser.refresh().await;
    assert_eq!(answer.json()["user"].get("claims"), None);
    assert_eq!(jwt::claims(&browser.tokens().access_token).get("plan"), None);
}

#[tokio::test]
async fn a_reserved_name_or_too_many_bytes_are_refused_by_name() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let operator = world.operator();
    for claims in [json!({ "sub": "x" }), json!({ "roles": ["admin"] }), json!({ "x": "x".repeat(400) })] {
        let event = about("set-claims", &browser.email, json!({ "claims": claims }));
        let text = operator.refused(&event, "invalid_request").await;
        assert!(text.starts_with("claims: must "), "{text}");
    }
}

/// The user agent is that of Safari on an iPhone: the longest of those that the common browsers send by themselves.
#[tokio::test]
async fn a_refresh_with_400_bytes_of_claims_is_one_request_and_one_write_unit() {
    const USER_AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 \
                              (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1";
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let claims = json!({ "tenant": "x".repeat(400 - 13) });
    assert_eq!(claims.to_string().len(), 400);
    world.operator().run("set-claims", &browser, json!({ "claims": claims })).await;
    for key in ["a".repeat(22), "b".repeat(22), "c".repeat(22)] {
        browser.refresh_with_key(&key).await.assert_ok();
    }
    let row = world.database.session(&browser.tokens().session_id).await.unwrap();
    let size = row.size() + USER_AGENT.len() - row.text("user_agent").len();
    assert!(size < 1024, "{size}");
    world.database.begin_metering();
    world.database.forget_requests();
    browser.refresh().await.assert_ok();
    assert_eq!(world.database.take_requests(), ["UpdateItem"]);
    assert_eq!(world.database.take_units().write, 1.0);
}
