//! Where a refresh takes roles from: the session's row, and not the account. SECURITY.md says what follows.

use serde_json::{Value, json};
use tests::dynamodb::{SESSIONS, USERS};
use tests::{Browser, World, jwt};

async fn write_roles(world: &World, browser: &Browser, roles: &[&str]) {
    let mut account = world.database.user(&browser.email).await.expect("an account");
    let roles: Vec<_> = roles.iter().map(|role| json!({ "S": role })).collect();
    account.0["roles"] = json!({ "L": roles });
    world.database.put(USERS, &account).await;
}

fn roles(browser: &Browser) -> Value {
    jwt::claims(&browser.tokens().access_token).get("roles").cloned().unwrap_or_else(|| json!([]))
}

#[tokio::test]
async fn a_role_taken_from_an_account_works_on_in_its_sessions_until_their_rows_are_deleted() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    write_roles(&world, &browser, &["editor"]).await;
    browser.login().await.assert_ok();
    assert_eq!(roles(&browser), json!(["editor"]));

    write_roles(&world, &browser, &[]).await;
    browser.refresh().await.assert_ok();
    assert_eq!(roles(&browser), json!(["editor"]), "a refresh does not read the account");
    let mut later = browser.clone();
    later.login().await.assert_ok();
    assert_eq!(roles(&later), json!([]));

    for row in world.database.rows(SESSIONS).await {
        let key = json!({ "user_id": row.0["user_id"], "session_id": row.0["session_id"] });
        world.database.call("DeleteItem", &json!({ "TableName": SESSIONS, "Key": key })).await;
    }
    browser.refresh().await.assert_error("invalid_grant");
}
