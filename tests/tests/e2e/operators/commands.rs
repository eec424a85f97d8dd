//! The line of the log that each command is.

use serde_json::{Value, json};
use tests::{Browser, IDENTITY, World, about, log};

/// The lines about a user whose route is `admin`.
fn lines(user_id: &str) -> Vec<Value> {
    let lines = log::lines_with(user_id).into_iter();
    let lines = lines.filter(|line| line.contains(r#""route":"admin""#));
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

#[tokio::test]
async fn each_command_is_one_line_that_says_who_did_what_to_whom_and_no_secret() {
    let world = World::start().await;
    let operator = world.operator();
    let browser = world.signed_in().await;
    let user_id = browser.tokens().user_id.clone();
    for (command, members, event) in [
        ("show-user", json!({}), "sensitive_read"),
        ("list-sessions", json!({}), "sensitive_read"),
        ("add-role", json!({ "role": "admin" }), "privilege_permissions_changed"),
        ("remove-role", json!({ "role": "admin" }), "privilege_permissions_changed"),
        ("set-roles", json!({ "roles": ["a", "b"] }), "privilege_permissions_changed"),
        ("set-claims", json!({ "claims": { "plan": "pro" } }), "privilege_permissions_changed"),
        ("set-name", json!({ "name": "Ada King" }), "user_updated"),
        ("disable-user", json!({}), "user_archived"),
        ("enable-user", json!({}), "user_updated"),
        ("remove-factors", json!({}), "user_updated"),
        ("reset-link", json!({}), "authn_token_created"),
        ("end-sessions", json!({}), "authn_token_revoked"),
        ("delete-user", json!({}), "user_deleted"),
    ] {
        let answer = operator.run(command, &browser, members).await;
        if let Some(link) = answer["link"].as_str() {
            world.service.keep_secret(link);
        }
        let lines = lines(&user_id);
        let of_command: Vec<_> = lines.iter().filter(|line| line["command"] == command).collect();
        let [line] = of_command[..] else { panic!("{command}: {lines:?}") };
        assert_eq!((&line["event"], &line["outcome"]), (&json!(event), &json!("done")), "{line}");
        assert_eq!(line["operator"], IDENTITY);
        assert!(line["request_id"].as_str().unwrap().len() == 36, "{line}");
        let text = line.to_string();
        assert!(!text.contains('@') && !text.contains("Ada") && !text.contains("#reset"), "{line}");
    }
    let lines = lines(&user_id);
    let roles: Vec<_> = lines.iter().filter(|line| line["command"] == "set-roles").collect();
    assert_eq!((&roles[0]["roles_before"], &roles[0]["roles_after"]), (&json!(""), &json!("a b")));
    let ended =
        lines.iter().filter(|line| line["event"] == "authn_token_revoked" && line["reason"] == "operator");
    assert_eq!(ended.count(), 1, "the session that disabling has ended");
}

#[tokio::test]
async fn a_refused_command_says_which_member_is_wrong_and_why() {
    let world = World::start().await;
    let operator = world.operator();
    let nobody = Browser::at(&world.service).email;
    for command in ["show-user", "disable-user", "delete-user", "end-sessions", "reset-link", "list-sessions"]
    {
        operator.refused(&about(command, &nobody, json!({})), "no_such_user").await;
    }
    let event = about("add-role", &nobody, json!({ "role": "a b" }));
    let text = operator.refused(&event, "invalid_request").await;
    assert!(text.starts_with("role: must be 1 to 64 characters"), "{text}");
    let text = operator.refused(&json!({ "command": "add-role" }), "invalid_request").await;
    assert_eq!(text, "add-role: missing field `role`");
}

#[tokio::test]
async fn what_needs_mail_or_a_page_is_refused_without_them() {
    let world = World::start().await;
    let without = [("MAIL_FROM", ""), ("APP_URL", "")];
    let operator = world.operator_with(&world.database, &without);
    let new = Browser::at(&world.service).email;
    let event = about("create-user", &new, json!({ "invite": true }));
    operator.refused(&event, "not_configured").await;
    let browser = world.signed_in().await;
    operator.refused(&about("reset-link", &browser.email, json!({})), "not_configured").await;
    world.operator().run("disable-user", &browser, json!({})).await;
    world.operator().refused(&about("reset-link", &browser.email, json!({})), "user_disabled").await;
}
