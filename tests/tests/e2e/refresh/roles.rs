//! Where a refresh takes roles from: the session's row, which a change of the account rewrites, and not the account.

use serde_json::{Value, json};
use tests::dynamodb::USERS;
use tests::{Browser, World, jwt, log};

fn roles(browser: &Browser) -> Value {
    jwt::claims(&browser.tokens().access_token).get("roles").cloned().unwrap_or_else(|| json!([]))
}

#[tokio::test]
async fn a_role_taken_from_an_account_is_gone_from_its_sessions_with_their_next_refresh() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    operator.run("add-role", &browser, json!({ "role": "editor" })).await;
    browser.login().await.assert_ok();
    assert_eq!(roles(&browser), json!(["editor"]));
    operator.run("remove-role", &browser, json!({ "role": "editor" })).await;
    browser.refresh().await.assert_ok();
    assert_eq!(roles(&browser), json!([]));
}

/// What SECURITY.md warns of: a row that is edited by hand has no new version, and no sweep sees it.
#[tokio::test]
async fn a_role_written_into_the_row_of_an_account_reaches_no_session_that_is_there() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut account = world.database.user(&browser.email).await.expect("an account");
    account.0["roles"] = json!({ "L": [{ "S": "editor" }] });
    world.database.put(USERS, &account).await;
    browser.refresh().await.assert_ok();
    assert_eq!(roles(&browser), json!([]), "a refresh does not read the account");
    browser.login().await.assert_ok();
    assert_eq!(roles(&browser), json!(["editor"]));
}

#[tokio::test]
async fn a_text_in_the_row_of_an_account_that_is_no_role_is_ignored_and_logged() {
    const MESSAGE: &str = "a role counts for nothing";
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    for stored in
        [json!({ "L": [{ "S": "editor" }, { "S": "not admin" }] }), json!({ "SS": ["editor", "a,b"] })]
    {
        let mut account = world.database.user(&browser.email).await.expect("an account");
        account.0["roles"] = stored;
        world.database.put(USERS, &account).await;
        // No other test of this suite has such a row, so what is new in the log is of this one.
        let before = log::lines_with(MESSAGE).len();
        browser.login().await.assert_ok();
        assert_eq!(roles(&browser), json!(["editor"]));
        let lines = log::lines_with(MESSAGE);
        let [line] = &lines[before..] else { panic!("one line: {lines:?}") };
        for part in [r#""level":"WARN""#, r#""place":"row""#, "visible ASCII"] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(!line.contains("admin"), "the text may be anything: {line}");
    }
}
